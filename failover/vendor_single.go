package failover

// single is the stream of a response that is not streamed: one event, or an error.
type single struct {
	one  event
	more bool
	err  error
}

var _ stream = (*single)(nil)

// Next advances to the one event.
func (s *single) Next() bool {
	more := s.more
	s.more = false
	return more
}

func (s *single) event() event { return s.one }

// Err returns why there is no event, or nil.
func (s *single) Err() error { return s.err }

// Close does nothing: the SDK has read the whole body.
func (s *single) Close() error { return nil }
