package harness

import (
	"context"
	"fmt"

	"github.com/chaosrun/chaosrun/scenarios"
)

// A Target is the engine under test.
type Target interface {
	// Call runs one request to its end. It calls emit for each delta that the engine's caller would
	// see, in order and one at a time, from any goroutine, and not after it has returned. A nil
	// error claims a whole answer. When ctx ends, Call must return soon; its result is then
	// ignored. Calls overlap if the scenario makes several at once, see [Lab.AtOnce], and not
	// otherwise.
	Call(ctx context.Context, req Request, emit func(Delta)) error
}

// TargetFunc is a function that is a Target.
type TargetFunc func(ctx context.Context, req Request, emit func(Delta)) error

// Call calls f.
func (f TargetFunc) Call(ctx context.Context, req Request, emit func(Delta)) error {
	return f(ctx, req, emit)
}

// A Request is what the caller asks of the engine.
type Request struct {
	// Prompt is what the user says last. System is what the model is told before the conversation,
	// and Messages are the conversation before Prompt, oldest first.
	Prompt   string
	System   string
	Messages []Message
	// Tools are what the model may call.
	Tools []Tool
	// ContextTokens is the declared size of the conversation, ContextWindow the model's limit; 0 is
	// not declared.
	ContextTokens, ContextWindow int
	// Stream asks for a streamed answer.
	Stream bool
	// Restarts says that the caller understands a restart marker. If it is false, an engine that
	// has delivered text must not switch providers any more.
	Restarts bool
}

// A Message is one of a conversation.
type Message = scenarios.Message

// A Tool is something that the model may call.
type Tool = scenarios.Tool

// A DeltaKind says what a Delta carries.
type DeltaKind uint8

const (
	// DeltaText carries a piece of the answer.
	DeltaText DeltaKind = iota + 1
	// DeltaThinking carries a piece of reasoning.
	DeltaThinking
	// DeltaToolCall carries a piece of a tool call; see ToolCall.
	DeltaToolCall
	// DeltaRestart tells the caller to forget all that came before it.
	DeltaRestart
	// DeltaModel carries the name of the model that the caller is told.
	DeltaModel
	// DeltaUsage carries the tokens that the caller is told, as "IN in, OUT out".
	DeltaUsage
	// DeltaFinish carries the finish reason that the caller is told.
	DeltaFinish
	// DeltaRequest and those below it are what a caller over HTTP got on the wire, as package
	// caller sees it; see [timeline.RequestSent] and the kinds that follow it. Engines do not emit
	// them.
	DeltaRequest
	// DeltaHeaders carries the status and headers of the response.
	DeltaHeaders
	// DeltaHeartbeat carries a comment or ping.
	DeltaHeartbeat
	// DeltaFrame carries the name of a frame.
	DeltaFrame
	// DeltaMark carries the terminal mark.
	DeltaMark
	// DeltaBodyEnd says how the response ended.
	DeltaBodyEnd
)

// A Delta is one piece that the engine's caller sees.
type Delta struct {
	Kind DeltaKind
	// Text is the piece. For a tool call it is the name, then the arguments.
	Text string
	// Tool is the piece of a DeltaToolCall field by field, if it is known.
	Tool ToolPiece
}

// A ToolPiece is a piece of a tool call. The zero ToolPiece says nothing; then the pieces of one
// call must come one after the other.
type ToolPiece struct {
	// Number is the number of the call in its answer, from 1. 0 is not known.
	Number int
	// ID is the call's id. It is not judged, because gateways give calls ids of their own.
	ID string
	// Name is the tool's name, in the first piece, and Arguments a part of the arguments' JSON
	// text.
	Name, Arguments string
}

// Text returns a piece of the answer.
func Text(s string) Delta { return Delta{Kind: DeltaText, Text: s} }

// Thinking returns a piece of reasoning. It is not judged.
func Thinking(s string) Delta { return Delta{Kind: DeltaThinking, Text: s} }

// ToolCall returns a piece of the tool call of that index, from 0: its id and name in the first
// piece, and arguments in any. Pieces of several calls may alternate. The calls of an answer are
// judged in the order of their indices, whose values do not matter.
func ToolCall(index int, id, name, arguments string) Delta {
	return Delta{
		Kind: DeltaToolCall, Text: name + arguments,
		Tool: ToolPiece{Number: index + 1, ID: id, Name: name, Arguments: arguments},
	}
}

// Model returns the name of the model that the caller is told.
func Model(name string) Delta { return Delta{Kind: DeltaModel, Text: name} }

// Usage returns the tokens that the caller is told: those of the request, and those of the answer.
func Usage(in, out int) Delta {
	return Delta{Kind: DeltaUsage, Text: fmt.Sprintf("%d in, %d out", in, out)}
}

// Finish returns the finish reason that the caller is told, in the words of its protocol.
func Finish(reason string) Delta { return Delta{Kind: DeltaFinish, Text: reason} }

// Restart returns the marker that tells the caller to start over.
func Restart() Delta { return Delta{Kind: DeltaRestart} }
