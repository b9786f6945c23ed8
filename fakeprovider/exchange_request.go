package fakeprovider

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// Request returns what the client asked for.
func (x *exchange) Request() Request { return x.meta.Request }

// Provider returns the provider's name.
func (x *exchange) Provider() string { return x.meta.Provider }

// HTTP returns the request as it came.
func (x *exchange) HTTP() *http.Request { return x.http }

// Others returns the protocols that Speak may be called with.
func (x *exchange) Others() []Protocol { return x.others }

// Now returns the response's date.
func (x *exchange) Now() time.Time { return x.meta.Now }

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

// Rand returns the script's own source of chance.
func (x *exchange) Rand() *rand.Rand { return x.rand }

// A wholer is a Protocol whose notes say too whether a response is streamed.
type Wholer interface {
	// WholeNotes are notes for a response that is not.
	WholeNotes(notes any) any
}
