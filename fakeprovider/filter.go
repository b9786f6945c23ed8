package fakeprovider

import (
	"errors"
	"net/http"
	"slices"
)

// A Filter decides how the bytes of a frame leave: changed, in pieces with waits between them, twice, later, or not at all.
// next passes bytes on, to the filter after it or to the client; the frame counts as sent with the first of them that leave, or with
// a call without any. A filter may keep next and call it later, at the latest in AtEnd. It belongs to one exchange and is not called
// concurrently. The body of a response that is not streamed comes as its finish frame, an error response as an error frame.
type Filter func(f Frame, data []byte, next func([]byte) error) error

// A HeadFilter changes the headers of a response, vendor's names being in the vendor's own case, and returns its status. It belongs to
// one exchange.
type HeadFilter func(status int, h http.Header) int

// ThroughHead adds a filter for the head.
func (x *exchange) ThroughHead(f HeadFilter) { x.headFilters = append(x.headFilters, f) }

// Through adds a filter.
func (x *exchange) Through(f Filter) { x.filters = append(x.filters, f) }

// AtEnd adds what is done before the response ends in good order.
func (x *exchange) AtEnd(f func() error) { x.atEnd = append(x.atEnd, f) }

// beforeEnd does it, in order and once. A client that is gone by then has what it wants.
func (x *exchange) beforeEnd() error {
	for len(x.atEnd) > 0 {
		f := x.atEnd[0]
		x.atEnd = x.atEnd[1:]
		if err := f(); err != nil && (!errors.Is(err, ErrPeerGone) || !x.headSent) {
			return err
		}
	}
	return nil
}

// emit sends the bytes of a frame through the filters, and records it when they leave.
func (x *exchange) emit(f Frame, data []byte) error {
	if len(x.filters) == 0 { // no need to make the chain
		x.recordGathered(f.Kind)
		x.record(f)
		return x.write(data)
	}
	left := false
	next := func(b []byte) error {
		if err := x.usable(); err != nil {
			return err
		}
		if !left {
			left = true
			x.recordGathered(f.Kind)
			x.record(f)
		}
		return x.write(b)
	}
	send := next
	for _, filter := range slices.Backward(x.filters) {
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
