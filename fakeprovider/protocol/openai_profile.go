package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// openAIProfileEncoder encodes a form of Chat Completions: OpenAI's bytes with another header,
// other errors and, if rewrite is set, another form of each chunk.
type openAIProfileEncoder struct {
	chat   *openAIChatEncoder
	meta   fakeprovider.Meta
	header http.Header
	// failure returns the body of an error after the head has left.
	failure func(p fakeprovider.Problem, m fakeprovider.Meta) []byte
	rewrite func(openAIChunkRead) (any, error)
}

var (
	_ fakeprovider.Encoder = (*openAIProfileEncoder)(nil)
	_ fakeprovider.Opener  = (*openAIProfileEncoder)(nil)
)

// newOpenAIProfileEncoder starts a response. OpenAI's ids are drawn before those of the header.
func newOpenAIProfileEncoder(
	m fakeprovider.Meta, header func(fakeprovider.Meta) http.Header,
	failure func(fakeprovider.Problem, fakeprovider.Meta) []byte,
) *openAIProfileEncoder {
	e := &openAIProfileEncoder{chat: newOpenAIChatEncoder(m), meta: m, failure: failure}
	e.header = header(m)
	return e
}

// Opens reports whether OpenAI's encoder opens the stream with the frame itself.
func (e *openAIProfileEncoder) Opens(f fakeprovider.Frame) bool { return e.chat.Opens(f) }

// Header returns the header of the whole response.
func (e *openAIProfileEncoder) Header() http.Header { return e.header }

// Encode returns the chunk of a frame.
func (e *openAIProfileEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	if f.Kind == fakeprovider.FrameError {
		return e.problem(f.Failure())
	}
	data, err := e.chat.Encode(f)
	if err != nil || e.rewrite == nil {
		return data, err
	}
	return rewriteReplies(data, e.meta.Request.Stream, e.rewrite)
}

// problem returns an error after the head has left: an event of a stream, or a body under the
// wrong status.
func (e *openAIProfileEncoder) problem(p fakeprovider.Problem) ([]byte, error) {
	if p.Shape != "" {
		return nil, noSuchShape(p.Shape)
	}
	body := e.failure(p, e.meta)
	if !e.meta.Request.Stream {
		return body, nil
	}
	return sse.Event("", body), nil
}

// openAIChunkRead is what a profile reads of OpenAI's chunk or whole answer.
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

// rewriteReplies passes every chunk of OpenAI's events, or the whole answer, through rewrite.
// Comments and [DONE] stay as they are.
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

// orNull returns a field, or null if OpenAI's reply had none.
func orNull(field json.RawMessage) json.RawMessage {
	if field == nil {
		return json.RawMessage("null")
	}
	return field
}
