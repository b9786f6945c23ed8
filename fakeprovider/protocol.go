package fakeprovider

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// A Protocol is one vendor's wire. It holds no state; an Encoder holds that of one response.
type Protocol interface {
	// Name is the protocol's name in scenarios, "openai-chat" for instance.
	Name() string
	// Mount routes the vendor's paths and methods to h, and everything else to the vendor's own 404 and 405.
	Mount(r *mux.Router, h http.Handler)
	// Parse reads a request as the vendor would, body already read; the problem is what the vendor would answer.
	Parse(r *http.Request, body []byte) (Request, *Problem)
	// Problem is the vendor's error response.
	Problem(p Problem, m Meta) Response
	// Encoder starts one response.
	Encoder(m Meta) Encoder
}

// An Encoder turns the frames of one response into bytes. A frame that has no bytes of its own, or that
// waits for the end of a response that is not streamed, encodes to nothing.
type Encoder interface {
	// Header is the vendor's response header for a 200.
	Header() http.Header
	// Encode returns the frame's bytes.
	Encode(f Frame) ([]byte, error)
}

// Meta is what a response is made from besides its frames.
type Meta struct {
	Request Request
	// Provider is the provider's name; ids and texts carry it.
	Provider string
	// Attempt is which request of the provider this is, from 1.
	Attempt int
	// Now is the response's date. Rand draws ids and padding.
	Now  time.Time
	Rand *rand.Rand
}

// Response is a whole HTTP response.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}
