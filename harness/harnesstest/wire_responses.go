package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// responsesWire is OpenAI's Responses.
type responsesWire struct{}

type responsesItem struct {
	Type      string `json:"type"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
	Content   []struct {
		Text    string `json:"text"`
		Refusal string `json:"refusal"`
	} `json:"content"`
}

type responsesObject struct {
	Status            string          `json:"status"`
	Error             json.RawMessage `json:"error"`
	Output            []responsesItem `json:"output"`
	IncompleteDetails struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
}

func (responsesWire) request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any) {
	return "/v1/responses", map[string]string{"Authorization": "Bearer " + u.Key}, map[string]any{
		"model": u.Model, "stream": req.Stream, "input": req.Prompt,
	}
}

func (responsesWire) event(ev event, a *answer) error {
	var in struct {
		Type        string          `json:"type"`
		Delta       string          `json:"delta"`
		OutputIndex int             `json:"output_index"`
		Item        responsesItem   `json:"item"`
		Response    responsesObject `json:"response"`
	}
	if err := json.Unmarshal([]byte(ev.data), &in); err != nil {
		return malformed(err)
	}
	switch in.Type {
	case "response.output_text.delta":
		a.text(in.Delta)
	case "response.refusal.delta":
		a.refuse()
	case "response.reasoning_text.delta", "response.reasoning_summary_text.delta":
		a.thought(in.Delta)
	case "response.output_item.added":
		a.call(in.OutputIndex, in.Item.Name, "")
	case "response.function_call_arguments.delta":
		a.call(in.OutputIndex, "", in.Delta)
	case "response.completed", "response.incomplete":
		a.end()
		return in.Response.finish(a)
	case "error", "response.failed":
		return says(ev.data) // flat, nested or in the response
	}
	return nil
}

func (responsesWire) answer(data []byte, a *answer) error {
	var in responsesObject
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	for i, item := range in.Output {
		for _, part := range item.Content {
			if item.Type == "reasoning" {
				a.thought(part.Text)
				continue
			}
			a.text(part.Text)
			if part.Refusal != "" {
				a.refuse()
			}
		}
		a.call(i, item.Name, item.Arguments)
	}
	return in.finish(a)
}

// finish reads the status that a response ends with.
func (r responsesObject) finish(a *answer) error {
	switch {
	case r.Status == "completed", r.IncompleteDetails.Reason == "max_output_tokens":
		a.finish()
	case r.Status == "incomplete":
		a.refuse()
	default:
		return says(string(r.Error))
	}
	return nil
}
