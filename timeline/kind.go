package timeline

import (
	"encoding"
	"fmt"
)

// Kind says what happened. The set is closed, so a reader can switch over all of it.
type Kind uint8

// The client's lane, "client/call-N": what the caller of the engine saw.
const (
	// CallStarted opens a client lane. Text is the prompt.
	CallStarted Kind = iota + 1
	// TextReceived is a piece of the answer that reached the caller. Text is the piece.
	TextReceived
	// ThinkingReceived is a piece of reasoning that reached the caller.
	ThinkingReceived
	// ToolCallReceived is a piece of a tool call that reached the caller.
	ToolCallReceived
	// RestartReceived is a marker that tells the caller to discard all text so far.
	RestartReceived
	// CallAnswered reports that the engine returned success.
	CallAnswered
	// CallFailed reports that the engine returned an error. Text is the error.
	CallFailed
	// CallCut reports that the harness cancelled the call at the run's deadline. What the engine
	// returns after that does not count.
	CallCut
	// CallPanicked reports that the engine panicked in the call. Text names the panic.
	CallPanicked
	// CallBlocked reports that the engine did not return although it was cancelled, or that it
	// stopped the clock (a mutex deadlock, a spin, real I/O). Text says which.
	CallBlocked
	// ModelReceived reports the model that the caller was told. Text is its name.
	ModelReceived
	// UsageReceived reports the tokens that the caller was told. Text is "IN in, OUT out".
	UsageReceived
	// FinishReceived reports the finish reason that the caller was told. Text is the reason, in the
	// words of the client's protocol.
	FinishReceived
	// CallHungUp reports that the caller gave up, as the scenario says, and cancelled the call.
	CallHungUp
	// CallReturned reports that the engine returned from a call after its caller had hung up. Text
	// is its error, which nobody got.
	CallReturned
	// RequestSent reports that the caller asked over HTTP. Text is the method and the path. The
	// kinds below it are what came over that wire.
	RequestSent
	// HeadersReceived is the status and, each on a line of its own, the headers that matter to a
	// caller, as "retry-after: 5".
	HeadersReceived
	// HeartbeatReceived is a comment or a ping, which carries nothing. Text is its beginning.
	HeartbeatReceived
	// FrameReceived is a frame of a kind other than the one before it, or one that says nothing to
	// the caller. Text is its kind, in the protocol's words.
	FrameReceived
	// MarkReceived is the terminal mark of a stream, in Gemini's the finish reason.
	MarkReceived
	// BodyEnded reports how the response ended: "clean", "open after the mark", or an error.
	BodyEnded
)

// A provider's lane, "provider/NAME/call-N/attempt-M": what the provider received and sent.
const (
	// RequestReceived opens a provider lane. Text is the method, path and model.
	RequestReceived Kind = iota + 32
	// HeadersSent reports that the response's status and headers were sent. Text is the status.
	HeadersSent
	// TextSent is a piece of the answer that was sent. Text is the piece.
	TextSent
	// ThinkingSent is a piece of reasoning that was sent.
	ThinkingSent
	// ToolCallSent is a piece of a tool call that was sent.
	ToolCallSent
	// HeartbeatSent is a frame that keeps the stream open and carries no content.
	HeartbeatSent
	// FrameSent is any other frame. Text names it.
	FrameSent
	// BytesSent is raw bytes outside of the protocol. Text quotes their beginning.
	BytesSent
	// FinishSent reports that the provider declared its answer complete. Text is the reason.
	FinishSent
	// ProblemSent is an error response or an error frame. Text is its status, its shape if the
	// protocol has several, its code and its message.
	ProblemSent
	// ResponseEnded reports that the response ended in good order at the transport's level.
	ResponseEnded
	// ConnectionCut reports that the provider closed the connection in the middle of the body.
	ConnectionCut
	// ConnectionReset reports that the provider reset the connection.
	ConnectionReset
	// ConnectionHeld reports that the provider keeps the connection open and sends nothing more.
	ConnectionHeld
	// ClientDisconnected reports that the peer closed or reset the connection.
	ClientDisconnected
	// FaultInjected reports that a fault took effect on the connection. Text names it.
	FaultInjected
	// ConnectStarted opens the lane of an attempt that met a fault on the way to the provider.
	// Text is the address.
	ConnectStarted
	// ConnectFailed reports that no connection was made. Text is the error that the client got.
	ConnectFailed
	// ConnectionAccepted opens the lane of an attempt that met a fault before any request was
	// read.
	ConnectionAccepted
	// RefusalSent is a piece of the model's refusal that was sent, in the protocol's own form.
	// Text is the piece.
	RefusalSent
)

// The lanes "engine" and "world".
const (
	// Decided is an explanation that an engine volunteers. No verdict may rest on it.
	Decided Kind = iota + 64
	// ConnectionLeaked is a connection that is still open after the last call ended.
	ConnectionLeaked
	// GoroutineLeaked is a goroutine of the engine that outlived the last call.
	GoroutineLeaked
	// HarnessFailed reports that the harness could not do its part, so the run is unknown.
	HarnessFailed
	// ClockFailed reports that the clock of a process tree did not hold, so the run is unknown.
	// Text says why.
	ClockFailed
)

var (
	_ encoding.TextMarshaler   = Kind(0)
	_ encoding.TextUnmarshaler = (*Kind)(nil)
)

// kindNames is the only table of names; JSON, text and documentation read it.
//
//nolint:gochecknoglobals // an immutable table
var kindNames = map[Kind]string{
	CallStarted: "call-started", TextReceived: "text-received", ThinkingReceived: "thinking-received",
	ToolCallReceived: "tool-call-received", RestartReceived: "restart-received", CallAnswered: "call-answered",
	CallFailed: "call-failed", CallCut: "call-cut", CallPanicked: "call-panicked", CallBlocked: "call-blocked",
	ModelReceived: "model-received", UsageReceived: "usage-received", FinishReceived: "finish-received",
	CallHungUp: "call-hung-up", CallReturned: "call-returned",
	RequestSent: "request-sent", HeadersReceived: "headers-received", HeartbeatReceived: "heartbeat-received",
	FrameReceived: "frame-received", MarkReceived: "mark-received", BodyEnded: "body-ended",
	RequestReceived: "request-received", HeadersSent: "headers-sent", TextSent: "text-sent",
	ThinkingSent: "thinking-sent", ToolCallSent: "tool-call-sent", HeartbeatSent: "heartbeat-sent",
	FrameSent: "frame-sent", BytesSent: "bytes-sent", FinishSent: "finish-sent", ProblemSent: "problem-sent",
	ResponseEnded: "response-ended", ConnectionCut: "connection-cut", ConnectionReset: "connection-reset",
	ConnectionHeld: "connection-held", ClientDisconnected: "client-disconnected", FaultInjected: "fault-injected",
	ConnectStarted: "connect-started", ConnectFailed: "connect-failed", ConnectionAccepted: "connection-accepted",
	RefusalSent: "refusal-sent",
	Decided:     "decided", ConnectionLeaked: "connection-leaked", GoroutineLeaked: "goroutine-leaked",
	HarnessFailed: "harness-failed", ClockFailed: "clock-failed",
}

// String returns the kind's name, "request-received" for instance.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText returns the kind's name. A kind outside the set is an error.
func (k Kind) MarshalText() ([]byte, error) {
	name, ok := kindNames[k]
	if !ok {
		return nil, fmt.Errorf("timeline: no such kind: %d", uint8(k))
	}
	return []byte(name), nil
}

// UnmarshalText parses a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	for kind, name := range kindNames {
		if name == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("timeline: no such kind: %q", text)
}
