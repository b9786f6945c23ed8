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
	// Mount routes the paths and methods that ask for an answer to h. Requests that clients send
	// first to look around (probes) are answered at once. Any other request becomes the vendor's
	// 404 or 405: a Problem with the code CodeUnknownRoute or CodeWrongMethod.
	Mount(r *mux.Router, h http.Handler)
	// Parse reads a request as the vendor would; body has been read from it. The problem is what
	// the vendor would answer.
	Parse(r *http.Request, body []byte) (Request, *Problem)
	// Problem returns the vendor's error response. A status that the vendor does not use gets its
	// usual form.
	Problem(p Problem, m Meta) Response
	// Encoder starts one response.
	Encoder(m Meta) Encoder
}

// An Encoder turns the frames of one response into bytes. A frame without bytes of its own
// encodes to nothing, and so does one that waits for the end of a response that is not streamed.
type Encoder interface {
	// Header returns the vendor's response header for a 200. Names are in the vendor's own case:
	// http.Header.Get finds canonical names only.
	Header() http.Header
	// Encode returns the frame's bytes, or ErrNoSuchFrame if the protocol cannot say it.
	Encode(f Frame) ([]byte, error)
}

// An Opener is an Encoder that opens a response with some frames themselves, without a start
// frame before them.
type Opener interface {
	Opens(f Frame) bool
}

func opensWith(e Encoder, f Frame) bool {
	o, ok := e.(Opener)
	return ok && o.Opens(f)
}

// ErrNoSuchFrame says that a protocol cannot say a frame. The run cannot show what it was meant
// to show.
var ErrNoSuchFrame = errors.New("fakeprovider: the protocol has no such frame")

// ErrNoSuchProtocol says that no protocol has the name.
var ErrNoSuchProtocol = errors.New("fakeprovider: no such protocol")

// Meta is what a response is made from besides its frames.
type Meta struct {
	Request Request
	// Provider is the provider's name. Ids and texts carry it.
	Provider string
	// Attempt counts the requests of the provider from 1; 0 is a request that was refused.
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
