package targets

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/targets/worker"
)

// A chatTool is a tool in the shape of Chat Completions.
type chatTool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
	} `json:"function"`
}

// messagesOf returns the conversation of a request with its prompt, in the shape of Chat
// Completions, or nil if there is only the prompt.
func messagesOf(req harness.Request) json.RawMessage {
	if req.System == "" && len(req.Messages) == 0 {
		return nil
	}
	var all []worker.Message
	if req.System != "" {
		all = append(all, worker.Message{Role: "system", Content: req.System})
	}
	for _, m := range req.Messages {
		all = append(all, worker.Message{Role: m.Role, Content: m.Text})
	}
	return inJSON(append(all, worker.Message{Role: "user", Content: req.Prompt}))
}

// toolsOf returns the tools of a request in the shape of Chat Completions, or nil.
func toolsOf(req harness.Request) json.RawMessage {
	var all []chatTool
	for _, t := range req.Tools {
		one := chatTool{Type: "function"}
		one.Function.Name, one.Function.Description, one.Function.Parameters = t.Name, t.Description, t.Schema()
		all = append(all, one)
	}
	if all == nil {
		return nil
	}
	return inJSON(all)
}

// inJSON returns a value as JSON.
func inJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // it has only texts, and schemas that were validated
	}
	return data
}

// requestOf returns the request of a worker's call. It reverses messagesOf and toolsOf.
func requestOf(c *worker.Call) harness.Request {
	req := harness.Request{
		Prompt: c.Prompt, ContextTokens: c.ContextTokens, ContextWindow: c.ContextWindow, Stream: c.Stream,
		Restarts: c.Restarts,
	}
	for i, m := range c.Messages {
		switch {
		case m.Role == "system" && i == 0:
			req.System = m.Content
		case i < len(c.Messages)-1:
			req.Messages = append(req.Messages, harness.Message{Role: m.Role, Text: m.Content})
		}
	}
	var all []chatTool
	_ = json.Unmarshal(c.Tools, &all) // there may be none
	for _, t := range all {
		req.Tools = append(req.Tools, harness.Tool{
			Name: t.Function.Name, Description: t.Function.Description, Parameters: string(t.Function.Parameters),
		})
	}
	return req
}
