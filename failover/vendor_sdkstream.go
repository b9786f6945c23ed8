package failover

// sdkEvents is a stream of openai-go or anthropic-sdk-go.
type sdkEvents[T any] interface {
	Next() bool
	Current() T
	Err() error
	Close() error
}

// sdkStream is a streamed response as an SDK delivers it. It is not safe for concurrent use.
type sdkStream[T any] struct {
	sdkEvents[T]
	// read returns the event independent of the vendor. An error ends the stream, even if the SDK
	// accepted the event.
	read func(T) (event, error)
	now  event
	err  error
}

// Next advances to the next event.
func (s *sdkStream[T]) Next() bool {
	if s.err != nil || !s.sdkEvents.Next() {
		return false
	}
	s.now, s.err = s.read(s.Current())
	return s.err == nil
}

func (s *sdkStream[T]) event() event { return s.now }

// Err returns the error that ended the stream early, or nil.
func (s *sdkStream[T]) Err() error {
	if s.err != nil {
		return s.err
	}
	return s.sdkEvents.Err()
}
