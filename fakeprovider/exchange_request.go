package fakeprovider

// Asked returns the request and its circumstances.
func (x *exchange) Asked() Asked {
	return Asked{
		Request: x.meta.Request, HTTP: x.http, Provider: x.meta.Provider, Others: x.others, Now: x.meta.Now,
		Rand: x.rand,
	}
}

// Filters returns the filters of the response.
func (x *exchange) Filters() *Filters { return &x.filters }

// Whole starts a new, non-streamed response.
func (x *exchange) Whole() error {
	if err := x.usable(); err != nil {
		return err
	}
	if x.headSent || x.started {
		return ErrHeadSent
	}
	x.meta.Request.Stream = false
	if p, ok := x.proto.(Wholer); ok {
		x.meta.Request.Vendor = p.WholeNotes(x.meta.Request.Vendor)
	}
	x.enc = x.proto.Encoder(x.meta)
	return nil
}

// A Wholer is a Protocol whose Request.Vendor also says whether a response is streamed.
type Wholer interface {
	// WholeNotes returns the notes for a non-streamed response.
	WholeNotes(notes any) any
}
