package failover

// sdkEvents is a stream as openai-go and anthropic-sdk-go have it.
type sdkEvents[T any] interface {
	Next() bool
	Current() T
	Err() error
	Close() error
}

// sdkStream is what an SDK makes of a response that is streamed. It is not safe for concurrent use.
type sdkStream[T any] struct {
	sdkEvents[T]
	// read says an event in nobody's words, or returns an error where it is none, whatever the SDK makes of it: that ends the stream.
	read func(T) (event, error)
	now  event
	err  error
}

// Next goes on to the next event.
func (s *sdkStream[T]) Next() bool {
	if s.err != nil || !s.sdkEvents.Next() {
		return false
	}
	s.now, s.err = s.read(s.Current())
	return s.err == nil
}

func (s *sdkStream[T]) event() event { return s.now }

// Err returns what ended the stream early.
func (s *sdkStream[T]) Err() error {
	if s.err != nil {
		return s.err
	}
	return s.sdkEvents.Err()
}
