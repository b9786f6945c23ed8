package caller

import (
	"cmp"
	"encoding/json"
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
	Summary []struct {
		Text string `json:"text"`
	} `json:"summary"`
}

type responsesObject struct {
	Status            string          `json:"status"`
	Model             string          `json:"model"`
	Error             json.RawMessage `json:"error"`
	Output            []responsesItem `json:"output"`
	IncompleteDetails struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Usage struct {
		InputTokens  int `json:"input_tokens"`
		OutputTokens int `json:"output_tokens"`
	} `json:"usage"`
}

func (responsesWire) event(ev event, take taker) error {
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
	take.text(Model, in.Response.Model)
	switch in.Type {
	case "response.output_text.delta":
		take.text(Text, in.Delta)
	case "response.refusal.delta":
		take.text(Refusal, in.Delta)
	case "response.reasoning_text.delta", "response.reasoning_summary_text.delta":
		take.text(Thinking, in.Delta)
	case "response.output_item.added":
		take.call(in.OutputIndex, in.Item.Name, "")
	case "response.function_call_arguments.delta":
		take.call(in.OutputIndex, "", in.Delta)
	case "response.completed", "response.incomplete":
		in.Response.finish(take)
		take.mark()
	case "error", "response.failed":
		return errorOf([]byte(ev.data)) // flat, nested or in the response
	}
	return nil
}

func (responsesWire) answer(data []byte, take taker) error {
	var in responsesObject
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if says(in.Error) || in.Status == "failed" {
		return errorOf(data)
	}
	take.text(Model, in.Model)
	for i, item := range in.Output {
		for _, part := range item.Summary {
			take.text(Thinking, part.Text)
		}
		for _, part := range item.Content {
			if item.Type == "reasoning" {
				take.text(Thinking, part.Text)
				continue
			}
			take.text(Text, part.Text)
			take.text(Refusal, part.Refusal)
		}
		take.call(i, item.Name, item.Arguments)
	}
	in.finish(take)
	return nil
}

// finish hands on the status that a response ends with.
func (r responsesObject) finish(take taker) {
	if r.Status == "incomplete" && r.IncompleteDetails.Reason != "max_output_tokens" {
		take.refuse()
	}
	take.text(Finish, cmp.Or(r.IncompleteDetails.Reason, r.Status))
	take.usage(r.Usage.InputTokens, r.Usage.OutputTokens)
}
