package protocol

import (
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// geminiForm is how a response is written.
type geminiForm uint8

const (
	geminiWhole geminiForm = iota
	geminiSSE
	geminiArray
)

// geminiHeartbeat is a comment. Google sends no heartbeats. Services in front of it do, and
// go-genai takes a comment for an error. Only white space keeps a JSON array open.
const (
	geminiHeartbeat      = ": keep-alive\r\n\r\n"
	geminiArrayHeartbeat = "\r\n"
)

// geminiEvent returns an event whose lines end in CRLF.
func geminiEvent(data []byte) []byte {
	return append(append([]byte("data: "), data...), "\r\n\r\n"...)
}

// element returns the next element of the array.
func (e *geminiEncoder) element(data []byte) []byte {
	before := "\r\n,\r\n"
	if !e.open {
		before, e.open = "[", true
	}
	return append([]byte(before), data...)
}

// end closes the array. The other forms end with the connection.
func (e *geminiEncoder) end() []byte {
	if e.form != geminiArray || e.closed {
		return nil
	}
	e.closed = true
	if !e.open {
		return []byte("[]")
	}
	return []byte("\r\n]")
}

func (e *geminiEncoder) beat(f fakeprovider.Frame) []byte {
	switch {
	case e.form == geminiArray:
		return []byte(geminiArrayHeartbeat)
	case e.form == geminiWhole:
		return nil
	case f.Kind == fakeprovider.FrameHeartbeat:
		return []byte(geminiHeartbeat)
	}
	return sse.CRLF(sse.Comment(f.Text))
}
