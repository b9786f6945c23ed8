package fakeprovider

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// A Protocol is one vendor's wire. It holds no state; an Encoder holds that of one response.
type Protocol interface {
	// Name returns the protocol's name in scenarios, "openai-chat" for instance.
	Name() string
	// About describes the protocol. Every call returns a value of its own.
	About() About
	// Mount routes the vendor's paths and methods that ask for an answer to h. Paths that clients probe first it
	// serves itself, at once. What it leaves out becomes the vendor's 404 or 405: a Problem
	// with the code CodeUnknownRoute or CodeWrongMethod.
	Mount(r *mux.Router, h http.Handler)
	// Parse reads a request as the vendor would, body already read; the problem is what the vendor would answer.
	Parse(r *http.Request, body []byte) (Request, *Problem)
	// Problem is the vendor's error response. A status that the vendor does not use still gets its usual form.
	Problem(p Problem, m Meta) Response
	// Encoder starts one response.
	Encoder(m Meta) Encoder
}

// An Encoder turns the frames of one response into bytes. A frame that has no bytes of its own, or that
// waits for the end of a response that is not streamed, encodes to nothing.
type Encoder interface {
	// Header is the vendor's response header for a 200. Names are in the vendor's own case, so look
	// them up with care: http.Header.Get finds canonical names only.
	Header() http.Header
	// Encode returns the frame's bytes. A frame that the protocol cannot say is ErrNoSuchFrame.
	Encode(f Frame) ([]byte, error)
}

// An opener is an Encoder of a vendor that opens a response with some frames themselves, without an opening frame before them.
type Opener interface {
	Opens(f Frame) bool
}

func opensWith(e Encoder, f Frame) bool {
	o, ok := e.(Opener)
	return ok && o.Opens(f)
}

// ErrNoSuchFrame says that a protocol has no way to say a frame: the run cannot show what it was meant to show.
var ErrNoSuchFrame = errors.New("fakeprovider: the protocol has no such frame")

// ErrNoSuchProtocol says that no protocol has the name that was asked for.
var ErrNoSuchProtocol = errors.New("fakeprovider: no such protocol")

// Meta is what a response is made from besides its frames.
type Meta struct {
	Request Request
	// Provider is the provider's name; ids and texts carry it.
	Provider string
	// Attempt is which request of the provider this is, from 1; 0 is a request that was refused.
	Attempt int
	// Now is the response's date. Rand draws ids and padding.
	Now  time.Time
	Rand *rand.Rand
}

// Response is a whole HTTP response. Header names are in the vendor's own case.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}
