package harness

import "context"

// A Target is the engine under test.
type Target interface {
	// Call runs one request to its end and calls emit, from this goroutine or with its own
	// synchronisation, for each delta that the engine's caller would see. A nil error claims a whole answer.
	// When ctx ends Call has to return soon; what it returns then counts for nothing.
	Call(ctx context.Context, req Request, emit func(Delta)) error
}

// TargetFunc lets a function be a Target.
type TargetFunc func(ctx context.Context, req Request, emit func(Delta)) error

// Call calls f.
func (f TargetFunc) Call(ctx context.Context, req Request, emit func(Delta)) error {
	return f(ctx, req, emit)
}

// Request is what the caller asks the engine for.
type Request struct {
	Prompt string
	// ContextTokens is the declared size of the conversation, ContextWindow the model's limit; 0 means not declared.
	ContextTokens, ContextWindow int
	// Stream asks for a streamed answer.
	Stream bool
	// Restarts says that the caller understands a restart marker. Where it is false an engine that has
	// delivered text cannot switch providers any more.
	Restarts bool
}

// DeltaKind says what a Delta carries.
type DeltaKind uint8

const (
	// DeltaText carries a piece of the answer.
	DeltaText DeltaKind = iota + 1
	// DeltaThinking carries a piece of reasoning.
	DeltaThinking
	// DeltaToolCall carries a piece of a tool call.
	DeltaToolCall
	// DeltaRestart tells the caller to forget all that came before it.
	DeltaRestart
)

// Delta is one thing that the engine's caller sees.
type Delta struct {
	Kind DeltaKind
	Text string
}

// Text is a piece of the answer.
func Text(s string) Delta { return Delta{Kind: DeltaText, Text: s} }

// Restart is the marker that tells the caller to start over.
func Restart() Delta { return Delta{Kind: DeltaRestart} }
