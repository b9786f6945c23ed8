package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// anthropicWire is Anthropic's Messages.
type anthropicWire struct{}

type anthropicEvent struct {
	Type         string          `json:"type"`
	Index        int             `json:"index"`
	Error        json.RawMessage `json:"error"`
	ContentBlock anthropicBlock  `json:"content_block"`
	Delta        struct {
		Text        string `json:"text"`
		Thinking    string `json:"thinking"`
		PartialJSON string `json:"partial_json"`
		StopReason  string `json:"stop_reason"`
	} `json:"delta"`
}

type anthropicBlock struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Thinking string          `json:"thinking"`
	Name     string          `json:"name"`
	Input    json.RawMessage `json:"input"`
}

func (anthropicWire) request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any) {
	return "/v1/messages", map[string]string{"X-Api-Key": u.Key, "Anthropic-Version": "2023-06-01"}, map[string]any{
		"model": u.Model, "stream": req.Stream, "max_tokens": 4096,
		"messages": []map[string]string{{"role": "user", "content": req.Prompt}},
	}
}

func (anthropicWire) event(ev event, a *answer) error {
	var in anthropicEvent
	if err := json.Unmarshal([]byte(ev.data), &in); err != nil {
		return malformed(err)
	}
	switch in.Type {
	case "content_block_start":
		a.text(in.ContentBlock.Text)
		a.call(in.Index, in.ContentBlock.Name, "")
	case "content_block_delta":
		a.thought(in.Delta.Thinking)
		a.text(in.Delta.Text)
		a.call(in.Index, "", in.Delta.PartialJSON)
	case "message_delta":
		if in.Delta.StopReason == "refusal" {
			a.refuse()
		}
	case "message_stop":
		a.finish()
		a.end()
	case "error":
		return says(string(in.Error))
	}
	return nil
}

func (anthropicWire) answer(data []byte, a *answer) error {
	var in struct {
		Type       string           `json:"type"`
		Error      json.RawMessage  `json:"error"`
		Content    []anthropicBlock `json:"content"`
		StopReason string           `json:"stop_reason"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if in.Type != "message" {
		return says(string(in.Error))
	}
	for i, block := range in.Content {
		a.thought(block.Thinking)
		a.text(block.Text)
		a.call(i, block.Name, string(block.Input))
	}
	if in.StopReason == "refusal" {
		a.refuse()
	}
	if in.StopReason != "" {
		a.finish()
	}
	return nil
}
