package protocol

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// openAIChunk is a streamed chunk. Usage is absent unless the client asked for it, and null until
// the last chunk.
type openAIChunk struct {
	ID                string         `json:"id"`
	Object            string         `json:"object"`
	Created           int64          `json:"created"`
	Model             string         `json:"model"`
	ServiceTier       string         `json:"service_tier"`
	SystemFingerprint string         `json:"system_fingerprint"`
	Choices           []openAIChoice `json:"choices"`
	Usage             any            `json:"usage,omitempty"`
	Obfuscation       string         `json:"obfuscation,omitempty"`
}

type openAIChoice struct {
	Index        int         `json:"index"`
	Delta        openAIDelta `json:"delta"`
	Logprobs     *struct{}   `json:"logprobs"`
	FinishReason nullable    `json:"finish_reason"`
}

// openAIDelta is a piece of a message. Content and refusal are a string, null{}, or absent.
type openAIDelta struct {
	Role      string           `json:"role,omitempty"`
	Content   any              `json:"content,omitempty"`
	ToolCalls []openAIToolCall `json:"tool_calls,omitempty"`
	Refusal   any              `json:"refusal,omitempty"`
}

type openAIUsage struct {
	PromptTokens        int `json:"prompt_tokens"`
	CompletionTokens    int `json:"completion_tokens"`
	TotalTokens         int `json:"total_tokens"`
	PromptTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
		AudioTokens  int `json:"audio_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens          int `json:"reasoning_tokens"`
		AudioTokens              int `json:"audio_tokens"`
		AcceptedPredictionTokens int `json:"accepted_prediction_tokens"`
		RejectedPredictionTokens int `json:"rejected_prediction_tokens"`
	} `json:"completion_tokens_details"`
}

// openAICompletion is a response that is not streamed.
type openAICompletion struct {
	ID                string             `json:"id"`
	Object            string             `json:"object"`
	Created           int64              `json:"created"`
	Model             string             `json:"model"`
	Choices           []openAIWholeReply `json:"choices"`
	Usage             openAIUsage        `json:"usage"`
	ServiceTier       string             `json:"service_tier"`
	SystemFingerprint string             `json:"system_fingerprint"`
}

type openAIWholeReply struct {
	Index        int         `json:"index"`
	Message      openAIReply `json:"message"`
	Logprobs     *struct{}   `json:"logprobs"`
	FinishReason string      `json:"finish_reason"`
}

// openAIReply is a whole message. Content and refusal are a string or null.
type openAIReply struct {
	Role        string           `json:"role"`
	Content     any              `json:"content"`
	ToolCalls   []openAIToolCall `json:"tool_calls,omitempty"`
	Refusal     any              `json:"refusal"`
	Annotations []string         `json:"annotations"`
}

// null is a null that omitempty keeps.
type null struct{}

// MarshalJSON writes null.
func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// openAIHeartbeat is the comment of services that speak OpenAI's protocol. OpenAI itself sends
// none.
const openAIHeartbeat = ": keep-alive\n\n"

type openAIChatEncoder struct {
	meta          fakeprovider.Meta
	header        http.Header
	head          openAIChunk
	obfuscate     bool
	opened        bool // the first chunk, which has the role, has left
	text, refusal strings.Builder
	calls         []openAIToolCall
	tokens        int
	// reasoned counts the tokens that were reasoning. Only profiles of the protocol show them.
	reasoned int
}

var _ fakeprovider.Encoder = (*openAIChatEncoder)(nil)

// Header returns the header of the whole response.
func (e *openAIChatEncoder) Header() http.Header { return e.header }

// Encode returns the chunk of a frame.
func (e *openAIChatEncoder) Encode(f fakeprovider.Frame) ([]byte, error) {
	if f.Kind.IsContent() {
		e.tokens++
	}
	if f.Kind == fakeprovider.FrameError {
		return e.problem(f.Failure())
	}
	if err := noPause(f.Text); f.Kind == fakeprovider.FrameFinish && err != nil {
		return nil, err
	}
	if !e.meta.Request.Stream {
		return e.whole(f)
	}
	switch f.Kind {
	case fakeprovider.FrameStart:
		e.opened = true
		return e.choice(openAIChoice{Delta: openAIDelta{Role: "assistant", Content: "", Refusal: null{}}})
	case fakeprovider.FrameText:
		return e.choice(openAIChoice{Delta: openAIDelta{Content: f.Text}})
	case fakeprovider.FrameToolCall:
		return e.toolPiece(f.Tool)
	case fakeprovider.FrameRefusal:
		return e.choice(openAIChoice{Delta: openAIDelta{Refusal: f.Text}})
	case fakeprovider.FrameHeartbeat:
		return []byte(openAIHeartbeat), nil
	case fakeprovider.FrameComment:
		return sse.Comment(f.Text), nil
	case fakeprovider.FrameFinish:
		return e.choice(openAIChoice{FinishReason: nullable(cmp.Or(f.Text, "stop"))})
	case fakeprovider.FrameUsage:
		if !e.meta.Request.IncludeUsage {
			return nil, nil
		}
		chunk := e.head
		chunk.Choices, chunk.Usage = []openAIChoice{}, e.usage()
		return e.event(chunk)
	case fakeprovider.FrameDone:
		return []byte("data: [DONE]\n\n"), nil
	case fakeprovider.FrameThinking, fakeprovider.FrameError: // Chat Completions hides its reasoning
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// choice returns a chunk with one choice.
func (e *openAIChatEncoder) choice(c openAIChoice) ([]byte, error) {
	chunk := e.head
	chunk.Choices = []openAIChoice{c}
	if e.meta.Request.IncludeUsage {
		chunk.Usage = null{}
	}
	return e.event(chunk)
}

// maxObfuscation is the greatest length of the padding that hides the length of a token.
const maxObfuscation = 16

func obfuscation(r *rand.Rand) string { return draw(r, alphanum, 1+r.IntN(maxObfuscation)) }

func (e *openAIChatEncoder) event(chunk openAIChunk) ([]byte, error) {
	if e.obfuscate {
		chunk.Obfuscation = obfuscation(e.meta.Rand)
	}
	data, err := sse.Compact(chunk)
	if err != nil {
		return nil, err
	}
	return sse.Event("", data), nil
}

func (e *openAIChatEncoder) usage() openAIUsage {
	in, out := e.meta.Request.InputTokens, e.tokens
	usage := openAIUsage{PromptTokens: in, CompletionTokens: out, TotalTokens: in + out}
	usage.CompletionTokensDetails.ReasoningTokens = e.reasoned
	return usage
}

// whole gathers the content of a response that is not streamed. The finish frame returns it.
func (e *openAIChatEncoder) whole(f fakeprovider.Frame) ([]byte, error) {
	switch f.Kind {
	case fakeprovider.FrameText:
		e.text.WriteString(f.Text)
		return nil, nil
	case fakeprovider.FrameRefusal:
		e.refusal.WriteString(f.Text)
		return nil, nil
	case fakeprovider.FrameToolCall:
		return nil, e.gatherTool(f.Tool)
	case fakeprovider.FrameStart, fakeprovider.FrameHeartbeat, fakeprovider.FrameComment, fakeprovider.FrameUsage,
		fakeprovider.FrameDone:
		return nil, nil
	case fakeprovider.FrameFinish:
		return e.completion(f.Text)
	case fakeprovider.FrameThinking, fakeprovider.FrameError:
	}
	return nil, fakeprovider.ErrNoSuchFrame
}

// completion returns the body, indented by two spaces.
func (e *openAIChatEncoder) completion(reason string) ([]byte, error) {
	reply := openAIWholeReply{Message: e.reply(), FinishReason: cmp.Or(reason, "stop")}
	body, err := pretty(openAICompletion{
		ID: e.head.ID, Object: "chat.completion", Created: e.head.Created, Model: e.head.Model,
		Choices: []openAIWholeReply{reply},
		Usage:   e.usage(), ServiceTier: e.head.ServiceTier, SystemFingerprint: e.head.SystemFingerprint,
	}, 2)
	return append(body, '\n'), err
}

// problem returns an error after the head has left: an event of a stream, or a body under the
// wrong status.
func (e *openAIChatEncoder) problem(p fakeprovider.Problem) ([]byte, error) {
	if p.Shape != "" {
		return nil, noSuchShape(p.Shape)
	}
	row := chooseEvent(openAIErrors(), p, openAIOther(p.Status))
	if !e.meta.Request.Stream {
		return openAIErrorBody(row, p, e.meta, openAIChatIndent), nil
	}
	data, err := sse.Compact(newOpenAIError(row, p, e.meta))
	if err != nil {
		return nil, err
	}
	return sse.Event("", data), nil
}
