package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// pretty encodes v over several lines, indented by that many spaces a level.
func pretty(v any, spaces int) ([]byte, error) {
	data, err := sse.Compact(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", strings.Repeat(" ", spaces)); err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	return b.Bytes(), nil
}

// nullable is a string that JSON shows as null if it is empty.
type nullable string

var _ json.Marshaler = nullable("")

// MarshalJSON writes the string or null.
func (s nullable) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return sse.Compact(string(s))
}

// content is a message's content as vendors take it: a string, or a list of parts of which some
// have a text.
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

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// readConversation sets the prompt and the estimated length of a conversation.
func readConversation(r *fakeprovider.Request, messages []message) {
	size := 0
	for _, m := range messages {
		size += len(m.Content)
		if m.Role == "user" {
			r.Prompt = string(m.Content)
		}
	}
	r.InputTokens = max(1, size/fakeprovider.BytesPerToken)
}
