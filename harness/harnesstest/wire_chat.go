package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// chatWire is OpenAI's Chat Completions, also as OpenRouter and Azure serve them.
type chatWire struct{ path, key, scheme string }

type chatMessage struct {
	Content          string `json:"content"`
	Refusal          string `json:"refusal"`
	Reasoning        string `json:"reasoning"`
	ReasoningContent string `json:"reasoning_content"`
	ToolCalls        []struct {
		Index    *int `json:"index"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

type chatReply struct {
	Error   json.RawMessage `json:"error"`
	Choices []struct {
		Index        int         `json:"index"`
		Delta        chatMessage `json:"delta"`
		Message      chatMessage `json:"message"`
		FinishReason string      `json:"finish_reason"`
	} `json:"choices"`
}

func (w chatWire) request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any) {
	return w.path, map[string]string{w.key: w.scheme + u.Key}, map[string]any{
		"model": u.Model, "stream": req.Stream, "messages": []map[string]string{{"role": "user", "content": req.Prompt}},
	}
}

func (w chatWire) event(ev event, a *answer) error {
	if ev.data == "[DONE]" {
		a.end()
		return nil
	}
	return w.take([]byte(ev.data), a)
}

func (w chatWire) answer(data []byte, a *answer) error { return w.take(data, a) }

func (chatWire) take(data []byte, a *answer) error {
	var in chatReply
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if len(in.Error) > 0 && string(in.Error) != "null" {
		return says(string(in.Error))
	}
	for _, c := range in.Choices {
		if c.Index != 0 {
			continue
		}
		for _, m := range []chatMessage{c.Delta, c.Message} {
			m.give(a)
		}
		switch c.FinishReason {
		case "":
		case "content_filter":
			a.refuse()
			a.finish()
		case "error":
			return says("finish_reason: error")
		default:
			a.finish()
		}
	}
	return nil
}

// give delivers the parts of a message.
func (m chatMessage) give(a *answer) {
	thought := m.Reasoning
	if thought == "" {
		thought = m.ReasoningContent
	}
	a.thought(thought)
	a.text(m.Content)
	if m.Refusal != "" {
		a.refuse()
	}
	for i, call := range m.ToolCalls {
		if call.Index != nil {
			i = *call.Index
		}
		a.call(i, call.Function.Name, call.Function.Arguments)
	}
}
