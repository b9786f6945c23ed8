package fakeprovider

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// A Framing writes a response on a connection: its head, and the marks between the pieces of its
// body. It belongs to one exchange.
type Framing interface {
	// Head returns everything up to the empty line that ends the headers.
	Head(status int, h http.Header) []byte
	// Piece returns a piece of the body, framed. The bytes are sent by themselves.
	Piece(b []byte) []byte
	// End returns what follows the last piece of a response that ends in good order.
	End() []byte
}

// A LongHead is a Framing whose head may be too long for memory. It writes the head piece by
// piece.
type LongHead interface {
	WriteHead(write func([]byte) error, status int, h http.Header) error
}

// Chunked is HTTP/1.1 with chunks, as net/http writes it.
type Chunked struct{}

// Plain is HTTP/1.1 with an unframed body, which ends by its Content-Length or with the
// connection.
type Plain struct{}

var (
	_ Framing = Chunked{}
	_ Framing = Plain{}
)

// Head returns a head that announces chunks.
func (Chunked) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Transfer-Encoding": {"chunked"}, "Content-Length": {""}})
	return HeadBytes("HTTP/1.1", status, h)
}

// Piece returns one chunk.
func (Chunked) Piece(b []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b) }

// End returns the chunk of length 0.
func (Chunked) End() []byte { return []byte("0\r\n\r\n") }

// Head returns the head.
func (Plain) Head(status int, h http.Header) []byte { return HeadBytes("HTTP/1.1", status, h) }

// Piece returns b.
func (Plain) Piece(b []byte) []byte { return b }

// End returns nil.
func (Plain) End() []byte { return nil }

// HeadBytes returns a head as net/http writes it, with the headers sorted by name.
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

// headerValue returns the first value of a header, whatever the case of its name.
func headerValue(h http.Header, name string) string {
	for known, values := range h {
		if strings.EqualFold(known, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}
