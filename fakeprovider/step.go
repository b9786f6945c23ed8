package fakeprovider

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// A Step is one thing that a provider does to one exchange. Play returns when it is done, or with
// an error as soon as ctx ends or the peer is gone; it must not outlive ctx.
type Step interface {
	Play(ctx context.Context, x Exchange) error
}

// A Script is what a provider does with one request. After its last step the response ends as if
// an Ending EOF stood there, unless a step ended it before.
type Script []Step

// Script returns s itself, so that a Script can stand wherever a Preset can.
func (s Script) Script() Script { return s }

// A Preset is a named behaviour with parameters: plain data, written out as a Script when it is played.
// Its exported fields are its parameters, with a yaml tag each.
type Preset interface {
	Script() Script
}

var _ Preset = Script(nil)

// An Exchange is all that a Step may do. It records what it does.
type Exchange interface {
	// Head sends status and headers; h adds to the protocol's own, which stay unless h replaces them. It is
	// implied (200) by the first Send or Bytes. A second call is an error.
	Head(status int, h http.Header) error
	// Send sends a frame in the provider's protocol. In a response that is not streamed the frames gather
	// until the end, and heartbeats send nothing.
	Send(f Frame) error
	// Fail sends the vendor's error response for p, status, headers and body; after the head has
	// left it sends the vendor's error event instead.
	Fail(p Problem) error
	// Bytes sends bytes in nobody's protocol.
	Bytes(b []byte) error
	// End ends the exchange; nothing can be sent after it.
	End(e Ending) error
	// Wait lets scenario time pass. It returns ctx's error if ctx ends first.
	Wait(ctx context.Context, d time.Duration) error
	// Request is what the client asked for.
	Request() Request
	// Provider is the provider's name; a text that nobody set names it, so that answers can be told apart.
	Provider() string
	// Rand is this attempt's own source of chance, drawn from the run's seed, provider and attempt.
	Rand() *rand.Rand
}

// Ending is how an exchange ends on the wire.
type Ending uint8

const (
	// EOF ends the response in good order: a final chunk, or all of the announced length.
	EOF Ending = iota + 1
	// Cut closes the connection in the middle of the body; clients read "unexpected EOF".
	Cut
	// Reset resets the connection; clients read ECONNRESET.
	Reset
	// Hang sends nothing more and keeps the connection until the client goes away.
	Hang
)

// Request is what a client asked a provider for, in nobody's protocol.
type Request struct {
	Model  string
	Prompt string // the text of the last user message
	Stream bool
	// IncludeUsage says that the client asked for usage in the stream (OpenAI's stream_options).
	IncludeUsage bool
	// InputTokens is an estimate of the prompt's length, for usage fields: bytes of all messages ÷ 4.
	InputTokens int
}

// Problem is an error that a provider reports, in the vendor's words where left empty.
type Problem struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code picks one of several errors of a status, "insufficient_quota" for instance; empty is the usual one.
	Code string
	// Message replaces the vendor's message.
	Message string
	// Header adds to the vendor's headers, Retry-After for instance.
	Header http.Header
}
