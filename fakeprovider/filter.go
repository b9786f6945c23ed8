package fakeprovider

import (
	"iter"
	"net/http"
	"slices"
)

// A Filter decides how the bytes of a frame leave: changed, in pieces with waits between them, twice, later, or not at all.
// next passes bytes on, to the filter after it or to the client. The frame counts as sent with the first of them that leave, or
// with a call without any. A filter may keep next and call it later, at the latest in a hook of AtEnd. It belongs to one exchange
// and is not called concurrently. The body of a response that is not streamed comes as its finish frame, an error response as an
// error frame.
type Filter func(f Frame, data []byte, next func([]byte) error) error

// A HeadFilter changes the headers of a response and returns its status. The vendor's headers have names in the vendor's own
// case. It belongs to one exchange.
type HeadFilter func(status int, h http.Header) int

// Filters are what a response goes through on its way out. Steps add to them before the head leaves. The zero value passes
// everything on. Filters are not for concurrent use.
type Filters struct {
	frames []Filter
	heads  []HeadFilter
	atEnd  []func() error
}

// Through appends a filter for the bytes of every frame and error response from now on.
func (fs *Filters) Through(f Filter) { fs.frames = append(fs.frames, f) }

// ThroughHead appends a filter for status and headers.
func (fs *Filters) ThroughHead(f HeadFilter) { fs.heads = append(fs.heads, f) }

// AtEnd appends a hook that runs before the response ends in good order, after its last frame. It passes on what a filter has
// kept, for instance. No hook runs where the exchange ends in any other way.
func (fs *Filters) AtEnd(f func() error) { fs.atEnd = append(fs.atEnd, f) }

// Head passes the headers through all filters and returns the status that is left.
func (fs *Filters) Head(status int, h http.Header) int {
	for _, f := range fs.heads {
		status = f(status, h)
	}
	return status
}

// Frame passes the bytes of a frame through all filters; what is left of them goes to send.
func (fs *Filters) Frame(f Frame, data []byte, send func([]byte) error) error {
	next := send
	for _, filter := range slices.Backward(fs.frames) {
		inner := next
		next = func(b []byte) error {
			if len(b) == 0 { // it counts as sent, and there is nothing to filter
				return send(b)
			}
			return filter(f, b, inner)
		}
	}
	return next(data)
}

// Hooks yields the hooks of AtEnd in order, each of them once.
func (fs *Filters) Hooks() iter.Seq[func() error] {
	return func(yield func(func() error) bool) {
		for len(fs.atEnd) > 0 {
			f := fs.atEnd[0]
			fs.atEnd = fs.atEnd[1:]
			if !yield(f) {
				return
			}
		}
	}
}
