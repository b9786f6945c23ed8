package caller

import (
	"cmp"
	"encoding/json"
)

// chatWire is OpenAI's Chat Completions, also as OpenRouter and Azure serve them.
type chatWire struct{}

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
	Model   string          `json:"model"`
	Choices []struct {
		Index        int         `json:"index"`
		Delta        chatMessage `json:"delta"`
		Message      chatMessage `json:"message"`
		FinishReason string      `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

func (w chatWire) event(ev event, take taker) error {
	if ev.data == "[DONE]" {
		take.mark()
		return nil
	}
	return w.answer([]byte(ev.data), take)
}

func (chatWire) answer(data []byte, take taker) error {
	var in chatReply
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if says(in.Error) {
		return errorOf(data)
	}
	take.text(Model, in.Model)
	for _, c := range in.Choices {
		if c.Index != 0 {
			continue
		}
		for _, m := range []chatMessage{c.Delta, c.Message} {
			m.give(take)
		}
		if c.FinishReason == "content_filter" {
			take.refuse()
		}
		take.text(Finish, c.FinishReason)
	}
	take.usage(in.Usage.PromptTokens, in.Usage.CompletionTokens)
	return nil
}

// give hands on the parts of a message.
func (m chatMessage) give(take taker) {
	take.text(Thinking, cmp.Or(m.Reasoning, m.ReasoningContent))
	take.text(Text, m.Content)
	take.text(Refusal, m.Refusal)
	for i, call := range m.ToolCalls {
		if call.Index != nil {
			i = *call.Index
		}
		take.call(i, call.Function.Name, call.Function.Arguments)
	}
}
