package protocol

import (
	"bytes"
	"encoding/json"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// responsesEvent is any event of a stream. After the type its keys are sorted, as recorded. Each
// event has those that it needs.
type responsesEvent struct {
	Type           string          `json:"type"`
	Arguments      *string         `json:"arguments,omitzero"`
	Code           string          `json:"code,omitzero"`
	ContentIndex   *int            `json:"content_index,omitzero"`
	Delta          *string         `json:"delta,omitzero"`
	Item           *responsesItem  `json:"item,omitzero"`
	ItemID         string          `json:"item_id,omitzero"`
	Logprobs       []struct{}      `json:"logprobs,omitzero"`
	Message        string          `json:"message,omitzero"`
	Obfuscation    string          `json:"obfuscation,omitzero"`
	OutputIndex    *int            `json:"output_index,omitzero"`
	Param          *nullable       `json:"param,omitzero"`
	Part           *responsesPart  `json:"part,omitzero"`
	Refusal        *string         `json:"refusal,omitzero"`
	Response       json.RawMessage `json:"response,omitzero"`
	SequenceNumber int             `json:"sequence_number"`
	SummaryIndex   *int            `json:"summary_index,omitzero"`
	Text           *string         `json:"text,omitzero"`
}

// responsesItem is an item of an output: a message, a reasoning or a function call.
type responsesItem struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	Status    string          `json:"status,omitzero"`
	Arguments *string         `json:"arguments,omitzero"`
	CallID    string          `json:"call_id,omitzero"`
	Content   []responsesPart `json:"content,omitzero"`
	Name      *string         `json:"name,omitzero"`
	Role      string          `json:"role,omitzero"`
	Summary   []responsesPart `json:"summary,omitzero"`
}

// responsesPart is a part of a message or of a reasoning's summary.
type responsesPart struct {
	Type        string     `json:"type"`
	Annotations []struct{} `json:"annotations,omitzero"`
	Logprobs    []struct{} `json:"logprobs,omitzero"`
	Refusal     *string    `json:"refusal,omitzero"`
	Text        *string    `json:"text,omitzero"`
}

type responsesUsage struct {
	InputTokens        int `json:"input_tokens"`
	InputTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	OutputTokens        int `json:"output_tokens"`
	OutputTokensDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
	TotalTokens int `json:"total_tokens"`
}

type responsesIncomplete struct {
	Reason string `json:"reason"`
}

// responsesField is a field of the response object and its value unless the request says
// otherwise. Without a usual value the field belongs to the response, and the request cannot set
// it.
type responsesField struct{ name, usual string }

// responsesFields returns the fields of the response object in the recorded order.
func responsesFields() []responsesField {
	return []responsesField{
		{name: "id"},
		{name: "object"},
		{name: "created_at"},
		{name: "status"},
		{"background", "false"},
		{name: "completed_at"},
		{name: "error"},
		{"frequency_penalty", "0.0"},
		{name: "incomplete_details"},
		{"instructions", "null"},
		{"max_output_tokens", "null"},
		{"max_tool_calls", "null"},
		{name: "model"},
		{name: "output"},
		{"parallel_tool_calls", "true"},
		{"presence_penalty", "0.0"},
		{"previous_response_id", "null"},
		{"prompt_cache_key", "null"},
		{"prompt_cache_retention", "null"},
		{"reasoning", `{"effort":null,"summary":null}`},
		{"safety_identifier", "null"},
		{"service_tier", `"auto"`},
		{"store", "true"},
		{"temperature", "1.0"},
		{"text", `{"format":{"type":"text"},"verbosity":"medium"}`},
		{"tool_choice", `"auto"`},
		{"tools", "[]"},
		{"top_logprobs", "0"},
		{"top_p", "1.0"},
		{"truncation", `"disabled"`},
		{name: "usage"},
		{"user", "null"},
		{"metadata", "{}"},
	}
}

// responsesObject encodes the response object: the response's own values, then the request's,
// then the usual ones. A field that nobody has set is null.
func responsesObject(own map[string]any, request map[string]json.RawMessage) ([]byte, error) {
	b := []byte{'{'}
	for i, field := range responsesFields() {
		var value any = json.RawMessage(field.usual)
		if v, ok := own[field.name]; ok {
			value = v
		} else if v := bytes.TrimSpace(request[field.name]); field.usual == "" {
			value = nil
		} else if len(v) > 0 && !bytes.Equal(v, []byte("null")) {
			value = json.RawMessage(v)
		}
		data, err := sse.Compact(value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `"`+field.name+`":`...)
		b = append(b, data...)
	}
	return append(b, '}'), nil
}
