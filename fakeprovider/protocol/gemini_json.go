package protocol

import (
	"bytes"
	"encoding/json"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// geminiChunk is one element of a stream, or the whole answer.
type geminiChunk struct {
	Candidates     []geminiCandidate     `json:"candidates,omitempty"`
	PromptFeedback *geminiPromptFeedback `json:"promptFeedback,omitempty"`
	UsageMetadata  geminiUsage           `json:"usageMetadata"`
	ModelVersion   string                `json:"modelVersion"`
	ResponseID     string                `json:"responseId"`
}

type geminiPromptFeedback struct {
	BlockReason string `json:"blockReason"`
}

type geminiCandidate struct {
	Content       *geminiContent       `json:"content,omitempty"`
	FinishReason  string               `json:"finishReason,omitempty"`
	Index         int                  `json:"index"`
	SafetyRatings []geminiSafetyRating `json:"safetyRatings,omitempty"`
	FinishMessage string               `json:"finishMessage,omitempty"`
}

type geminiSafetyRating struct {
	Category    string `json:"category"`
	Probability string `json:"probability"`
	Blocked     bool   `json:"blocked"`
}

type geminiContent struct {
	Parts []geminiPart `json:"parts"`
	Role  string       `json:"role"`
}

// geminiPart is a piece of text, of a thought (a text with a mark), or a whole function call.
type geminiPart struct {
	Text             *string             `json:"text,omitempty"`
	FunctionCall     *geminiFunctionCall `json:"functionCall,omitempty"`
	Thought          bool                `json:"thought,omitempty"`
	ThoughtSignature string              `json:"thoughtSignature,omitempty"`
}

type geminiFunctionCall struct {
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
	ID   string          `json:"id,omitempty"`
}

type geminiUsage struct {
	PromptTokenCount     int                   `json:"promptTokenCount"`
	CandidatesTokenCount int                   `json:"candidatesTokenCount,omitempty"`
	TotalTokenCount      int                   `json:"totalTokenCount"`
	PromptTokensDetails  []geminiTokensDetails `json:"promptTokensDetails"`
	ThoughtsTokenCount   int                   `json:"thoughtsTokenCount,omitempty"`
}

type geminiTokensDetails struct {
	Modality   string `json:"modality"`
	TokenCount int    `json:"tokenCount"`
}

// spaced encodes v on one line as Google does: a space after the colon between a key and its
// value, none after a comma.
func spaced(v any) ([]byte, error) {
	data, err := sse.Compact(v)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(data)+len(data)/8)
	quoted, escaped := false, false
	for _, c := range data {
		out = append(out, c)
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			out = append(out, ' ')
		}
	}
	return angleEscaped(out), nil
}

// geminiPretty encodes v over several lines, as Google does.
func geminiPretty(v any) ([]byte, error) {
	data, err := pretty(v, 2)
	return angleEscaped(data), err
}

// angleEscaped escapes < and >, which occur only in strings. Google's JSON does so, and leaves &
// as it is.
func angleEscaped(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("<"), []byte(`\u003c`)), []byte(">"), []byte(`\u003e`))
}
