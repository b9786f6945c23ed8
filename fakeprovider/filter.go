package fakeprovider

import (
	"iter"
	"net/http"
	"slices"
)

// A Filter decides how the bytes of a frame leave: changed, in pieces with waits between them,
// twice, later, or not at all.
//
// next passes bytes to the following filter, or to the client after the last one. The frame
// counts as sent with the first bytes that leave, or with a call of next without bytes. A filter
// may keep next and call it later, at the latest in an AtEnd hook.
//
// The body of a non-streamed response arrives as its finish frame, an error response as an error
// frame. A filter belongs to one exchange and is not called concurrently.
type Filter func(f Frame, data []byte, next func([]byte) error) error

// A HeadFilter changes the headers of a response and returns its status. Header names are in the
// vendor's own case. A filter belongs to one exchange and is not called concurrently.
type HeadFilter func(status int, h http.Header) int

// Filters change a response on its way out. Steps add to them before the head is sent. The zero
// value passes everything on. Filters are not safe for concurrent use.
type Filters struct {
	frames []Filter
	heads  []HeadFilter
	atEnd  []func() error
}

// Through appends a filter to the response. It sees every frame and error response from now on.
func (fs *Filters) Through(f Filter) { fs.frames = append(fs.frames, f) }

// ThroughHead appends a filter for the response's status and headers.
func (fs *Filters) ThroughHead(f HeadFilter) { fs.heads = append(fs.heads, f) }

// AtEnd appends a hook that runs after the last frame of a response that ends in good order. A
// hook may pass on what a filter has kept, for instance. Hooks do not run if the exchange ends in
// any other way.
func (fs *Filters) AtEnd(f func() error) { fs.atEnd = append(fs.atEnd, f) }

// Head passes status and headers through all head filters. It changes h and returns the new
// status. An Exchange calls it once, when it sends the head.
func (fs *Filters) Head(status int, h http.Header) int {
	for _, f := range fs.heads {
		status = f(status, h)
	}
	return status
}

// Frame passes the bytes of a frame through all filters, and their result to send. An Exchange
// calls it for every frame.
func (fs *Filters) Frame(f Frame, data []byte, send func([]byte) error) error {
	next := send
	for _, filter := range slices.Backward(fs.frames) {
		inner := next
		next = func(b []byte) error {
			if len(b) == 0 { // the frame counts as sent, and there is nothing to filter
				return send(b)
			}
			return filter(f, b, inner)
		}
	}
	return next(data)
}

// Hooks yields the AtEnd hooks in order, each of them once. An Exchange runs them before a
// response ends in good order.
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
