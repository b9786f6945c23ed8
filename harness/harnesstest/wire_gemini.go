package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// geminiWire is Google's Gemini API. Its stream has no terminal mark but the finish reason.
type geminiWire struct{}

type geminiPart struct {
	Text         string `json:"text"`
	Thought      bool   `json:"thought"`
	FunctionCall *struct {
		Name string          `json:"name"`
		Args json.RawMessage `json:"args"`
	} `json:"functionCall"`
}

type geminiReply struct {
	Error          json.RawMessage `json:"error"`
	PromptFeedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Candidates []struct {
		Content struct {
			Parts []geminiPart `json:"parts"`
		} `json:"content"`
		FinishReason string `json:"finishReason"`
	} `json:"candidates"`
}

func (geminiWire) request(u harness.Upstream, req harness.Request) (path string, header map[string]string, body any) {
	method := ":generateContent"
	if req.Stream {
		method = ":streamGenerateContent?alt=sse"
	}
	return "/v1beta/models/" + u.Model + method, map[string]string{"X-Goog-Api-Key": u.Key}, map[string]any{
		"contents": []any{map[string]any{"role": "user", "parts": []any{map[string]string{"text": req.Prompt}}}},
	}
}

func (w geminiWire) event(ev event, a *answer) error { return w.answer([]byte(ev.data), a) }

func (geminiWire) answer(data []byte, a *answer) error {
	var in geminiReply
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if len(in.Error) > 0 {
		return says(string(in.Error))
	}
	if in.PromptFeedback.BlockReason != "" {
		a.refuse()
	}
	for _, c := range in.Candidates {
		for _, p := range c.Content.Parts {
			p.give(a)
		}
		switch c.FinishReason {
		case "":
		case "STOP", "MAX_TOKENS":
			a.finish()
		case "MALFORMED_FUNCTION_CALL":
			return says(c.FinishReason)
		default:
			a.refuse()
		}
	}
	return nil
}

func (p geminiPart) give(a *answer) {
	switch {
	case p.FunctionCall != nil: // calls come in one piece
		a.call(len(a.calls), p.FunctionCall.Name, string(p.FunctionCall.Args))
	case p.Thought:
		a.thought(p.Text)
	default:
		a.text(p.Text)
	}
}
