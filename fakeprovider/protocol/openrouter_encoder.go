package protocol

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// openRouterHeartbeat is what OpenRouter sends while it waits for its upstream.
const openRouterHeartbeat = ": OPENROUTER PROCESSING\n\n"

// openRouterUpstream is the provider behind OpenRouter.
const openRouterUpstream = "OpenAI"

// openRouterID returns an id made of the time and of chance.
func openRouterID(m fakeprovider.Meta) string {
	return "gen-" + strconv.FormatInt(m.Now.Unix(), 10) + "-" + draw(m.Rand, alphanum, 20)
}

// openRouterHeader returns the header of every response.
func openRouterHeader(m fakeprovider.Meta) http.Header {
	h := http.Header{
		"Access-Control-Allow-Origin": {"*"},
		"Vary":                        {"Accept-Encoding"},
		"Permissions-Policy":          {`payment=(self "https://checkout.stripe.com")`},
		"Referrer-Policy":             {"no-referrer, strict-origin-when-cross-origin"},
		"X-Content-Type-Options":      {"nosniff"},
	}
	edgeHeader(h, m)
	return h
}

// openRouterHead is the beginning of every chunk and of a whole answer.
type openRouterHead struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Created  int64  `json:"created"`
	Model    string `json:"model"`
	Provider string `json:"provider"`
}

type openRouterChunk struct {
	openRouterHead
	Choices []openRouterChoice `json:"choices"`
	Usage   json.RawMessage    `json:"usage,omitempty"`
}

type openRouterChoice struct {
	Index              int              `json:"index"`
	Delta              *openRouterDelta `json:"delta,omitempty"`
	Message            *openRouterDelta `json:"message,omitempty"`
	FinishReason       nullable         `json:"finish_reason"`
	NativeFinishReason nullable         `json:"native_finish_reason"`
	Logprobs           *struct{}        `json:"logprobs"`
}

// openRouterDelta is a delta or a whole message. Every delta has a role and a content.
type openRouterDelta struct {
	Role             string                `json:"role"`
	Content          json.RawMessage       `json:"content"`
	Refusal          json.RawMessage       `json:"refusal,omitempty"`
	ToolCalls        json.RawMessage       `json:"tool_calls,omitempty"`
	Reasoning        string                `json:"reasoning,omitempty"`
	ReasoningDetails []openRouterReasoning `json:"reasoning_details,omitempty"`
}

type openRouterReasoning struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Format string `json:"format"`
	Index  int    `json:"index"`
}

// openRouterBroken is the chunk that ends a stream with an error.
type openRouterBroken struct {
	openRouterHead
	Error   openRouterErrorFields    `json:"error"`
	Choices []openRouterBrokenChoice `json:"choices"`
}

type openRouterBrokenChoice struct {
	Index int `json:"index"`
	Delta struct {
		Content string `json:"content"`
	} `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// openRouterEncoder encodes OpenAI's chunks in OpenRouter's form.
type openRouterEncoder struct {
	*openAIProfileEncoder

	head openRouterHead
	// reasoning is that of an answer that is not streamed.
	reasoning strings.Builder
}

var (
	_ fakeprovider.Encoder = (*openRouterEncoder)(nil)
	_ fakeprovider.Opener  = (*openRouterEncoder)(nil)
)

// Encode returns the chunk of a frame. A stream ends in good order behind an error.
func (e *openRouterEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	stream := e.meta.Request.Stream
	switch f.Kind { //nolint:exhaustive // the others are OpenAI's
	case fakeprovider.FrameError:
		if !stream || f.Failure().Shape != "" {
			return e.openAIProfileEncoder.Encode(f)
		}
		return e.broken(f.Failure())
	case fakeprovider.FrameThinking:
		return e.thinking(f.Text)
	case fakeprovider.FrameHeartbeat:
		if stream {
			return []byte(openRouterHeartbeat), nil
		}
		return nil, nil
	default:
		return e.openAIProfileEncoder.Encode(f)
	}
}

// reply returns a chunk or a whole answer in OpenRouter's form.
func (e *openRouterEncoder) reply(in openAIChunkRead) (any, error) {
	out := openRouterChunk{openRouterHead: e.head, Choices: []openRouterChoice{}, Usage: in.Usage}
	if string(in.Usage) == "null" {
		out.Usage = nil
	}
	for _, c := range in.Choices {
		choice := openRouterChoice{Index: c.Index, FinishReason: c.FinishReason, NativeFinishReason: c.FinishReason}
		if e.meta.Request.Stream {
			choice.Delta = openRouterSays(c.Delta)
		} else {
			choice.Message = openRouterSays(c.Message)
			choice.Message.Refusal = orNull(c.Message["refusal"])
			choice.Message.reason(e.reasoning.String())
		}
		out.Choices = append(out.Choices, choice)
	}
	if len(out.Choices) == 0 { // the usage's chunk has an empty choice here
		out.Choices = []openRouterChoice{{Delta: openRouterSays(nil)}}
	}
	return out, nil
}

// openRouterSays returns OpenAI's delta or message in OpenRouter's form.
func openRouterSays(in map[string]json.RawMessage) *openRouterDelta {
	out := &openRouterDelta{Role: "assistant", Content: in["content"], ToolCalls: in["tool_calls"]}
	if refusal := in["refusal"]; string(refusal) != "null" {
		out.Refusal = refusal
	}
	switch {
	case out.Content != nil:
	case out.ToolCalls != nil:
		out.Content = json.RawMessage("null")
	default:
		out.Content = json.RawMessage(`""`)
	}
	return out
}

// reason adds a piece of reasoning, in both of its forms.
func (d *openRouterDelta) reason(text string) {
	if text == "" {
		return
	}
	d.Reasoning = text
	d.ReasoningDetails = []openRouterReasoning{{Type: "reasoning.text", Text: text, Format: "unknown"}}
}

func (e *openRouterEncoder) thinking(text string) ([]byte, error) {
	e.chat.tokens++
	e.chat.reasoned++
	if !e.meta.Request.Stream {
		e.reasoning.WriteString(text)
		return nil, nil
	}
	delta := openRouterSays(nil)
	delta.reason(text)
	data, err := sse.Compact(openRouterChunk{openRouterHead: e.head, Choices: []openRouterChoice{{Delta: delta}}})
	return sse.Event("", data), err
}

// broken returns the chunk of an error, and the end of the stream behind it.
func (e *openRouterEncoder) broken(p fakeprovider.Problem) ([]byte, error) {
	row := chooseEvent(openRouterErrors(), p, openRouterOther(p.Status))
	data, err := sse.Compact(openRouterBroken{
		openRouterHead: e.head, Error: newOpenRouterError(row, p, e.meta).Error,
		Choices: []openRouterBrokenChoice{{FinishReason: "error"}},
	})
	return append(sse.Event("", data), sse.Event("", []byte("[DONE]"))...), err
}

// openRouterFailure returns the body of an error after the head has left.
func openRouterFailure(p fakeprovider.Problem, m fakeprovider.Meta) []byte {
	return openRouterErrorBody(chooseEvent(openRouterErrors(), p, openRouterOther(p.Status)), p, m)
}
