package caller

import (
	"errors"
	"fmt"
	"io"

	"github.com/chaosrun/chaosrun/harness"
)

// maxWhole bounds an answer that is not streamed, in bytes.
const maxWhole = 64 << 20

// Read reads the body of a response of status 200 to its end, and hands its pieces to take. It
// returns nil at a clean end. An error in the answer is an *Error. Events after the terminal mark
// are ignored.
func (c *Client) Read(body io.Reader, stream bool, take func(Piece)) error {
	return c.read(body, stream, take, func(harness.Delta) {})
}

// read is Read. see is given the heartbeats, the frames and the terminal mark of a stream.
func (c *Client) read(body io.Reader, stream bool, take func(Piece), see func(harness.Delta)) error {
	wire := c.wire()
	if !stream {
		data, err := io.ReadAll(io.LimitReader(body, maxWhole))
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return wire.answer(data, take)
	}
	marked := false
	frames := frames{see: see}
	_, frames.finishMarks = wire.(*geminiWire)
	events := newEvents(body)
	events.comment = frames.comment
	for {
		ev, err := events.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		frames.begin(ev)
		if !marked {
			err = wire.event(ev, func(p Piece) {
				marked = marked || p.Kind == Mark
				frames.said(p)
				take(p)
			})
		}
		frames.end()
		if err != nil {
			return err
		}
	}
}
