package fakeprovider

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// A Step is one thing that a provider does to one exchange. Play returns when it is done, or with
// an error as soon as ctx ends or the peer is gone; it must not outlive ctx. A Step is data and
// may be played by many exchanges at once.
type Step interface {
	Play(ctx context.Context, x Exchange) error
}

// A Script is what a provider does with one request. After its last step the response ends as if
// an Ending EOF stood there, unless a step ended it before.
type Script []Step

// Script returns s itself, so that a Script can stand wherever a Fault can.
func (s Script) Script() Script { return s }

// Play plays the steps in order, up to the first error.
func (s Script) Play(ctx context.Context, x Exchange) error {
	for _, step := range s {
		if err := step.Play(ctx, x); err != nil {
			return err //nolint:wrapcheck // the sentinel must arrive as it is
		}
	}
	return nil
}

// A Fault is a named behaviour with parameters: plain data, written out as a Script when it is played.
// Its exported fields are its parameters, with a yaml tag each; a field that is zero means its default.
type Fault interface {
	Script() Script
}

// A Validator is a Step or a Fault that can refuse its parameters before anything runs.
type Validator interface {
	Validate() error
}

var (
	_ Fault     = Script(nil)
	_ Step      = Script(nil)
	_ Validator = Script(nil)
)

// Validate checks every step that can be checked and returns all that is wrong, joined.
func (s Script) Validate() error {
	var errs []error
	for _, step := range s {
		if v, ok := step.(Validator); ok {
			errs = append(errs, v.Validate())
		}
	}
	return errors.Join(errs...)
}

// An Exchange is all that a Step may do. It records what it does. It is not for concurrent use. An exchange that can do more is
// also Wired and Translating; TakeWire, TakeHTTP2, Speak and Whole ask for that.
//
// Every method that returns an error returns ErrEnded after the exchange has ended, ErrPeerGone when the client has gone away,
// and the context's error when the provider is closed.
type Exchange interface {
	// Asked returns what the exchange is about.
	Asked() Asked
	// Filters returns what the response goes through on its way out. Add to them before the head leaves.
	Filters() *Filters
	// Head sends status and headers; h adds to the protocol's own, which stay unless h replaces them (an empty
	// value removes one). It is implied (200) by the first Send or Bytes. A second call is ErrHeadSent.
	Head(status int, h http.Header) error
	// Send sends a frame in the provider's protocol. In a response that is not streamed the frames gather
	// until the finish frame, and heartbeats send nothing.
	Send(f Frame) error
	// Fail sends the vendor's error response for p, status, headers and body; after the head has
	// left it sends the vendor's error event instead. Both end the exchange as EOF does.
	Fail(p Problem) error
	// Bytes sends bytes in nobody's protocol, past all filters.
	Bytes(b []byte) error
	// End ends the exchange; nothing can be sent after it. Hang returns only when the client is gone.
	End(e Ending) error
	// Wait lets scenario time pass. It returns an error if ctx ends first.
	Wait(ctx context.Context, d time.Duration) error
}

// Asked is what an exchange is about.
type Asked struct {
	// Request is what the client asked for.
	Request Request
	// HTTP is the raw request, its body already consumed, for what Request omits. Read only.
	HTTP *http.Request
	// Provider is the provider's name; a text that nobody set names it, so that answers can be told apart.
	Provider string
	// Others are the protocols that the response may be given in instead of the provider's own.
	Others []Protocol
	// Now is the response's date.
	Now time.Time
	// Rand is this attempt's own source of chance, drawn from the run's seed, provider and attempt.
	Rand *rand.Rand
}

var (
	// ErrEnded says that the exchange has ended. A script that meets it has simply been played.
	ErrEnded = errors.New("fakeprovider: the exchange has ended")
	// ErrHeadSent says that status and headers have left already.
	ErrHeadSent = errors.New("fakeprovider: the head has been sent already")
	// ErrNoWire says that the connection cannot be taken: it carries HTTP/2, or the head has left.
	ErrNoWire = errors.New("fakeprovider: the connection cannot be taken")
	// ErrSameProtocol says that a provider was to change to the protocol that it speaks.
	ErrSameProtocol = errors.New("fakeprovider: the provider speaks this protocol already")
	// ErrPeerGone says that the client closed or reset the connection.
	ErrPeerGone = errors.New("fakeprovider: the client has gone away")
	// ErrProviderClosed is the cause of a context that ended because the provider was closed.
	ErrProviderClosed = errors.New("fakeprovider: the provider was closed")
)

// Request is what a client asked a provider for, in nobody's protocol.
type Request struct {
	// Method and Path are those of the HTTP request; the query is left out because it may hold a key.
	Method, Path string
	Model        string
	Prompt       string // the text of the last user message
	Stream       bool
	// IncludeUsage says that the client asked for usage in the stream (OpenAI's stream_options).
	IncludeUsage bool
	// InputTokens is an estimate of the prompt's length, for usage fields: bytes of all messages ÷ 4.
	InputTokens int
	// Reused says that its connection has carried another request before, and Idle how long it had carried none, in scenario time.
	Reused bool
	Idle   time.Duration
	// Vendor is what Parse noted for its own Encoder and nobody else.
	Vendor any
}

// BytesPerToken is the usual rule of thumb for English text.
const BytesPerToken = 4

// Problem is an error that a provider reports, in the vendor's words where left empty.
type Problem struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code picks one of several errors of a status, "insufficient_quota" for instance; empty is the usual one.
	// CodeEdgePage picks the HTML page of the vendor's edge, whatever the status.
	Code string
	// Message replaces the vendor's message.
	Message string
	// Param names the offending field, where the vendor reports one.
	Param string
	// Shape is the form of an error inside a stream, where the vendor has several: ShapeFlat, ShapeNested, ShapeFailed.
	// Empty is the usual one; one that the protocol does not have is ErrNoSuchFrame.
	Shape string
	// Header adds to the vendor's headers, Retry-After for instance.
	Header http.Header
}

// StatusOverloaded is the status of an overload that is no 503, which only one vendor has.
const StatusOverloaded = 529

// Codes that pick one of a vendor's errors, whatever its own word for it is, if it has one.
const (
	// CodeUnknownRoute is the 404 of a path that the vendor does not serve.
	CodeUnknownRoute = "unknown_route"
	// CodeWrongMethod is the 405 of a path that the vendor serves with another method.
	CodeWrongMethod = "wrong_method"
	// CodeQuota is a 429 for a quota that does not come back soon, which is OpenAI's own word for it.
	CodeQuota = "insufficient_quota"
	// CodeContextLength is a 400 for a prompt that is longer than the context, which is OpenAI's own word for it.
	CodeContextLength = "context_length_exceeded"
	// CodeEdgePage is an HTML page from the edge in front of the vendor.
	CodeEdgePage = "edge_page"
)

// Shapes of an error inside a stream of Responses, for Problem.Shape. All three are in the wild.
const (
	// ShapeFlat is the documented `error` event, its fields beside its type. openai-python reads past it, because it has
	// no key `error`.
	ShapeFlat = "flat"
	// ShapeNested is the `error` event that users see, its fields under the key `error`
	// (https://github.com/BerriAI/litellm/issues/32835). It is the usual one.
	ShapeNested = "nested"
	// ShapeFailed is the event `response.failed` with the whole response object, whose field `error` has a code and a message.
	ShapeFailed = "failed"
)

// Shapes returns the shapes of all protocols, as scenarios write them.
func Shapes() []string { return []string{ShapeFlat, ShapeNested, ShapeFailed} }
