package fakeprovider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// compact writes v without spaces and leaves <, > and & as they are, as the vendors do.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// pretty writes v over several lines, indented by that many spaces a level.
func pretty(v any, spaces int) ([]byte, error) {
	data, err := compact(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", strings.Repeat(" ", spaces)); err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	return b.Bytes(), nil
}

// nullable is a string that JSON shows as null where it is empty.
type nullable string

var _ json.Marshaler = nullable("")

// MarshalJSON writes the string or null.
func (s nullable) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return compact(string(s))
}

// content is a message's content as both vendors take it: a string, or a list of parts of which some have a text.
type content string

var _ json.Unmarshaler = (*content)(nil)

// UnmarshalJSON reads either form.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*c = content(text)
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("fakeprovider: content: %w", err)
	}
	for _, part := range parts {
		*c += content(part.Text)
	}
	return nil
}

// bytesPerToken is the usual rule of thumb for English.
const bytesPerToken = 4

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// read takes the prompt and the estimated length from a conversation.
func (r *Request) read(messages []message) {
	size := 0
	for _, m := range messages {
		size += len(m.Content)
		if m.Role == "user" {
			r.Prompt = string(m.Content)
		}
	}
	r.InputTokens = max(1, size/bytesPerToken)
}
