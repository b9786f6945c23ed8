package caller

import "encoding/json"

// geminiWire is Google's Gemini API. Its stream has no terminal mark but the finish reason.
type geminiWire struct {
	// calls counts the tool calls, each of which comes in one piece.
	calls int
}

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
	ModelVersion   string          `json:"modelVersion"`
	PromptFeedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Candidates []struct {
		Content struct {
			Parts []geminiPart `json:"parts"`
		} `json:"content"`
		FinishReason string `json:"finishReason"`
	} `json:"candidates"`
	UsageMetadata struct {
		PromptTokenCount     int `json:"promptTokenCount"`
		CandidatesTokenCount int `json:"candidatesTokenCount"`
	} `json:"usageMetadata"`
}

func (w *geminiWire) event(ev event, take taker) error { return w.answer([]byte(ev.data), take) }

func (w *geminiWire) answer(data []byte, take taker) error {
	var in geminiReply
	if err := json.Unmarshal(data, &in); err != nil {
		return malformed(err)
	}
	if says(in.Error) {
		return errorOf(data)
	}
	take.text(Model, in.ModelVersion)
	if in.PromptFeedback.BlockReason != "" {
		take.refuse()
	}
	for _, c := range in.Candidates {
		for _, p := range c.Content.Parts {
			w.give(p, take)
		}
		switch c.FinishReason {
		case "", "STOP", "MAX_TOKENS", "MALFORMED_FUNCTION_CALL":
		default:
			take.refuse()
		}
		take.text(Finish, c.FinishReason)
	}
	take.usage(in.UsageMetadata.PromptTokenCount, in.UsageMetadata.CandidatesTokenCount)
	return nil
}

func (w *geminiWire) give(p geminiPart, take taker) {
	switch {
	case p.FunctionCall != nil:
		take.call(w.calls, p.FunctionCall.Name, string(p.FunctionCall.Args))
		w.calls++
	case p.Thought:
		take.text(Thinking, p.Text)
	default:
		take.text(Text, p.Text)
	}
}
