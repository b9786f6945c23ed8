package fakeprovider

import (
	"bytes"
	"fmt"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A Framing is how a response is written on a connection: what a head is, and how the pieces of the body are marked off.
// It belongs to one exchange.
type Framing interface {
	// Head is everything up to the empty line that ends the headers.
	Head(status int, h http.Header) []byte
	// Piece is a piece of the body, which is sent by itself.
	Piece(b []byte) []byte
	// End is what comes after the last piece where the response ends in good order.
	End() []byte
}

// A longHead is a Framing whose head may be too long to be held in memory; it writes it piece by piece.
type LongHead interface {
	WriteHead(write func([]byte) error, status int, h http.Header) error
}

// Chunked is HTTP/1.1 with chunks, as net/http writes it.
type Chunked struct{}

// Plain is HTTP/1.1 with a body that stands as it is: as long as Content-Length says, or until the connection ends.
type Plain struct{}

var (
	_ Framing = Chunked{}
	_ Framing = Plain{}
)

// Head announces chunks.
func (Chunked) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Transfer-Encoding": {"chunked"}, "Content-Length": {""}})
	return HeadBytes("HTTP/1.1", status, h)
}

// Piece is one chunk.
func (Chunked) Piece(b []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b) }

// End is the chunk of length 0.
func (Chunked) End() []byte { return []byte("0\r\n\r\n") }

// Head is the head as it stands.
func (Plain) Head(status int, h http.Header) []byte { return HeadBytes("HTTP/1.1", status, h) }

// Piece is the piece.
func (Plain) Piece(b []byte) []byte { return b }

// End is nothing.
func (Plain) End() []byte { return nil }

// headBytes is a head as net/http writes it: headers in the order of their names.
func HeadBytes(version string, status int, h http.Header) []byte {
	var b bytes.Buffer
	reason := http.StatusText(status)
	if reason == "" {
		reason = fmt.Sprintf("status code %d", status)
	}
	fmt.Fprintf(&b, "%s %03d %s\r\n", version, status, reason)
	for _, name := range slices.SortedFunc(maps.Keys(h), strings.Compare) {
		for _, value := range h[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// headerValue is the first value of a header in whatever case.
func headerValue(h http.Header, name string) string {
	for known, values := range h {
		if strings.EqualFold(known, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}
