package fakeprovider

// Asked returns what the exchange is about.
func (x *exchange) Asked() Asked {
	return Asked{
		Request: x.meta.Request, HTTP: x.http, Provider: x.meta.Provider, Others: x.others, Now: x.meta.Now, Rand: x.rand,
	}
}

// Filters returns what the response goes through.
func (x *exchange) Filters() *Filters { return &x.filters }

// Whole starts the response anew, as one that is not streamed.
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

// A Wholer is a Protocol whose Request.Vendor says too whether a response is streamed.
type Wholer interface {
	// WholeNotes returns the notes for a response that is not.
	WholeNotes(notes any) any
}
