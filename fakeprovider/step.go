package fakeprovider

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// A Step is one thing that a provider does to one exchange. Play returns when it is done. It
// returns an error as soon as ctx ends or the peer is gone, and leaves nothing running. A Step is
// data: many exchanges may play it at once.
type Step interface {
	Play(ctx context.Context, x Exchange) error
}

// A Script is what a provider does with one request. After its last step the response ends with
// EOF, unless a step has ended it.
type Script []Step

// Script returns s itself, so that a Script is a Fault.
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

// A Fault is a named behaviour with parameters: data that becomes a Script when it is played. Its
// exported fields are its parameters, with a yaml tag each. A zero field means its default.
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

// Validate checks every step that is a Validator and returns all errors, joined.
func (s Script) Validate() error {
	var errs []error
	for _, step := range s {
		if v, ok := step.(Validator); ok {
			errs = append(errs, v.Validate())
		}
	}
	return errors.Join(errs...)
}

// An Exchange is all that a Step may do. It records what it does. It is not safe for concurrent
// use. An exchange that can do more is also Wired and Translating; TakeWire, TakeHTTP2, Speak and
// Whole ask for that.
//
// Every method with an error returns ErrEnded after the exchange has ended, ErrPeerGone if the
// client has gone away, and the context's error if the provider is closed.
type Exchange interface {
	// Asked returns what the exchange is about.
	Asked() Asked
	// Filters returns what the response passes on its way out. Add to them before the head is
	// sent.
	Filters() *Filters
	// Head sends status and headers. h adds to the protocol's own headers, and replaces those
	// that it names; an empty value removes one. The first Send or Bytes implies it (200). A
	// second call returns ErrHeadSent.
	Head(status int, h http.Header) error
	// Send sends a frame in the provider's protocol. In a response that is not streamed the
	// finish frame sends all frames before it, and heartbeats send nothing.
	Send(f Frame) error
	// Fail sends the vendor's error response for p: status, headers and body. After the head was
	// sent it sends the vendor's error event instead. Both end the exchange like EOF.
	Fail(p Problem) error
	// Bytes sends bytes as they are, past all filters.
	Bytes(b []byte) error
	// End ends the exchange. Nothing can be sent after it. Hang returns only when the client is
	// gone.
	End(e Ending) error
	// Wait waits for a time of the scenario. It returns an error if ctx ends first.
	Wait(ctx context.Context, d time.Duration) error
}

// Asked says what an exchange is about.
type Asked struct {
	// Request is what the client asked for.
	Request Request
	// HTTP is the raw request, body already consumed, for fields that Request omits. Read only.
	HTTP *http.Request
	// Provider is the provider's name. A default text contains it, so that answers can be told
	// apart.
	Provider string
	// Others are the protocols that may answer instead of the provider's own.
	Others []Protocol
	// Now is the response's date.
	Now time.Time
	// Rand is this attempt's own source of chance, drawn from the seed of the run, the provider
	// and the attempt.
	Rand *rand.Rand
}

var (
	// ErrEnded says that the exchange has ended. To a script it is no failure.
	ErrEnded = errors.New("fakeprovider: the exchange has ended")
	// ErrHeadSent says that status and headers were sent already.
	ErrHeadSent = errors.New("fakeprovider: the head has been sent already")
	// ErrNoWire says that the connection cannot be taken: it carries HTTP/2, or the head was
	// sent.
	ErrNoWire = errors.New("fakeprovider: the connection cannot be taken")
	// ErrSameProtocol says that a provider was to change to the protocol that it speaks already.
	ErrSameProtocol = errors.New("fakeprovider: the provider speaks this protocol already")
	// ErrPeerGone says that the client closed or reset the connection.
	ErrPeerGone = errors.New("fakeprovider: the client has gone away")
	// ErrProviderClosed is the cause of a context that ended because the provider was closed.
	ErrProviderClosed = errors.New("fakeprovider: the provider was closed")
)

// Request is what a client asked a provider for, in canonical form.
type Request struct {
	// Method and Path are those of the HTTP request. The query is left out because it may hold a
	// key.
	Method, Path string
	Model        string
	Prompt       string // the text of the last user message
	Stream       bool
	// IncludeUsage says that the client asked for usage in the stream (OpenAI's stream_options).
	IncludeUsage bool
	// InputTokens is an estimate of the prompt's length, for usage fields: bytes of all messages ÷
	// 4.
	InputTokens int
	// Reused says that the connection has carried another request before. Idle is how long it had
	// carried none, in scenario time.
	Reused bool
	Idle   time.Duration
	// Vendor is what Parse recorded for the Encoder of the same protocol.
	Vendor any
}

// BytesPerToken is the usual rule of thumb for English text.
const BytesPerToken = 4

// Problem is an error that a provider reports. Empty fields mean the vendor's words.
type Problem struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code picks one of several errors of a status, "insufficient_quota" for instance. Empty is
	// the usual one. CodeEdgePage picks the HTML page of the vendor's edge, whatever the status.
	Code string
	// Message replaces the vendor's message.
	Message string
	// Param names the offending field, if the vendor reports one.
	Param string
	// Shape is the form of an error inside a stream, if the vendor has several: ShapeFlat,
	// ShapeNested, ShapeFailed. Empty is the usual one. A shape that the protocol does not have
	// is ErrNoSuchFrame.
	Shape string
	// Header adds to the vendor's headers, Retry-After for instance.
	Header http.Header
}

// StatusOverloaded is the status of an overload at Anthropic.
const StatusOverloaded = 529

// Codes that pick an error that several vendors have, whatever their own word for it.
const (
	// CodeUnknownRoute is the 404 of a path that the vendor does not serve.
	CodeUnknownRoute = "unknown_route"
	// CodeWrongMethod is the 405 of a path that the vendor serves with another method.
	CodeWrongMethod = "wrong_method"
	// CodeQuota is a 429 for a quota that does not come back soon. It is OpenAI's word.
	CodeQuota = "insufficient_quota"
	// CodeContextLength is a 400 for a prompt that is longer than the context. It is OpenAI's
	// word.
	CodeContextLength = "context_length_exceeded"
	// CodeEdgePage is an HTML page from the edge in front of the vendor.
	CodeEdgePage = "edge_page"
)

// Shapes of an error inside a stream of OpenAI Responses, for Problem.Shape. All three occur.
const (
	// ShapeFlat is the documented `error` event, with its fields beside its type. openai-python
	// ignores it, because it has no key `error`.
	ShapeFlat = "flat"
	// ShapeNested is the `error` event that users see, with its fields under the key `error`
	// (https://github.com/BerriAI/litellm/issues/32835). It is the usual one.
	ShapeNested = "nested"
	// ShapeFailed is the event `response.failed` with the whole response object. Its field
	// `error` has a code and a message.
	ShapeFailed = "failed"
)

// Shapes returns the shapes of all protocols, as scenarios write them.
func Shapes() []string { return []string{ShapeFlat, ShapeNested, ShapeFailed} }
