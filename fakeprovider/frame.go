package fakeprovider

// FrameKind says what a canonical frame means; each protocol has its own bytes for it.
type FrameKind uint8

const (
	// FrameStart opens the response (role, message start). It is sent by itself before the first content.
	FrameStart FrameKind = iota + 1
	// FrameText carries a piece of the answer.
	FrameText
	// FrameThinking carries a piece of reasoning.
	FrameThinking
	// FrameToolCall carries a piece of a tool call.
	FrameToolCall
	// FrameHeartbeat keeps the stream open in the vendor's own way: a comment, or `event: ping`.
	FrameHeartbeat
	// FrameFinish declares the answer complete and says why.
	FrameFinish
	// FrameDone is the protocol's terminal mark, sent after FrameFinish.
	FrameDone
	// FrameError is an error event inside a 200 response.
	FrameError
)

// A Frame is one event of a response in nobody's protocol.
type Frame struct {
	Kind FrameKind
	// Text is the content of text, thinking and error frames, and the reason of a finish frame
	// in OpenAI chat's words: stop, length, tool_calls, content_filter.
	Text string
	// Tool is the tool call of a FrameToolCall.
	Tool *ToolCall
	// Problem is the error of a FrameError.
	Problem *Problem
}

// ToolCall is a piece of a tool call: ID and Name stand in its first piece only.
type ToolCall struct {
	Index          int
	ID, Name       string
	ArgumentsPiece string
}
