package caller

import (
	"errors"
	"fmt"
	"io"
)

// maxWhole bounds an answer that is not streamed, in bytes.
const maxWhole = 64 << 20

// Read reads the body of a response of status 200 to its end, and hands its pieces to take. It
// returns nil at a clean end. An error in the answer is an *Error. Events after the terminal mark
// are ignored.
func (c *Client) Read(body io.Reader, stream bool, take func(Piece)) error {
	wire := c.wire()
	if !stream {
		data, err := io.ReadAll(io.LimitReader(body, maxWhole))
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return wire.answer(data, take)
	}
	marked := false
	note := func(p Piece) {
		marked = marked || p.Kind == Mark
		take(p)
	}
	for events := newEvents(body); ; {
		ev, err := events.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && !marked {
			err = wire.event(ev, note)
		}
		if err != nil {
			return err
		}
	}
}
