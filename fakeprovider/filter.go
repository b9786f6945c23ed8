package fakeprovider

// A Filter decides how the bytes of a frame leave: changed, in pieces with waits between them, twice, later, or not at all.
// next passes bytes on, to the filter after it or to the client; the frame counts as sent with the first of them that leave. A filter
// belongs to one exchange and is not called concurrently. The body of a response that is not streamed
// comes as its finish frame, an error response as an error frame.
type Filter func(f Frame, data []byte, next func([]byte) error) error

// Through adds a filter.
func (x *exchange) Through(f Filter) { x.filters = append(x.filters, f) }

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
	for i := len(x.filters) - 1; i >= 0; i-- {
		filter, inner := x.filters[i], next
		next = func(b []byte) error { return filter(f, b, inner) }
	}
	return next(data)
}

// onContent is a filter that lets everything pass but the nth piece of the answer, from 1, which goes through another filter. A
// response that is not streamed has one piece, its body, whatever n is.
func onContent(x Exchange, n int, filter Filter) Filter {
	seen := 0
	return func(f Frame, data []byte, next func([]byte) error) error {
		switch {
		case !x.Request().Stream && f.Kind == FrameFinish:
			return filter(f, data, next)
		case f.Kind.isContent():
			if seen++; seen == n {
				return filter(f, data, next)
			}
		}
		return next(data)
	}
}
