package failover

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"google.golang.org/genai"
)

// geminiTransport wraps the connection of go-genai. It hides the errors that the SDK would print
// into the program's log.
type geminiTransport struct {
	next http.RoundTripper
	// anonymous requests carry no key, although the SDK insists on one.
	anonymous, asIs bool
}

var _ http.RoundTripper = geminiTransport{}

// geminiBodyKey is the context key of the geminiBody that reads the response.
type geminiBodyKey struct{}

// RoundTrip sends one request.
func (t geminiTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.anonymous {
		req = req.Clone(req.Context())
		req.Header.Del("X-Goog-Api-Key")
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err //nolint:wrapcheck // a transport hands errors on as they are
	}
	body, ok := req.Context().Value(geminiBodyKey{}).(*geminiBody)
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if ok && res.StatusCode < http.StatusMultipleChoices {
		*body = geminiBody{ReadCloser: res.Body, whole: t.asIs || media != "text/event-stream", keep: body.keep}
		res.Body = body
	}
	return res, nil
}

// A geminiBody rewrites the body of an answer so that go-genai can read it. From a stream it drops
// comments, which the SDK reads as errors, the fields event, id and retry, and blank lines before
// an event. It joins data of several lines. A connection error reads as the end of the body,
// because the SDK would print it; cause returns it. It is not safe for concurrent use.
type geminiBody struct {
	io.ReadCloser
	whole bool // it is no stream, or is to stay as it is
	some  bool // a byte has come
	keep  bool // it is a whole answer
	all   []byte
	err   error

	line  []byte // the beginning of a line, too short to say what it is
	skip  bool   // the line is dropped
	open  bool   // the line is passed on
	block bool   // the block has a line that was passed on
	data  bool   // the first of them is one of data
	out   []byte
}

// Read reads the bytes that are passed on.
func (b *geminiBody) Read(p []byte) (int, error) {
	in := make([]byte, len(p))
	for len(b.out) == 0 && b.err == nil && len(p) > 0 {
		n, err := b.ReadCloser.Read(in)
		b.some = b.some || n > 0
		if b.keep {
			b.all = append(b.all, in[:n]...)
		}
		b.take(in[:n])
		if err != nil {
			b.err = err
			b.out = append(b.out, b.line...)
			b.line = nil
		}
	}
	if n := copy(p, b.out); n > 0 || len(p) == 0 {
		b.out = b.out[n:]
		return n, nil
	}
	return 0, io.EOF
}

// take sorts bytes into those that are passed on and those that are dropped.
func (b *geminiBody) take(data []byte) {
	if b.whole {
		b.out = append(b.out, data...)
		return
	}
	for _, c := range data {
		switch {
		case b.skip:
			b.skip = c != '\n'
		case b.open:
			b.out = append(b.out, c)
			b.open = c != '\n'
		default:
			b.line = append(b.line, c)
			b.begin()
		}
	}
}

// begin decides about a line as soon as its beginning is enough.
func (b *geminiBody) begin() {
	ended := b.line[len(b.line)-1] == '\n'
	blank := len(bytes.Trim(b.line, "\r\n")) == 0
	switch {
	case blank && !ended:
		return // the half of CRLF
	case blank && !b.block:
		b.line = b.line[:0]
		return
	case blank:
		b.block, b.data = false, false
	case isPassedOver(b.line):
		b.skip, b.line = !ended, b.line[:0]
		return
	case bytes.HasPrefix(b.line, []byte(dataLine)):
		if b.block && b.data {
			// the SDK would take the word for JSON; a line that is blank would end the block
			b.line = append([]byte(" "), b.line[len(dataLine):]...)
		}
		b.data = b.data || !b.block
		b.block, b.open = true, !ended
	case !ended && undecided(b.line):
		return
	default:
		b.data = b.data && b.block
		b.block, b.open = true, !ended
	}
	b.out = append(b.out, b.line...)
	b.line = b.line[:0]
}

// passedOver returns the beginnings of the lines that are dropped.
func passedOver() []string { return []string{":", "event:", "id:", "retry:"} }

func isPassedOver(line []byte) bool {
	for _, prefix := range passedOver() {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return true
		}
	}
	return false
}

// dataLine is the beginning of a line of data.
const dataLine = "data:"

// undecided reports that a line is too short to decide whether it is dropped or holds data.
func undecided(line []byte) bool {
	for _, prefix := range append(passedOver(), dataLine) {
		if len(line) < len(prefix) && prefix[:len(line)] == string(line) {
			return true
		}
	}
	return false
}

// connectionError returns the connection's error, or nil at the end of the body.
func (b *geminiBody) connectionError() error {
	if errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}

// cause returns why a stream ended, given the SDK's own error. An incomplete last event means only
// that the body ended too early.
func (b *geminiBody) cause(err error) error {
	var syntax *json.SyntaxError
	cut := errors.As(err, &syntax) && b.err != nil && b.block && len(b.out) == 0
	if lost := b.connectionError(); lost != nil || cut {
		return lost
	}
	if _, reported := errors.AsType[genai.APIError](err); err != nil && b.some && !reported {
		return fmt.Errorf("%w: %w", errParse, err)
	}
	return err
}

// causeOfAll is cause for an answer that is not streamed. It rejects an empty body and a body with
// an error, which the SDK accepts.
func (b *geminiBody) causeOfAll(err error) error {
	switch lost, object := b.connectionError(), errorOf(b.all); {
	case lost != nil:
		return lost
	case err == nil && !b.some:
		return io.ErrUnexpectedEOF
	case err == nil && len(object) > 0 && string(object) != "null":
		return &providerError{object}
	}
	return err
}
