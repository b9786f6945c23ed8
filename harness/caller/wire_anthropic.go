package caller

import "encoding/json"

// anthropicWire is Anthropic's Messages.
type anthropicWire struct{}

type anthropicUsage struct {
	InputTokens  int `json:"input_tokens"`
	OutputTokens int `json:"output_tokens"`
}

type anthropicMessage struct {
	Type       string           `json:"type"`
	Model      string           `json:"model"`
	Content    []anthropicBlock `json:"content"`
	StopReason string           `json:"stop_reason"`
	Usage      anthropicUsage   `json:"usage"`
}

type anthropicBlock struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Thinking string          `json:"thinking"`
	Name     string          `json:"name"`
	Input    json.RawMessage `json:"input"`
}

func (anthropicWire) event(ev event, take taker) error {
	var in struct {
		Type         string           `json:"type"`
		Index        int              `json:"index"`
		Message      anthropicMessage `json:"message"`
		ContentBlock anthropicBlock   `json:"content_block"`
		Usage        anthropicUsage   `json:"usage"`
		Delta        struct {
			Text        string `json:"text"`
			Thinking    string `json:"thinking"`
			PartialJSON string `json:"partial_json"`
			StopReason  string `json:"stop_reason"`
		} `json:"delta"`
	}
	if err := json.Unmarshal([]byte(ev.data), &in); err != nil {
		return malformed(err)
	}
	switch in.Type {
	case "message_start":
		take.text(Model, in.Message.Model)
		take.usage(in.Message.Usage.InputTokens, in.Message.Usage.OutputTokens)
	case "content_block_start":
		take.text(Text, in.ContentBlock.Text)
		take.call(in.Index, in.ContentBlock.Name, "")
	case "content_block_delta":
		take.text(Thinking, in.Delta.Thinking)
		take.text(Text, in.Delta.Text)
		take.call(in.Index, "", in.Delta.PartialJSON)
	case "message_delta":
		stopped(in.Delta.StopReason, take)
		take.usage(in.Usage.InputTokens, in.Usage.OutputTokens)
	case "message_stop":
		take.mark()
	case "error":
		return errorOf([]byte(ev.data))
	}
	return nil
}

func (anthropicWire) answer(data []byte, take taker) error {
	var in anthropicMessage
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if in.Type == "error" {
		return errorOf(data)
	}
	take.text(Model, in.Model)
	for i, block := range in.Content {
		take.text(Thinking, block.Thinking)
		take.text(Text, block.Text)
		take.call(i, block.Name, string(block.Input))
	}
	stopped(in.StopReason, take)
	take.usage(in.Usage.InputTokens, in.Usage.OutputTokens)
	return nil
}

func stopped(reason string, take taker) {
	if reason == "refusal" {
		take.refuse()
	}
	take.text(Finish, reason)
}
