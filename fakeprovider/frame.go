package fakeprovider

import (
	"encoding"
	"fmt"
	"net/http"
)

// FrameKind says what a canonical frame means. Each protocol has its own bytes for it.
type FrameKind uint8

const (
	// FrameStart opens the response (role, message start). The first content sends it if nothing
	// else has.
	FrameStart FrameKind = iota + 1
	// FrameText carries a piece of the answer.
	FrameText
	// FrameThinking carries a piece of reasoning. Some vendors send none, see About.Unsaid.
	FrameThinking
	// FrameToolCall carries a piece of a tool call.
	FrameToolCall
	// FrameHeartbeat keeps the stream open in the vendor's own way: a comment, or `event: ping`.
	FrameHeartbeat
	// FrameComment is an SSE comment with a text of its own. It too keeps the stream open and
	// carries nothing.
	FrameComment
	// FrameFinish declares the answer complete and says why. A response that is not streamed is
	// sent here, whole.
	FrameFinish
	// FrameUsage reports the tokens used, if the protocol has a frame for that and the client
	// asked for it.
	FrameUsage
	// FrameDone is the protocol's terminal mark, sent after FrameFinish.
	FrameDone
	// FrameError is an error event inside a 200 response.
	FrameError
	// FrameRefusal carries a piece of the model's refusal to answer. Some vendors have only a
	// reason for that, see About.Unsaid: send text, or finish with content_filter.
	FrameRefusal
)

// A Frame is one event of a response in nobody's protocol.
type Frame struct {
	Kind FrameKind
	// Text is the content of text, thinking, refusal and comment frames. In a finish frame it is
	// the reason, in the words of OpenAI's chat: stop (the default), length, tool_calls,
	// content_filter.
	Text string
	// Tool is the tool call of a FrameToolCall.
	Tool *ToolCall
	// Problem is the error of a FrameError; nil is the vendor's usual 500.
	Problem *Problem
}

// Failure returns the error of a FrameError, with the status that it would have as a response.
func (f Frame) Failure() Problem {
	if f.Problem == nil {
		return Problem{Status: http.StatusInternalServerError}
	}
	p := *f.Problem
	if p.Status == 0 {
		p.Status = http.StatusInternalServerError
	}
	return p
}

// ToolCall is a piece of a tool call. Only its first piece has ID and Name.
type ToolCall struct {
	Index          int
	ID, Name       string
	ArgumentsPiece string
}

// Begins reports whether this is the first piece of its call.
func (t *ToolCall) Begins() bool { return t.ID != "" || t.Name != "" }

var (
	_ encoding.TextMarshaler   = FrameKind(0)
	_ encoding.TextUnmarshaler = (*FrameKind)(nil)
)

// frameNames holds the names in order of the constants.
//
//nolint:gochecknoglobals // an immutable table
var frameNames = [...]string{
	"", "start", "text", "thinking", "tool-call", "heartbeat", "comment", "finish", "usage", "done", "error", "refusal",
}

// FrameNames returns the names of all kinds of frame, as scenarios write them.
func FrameNames() []string { return append([]string(nil), frameNames[1:]...) }

// String returns the kind's name, "text" for instance.
func (k FrameKind) String() string {
	if k == 0 || int(k) >= len(frameNames) {
		return fmt.Sprintf("frame(%d)", uint8(k))
	}
	return frameNames[k]
}

// MarshalText returns the kind's name. A kind outside the set is an error.
func (k FrameKind) MarshalText() ([]byte, error) {
	if k == 0 || int(k) >= len(frameNames) {
		return nil, fmt.Errorf("fakeprovider: no such frame: %d", uint8(k))
	}
	return []byte(frameNames[k]), nil
}

// UnmarshalText reads a kind's name.
func (k *FrameKind) UnmarshalText(text []byte) error {
	for i, name := range frameNames {
		if i > 0 && name == string(text) {
			*k = FrameKind(i)
			return nil
		}
	}
	return fmt.Errorf("fakeprovider: no such frame: %q", text)
}

// needsStart reports whether a response has to be opened before a frame of this kind.
func (k FrameKind) needsStart() bool {
	switch k { //nolint:exhaustive // the others stand on their own
	case FrameText, FrameThinking, FrameToolCall, FrameRefusal, FrameFinish, FrameUsage:
		return true
	default:
		return false
	}
}

// IsContent reports whether a frame of this kind is made of tokens of the model.
func (k FrameKind) IsContent() bool {
	return k == FrameText || k == FrameThinking || k == FrameToolCall || k == FrameRefusal
}

// empty reports whether a frame is made of tokens and has none.
func (f Frame) empty() bool {
	return f.Kind.IsContent() && f.Text == "" && f.Tool == nil
}
