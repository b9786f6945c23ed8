package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// openAIChunkRead is what a profile of OpenAI's protocol reads of a chunk or a whole answer, to say it in its own form.
type openAIChunkRead struct {
	ID                string              `json:"id"`
	Object            string              `json:"object"`
	Created           int64               `json:"created"`
	Model             string              `json:"model"`
	SystemFingerprint string              `json:"system_fingerprint"`
	Choices           []openAIReplyChoice `json:"choices"`
	Usage             json.RawMessage     `json:"usage"`
	Obfuscation       string              `json:"obfuscation"`
}

type openAIReplyChoice struct {
	Index        int                        `json:"index"`
	Delta        map[string]json.RawMessage `json:"delta"`
	Message      map[string]json.RawMessage `json:"message"`
	FinishReason nullable                   `json:"finish_reason"`
}

// rewriteReplies passes every chunk of OpenAI's events, or OpenAI's whole answer, through rewrite. Comments and
// [DONE] stay as they are.
func rewriteReplies(data []byte, stream bool, rewrite func(openAIChunkRead) (any, error)) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if !stream {
		return rewriteReply(data, rewrite)
	}
	var out []byte
	for event := range bytes.SplitAfterSeq(data, []byte("\n\n")) {
		chunk, ok := bytes.CutPrefix(event, []byte("data: {"))
		if !ok {
			out = append(out, event...)
			continue
		}
		body, err := rewriteReply(append([]byte("{"), chunk...), rewrite)
		if err != nil {
			return nil, err
		}
		out = append(out, sse.Event("", body)...)
	}
	return out, nil
}

func rewriteReply(data []byte, rewrite func(openAIChunkRead) (any, error)) ([]byte, error) {
	var in openAIChunkRead
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("fakeprovider: OpenAI's reply: %w", err)
	}
	out, err := rewrite(in)
	if err != nil {
		return nil, err
	}
	return sse.Compact(out)
}

// orNull is a field that is null where OpenAI's reply had none.
func orNull(field json.RawMessage) json.RawMessage {
	if field == nil {
		return json.RawMessage("null")
	}
	return field
}
