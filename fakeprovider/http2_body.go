package fakeprovider

import "io"

// requestBody reads a stream's request.
type requestBody struct{ s *http2Stream }

// Read waits for a piece and returns its bytes to the client's windows.
func (b requestBody) Read(p []byte) (n int, err error) {
	s := b.s
	ended := false
	arrived := func() bool {
		n, _ = s.body.Read(p) // io.EOF is for an empty buffer
		ended = s.bodyEnded && s.body.Len() == 0
		return n > 0 || ended || len(p) == 0
	}
	if err := s.await(reading, arrived); err != nil {
		return 0, err
	}
	if n == 0 && ended {
		return 0, io.EOF
	}
	room := uint32(n) //nolint:gosec // a window has 64 KiB
	return n, s.c.write(func() error {
		if err := s.c.framer.WriteWindowUpdate(0, room); err != nil || ended {
			return err //nolint:wrapcheck // the connection's own
		}
		return s.c.framer.WriteWindowUpdate(s.id, room) //nolint:wrapcheck // likewise
	})
}

// Close leaves the rest unread.
func (requestBody) Close() error { return nil }
