package fault

import (
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// onContent returns a filter that sends the nth piece of the answer, from 1, through another
// filter, and passes the rest. A response that is not streamed has one piece, its body, whatever n
// is.
func onContent(x fakeprovider.Exchange, n int, filter fakeprovider.Filter) fakeprovider.Filter {
	seen := 0
	return func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		switch {
		case !x.Asked().Request.Stream && f.Kind == fakeprovider.FrameFinish:
			return filter(f, data, next)
		case f.Kind.IsContent():
			seen++
			if seen == n {
				return filter(f, data, next)
			}
		}
		return next(data)
	}
}

// onEvents returns a filter that changes the bytes of events and comments. A response that is no
// stream of events passes unchanged.
func onEvents(change func(data []byte) []byte) fakeprovider.Filter {
	return func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if sse.IsEvents(data) {
			data = change(data)
		}
		return next(data)
	}
}

// inPieces passes pieces on, one after the other.
func inPieces(next func([]byte) error, pieces ...[]byte) error {
	for _, piece := range pieces {
		if err := next(piece); err != nil {
			return err
		}
	}
	return nil
}
