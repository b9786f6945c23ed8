package protocol

import (
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// openAIToolCall is a piece of a call in a stream, with its index, or a whole call, without.
type openAIToolCall struct {
	Index    *int               `json:"index,omitempty"`
	ID       string             `json:"id,omitempty"`
	Type     string             `json:"type,omitempty"`
	Function openAIFunctionCall `json:"function"`
}

type openAIFunctionCall struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

var _ fakeprovider.Opener = (*openAIChatEncoder)(nil)

// Opens reports whether the frame is the first and a call. A response that begins with a call
// opens with it: its first chunk has the role and the call's name.
func (e *openAIChatEncoder) Opens(f fakeprovider.Frame) bool {
	return e.meta.Request.Stream && f.Kind == fakeprovider.FrameToolCall && f.Tool != nil && f.Tool.Begins()
}

// toolPiece returns a piece of a call. The name comes in a chunk of its own, without arguments.
func (e *openAIChatEncoder) toolPiece(t *fakeprovider.ToolCall) ([]byte, error) {
	if t == nil {
		return nil, fakeprovider.ErrNoSuchFrame
	}
	var out []byte
	if t.Begins() {
		delta := openAIDelta{ToolCalls: []openAIToolCall{{
			Index: &t.Index, ID: e.callID(t), Type: "function", Function: openAIFunctionCall{Name: t.Name},
		}}}
		if !e.opened {
			e.opened = true
			delta.Role, delta.Content, delta.Refusal = "assistant", null{}, null{}
		}
		head, err := e.choice(openAIChoice{Delta: delta})
		if err != nil || t.ArgumentsPiece == "" {
			return head, err
		}
		out = head
	}
	piece, err := e.choice(openAIChoice{Delta: openAIDelta{ToolCalls: []openAIToolCall{{
		Index: &t.Index, Function: openAIFunctionCall{Arguments: t.ArgumentsPiece},
	}}}})
	return append(out, piece...), err
}

func (e *openAIChatEncoder) callID(t *fakeprovider.ToolCall) string {
	if t.ID != "" {
		return t.ID
	}
	return "call_" + draw(e.meta.Rand, alphanum, 24)
}

// gatherTool adds a piece to the calls of a response that is not streamed.
func (e *openAIChatEncoder) gatherTool(t *fakeprovider.ToolCall) error {
	if t == nil {
		return fakeprovider.ErrNoSuchFrame
	}
	if t.Begins() {
		e.calls = append(e.calls, openAIToolCall{
			Index: &t.Index, ID: e.callID(t), Type: "function",
			Function: openAIFunctionCall{Name: t.Name, Arguments: t.ArgumentsPiece},
		})
		return nil
	}
	for i, call := range slices.Backward(e.calls) {
		if *call.Index == t.Index {
			e.calls[i].Function.Arguments += t.ArgumentsPiece
			return nil
		}
	}
	return fakeprovider.ErrNoSuchFrame
}

// reply returns the message of a response that is not streamed. Its content is null if there is
// something else.
func (e *openAIChatEncoder) reply() openAIReply {
	reply := openAIReply{Role: "assistant", Content: e.text.String(), Annotations: []string{}}
	if e.text.Len() == 0 && (len(e.calls) > 0 || e.refusal.Len() > 0) {
		reply.Content = nil
	}
	if e.refusal.Len() > 0 {
		reply.Refusal = e.refusal.String()
	}
	for _, call := range e.calls {
		call.Index = nil
		reply.ToolCalls = append(reply.ToolCalls, call)
	}
	return reply
}
