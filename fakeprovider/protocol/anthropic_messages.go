package protocol

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// AnthropicMessages is Anthropic's Messages, POST /v1/messages.
type AnthropicMessages struct{}

var _ fakeprovider.Protocol = AnthropicMessages{}

// Name returns "anthropic-messages".
func (AnthropicMessages) Name() string { return "anthropic-messages" }

// About describes the protocol.
func (AnthropicMessages) About() fakeprovider.About {
	call := func(stream string) fakeprovider.Call {
		return fakeprovider.Call{
			Path: "/v1/messages",
			Header: map[string]string{
				"X-Api-Key": "{key}", "Anthropic-Version": "2023-06-01", "Content-Type": "application/json",
			},
			Body: `{"model":"{model}","max_tokens":100,"messages":[{"role":"user","content":"{prompt}"}]` + stream +
				`}`,
		}
	}
	return fakeprovider.About{
		Title: "Anthropic Messages, POST /v1/messages",
		Env: []fakeprovider.Variable{
			{Name: "ANTHROPIC_BASE_URL", Value: "{base}"}, {Name: "ANTHROPIC_API_KEY", Value: "{key}"},
		},
		Stream: call(`,"stream":true`),
		Whole:  call(""),
		Probes: []string{"GET /v1/models", "GET /v1/models/claude-opus-4-6", "POST /v1/messages/count_tokens"},
		Reasons: map[string]string{
			"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use",
			fakeprovider.ReasonPause: "pause_turn",
		},
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: "prompt_too_long"},
			{Status: 400, Code: "credit_balance_too_low"},
			{Status: 400, Code: "usage_limit_reached"},
			{Status: 400, Code: "prefill"},
			{Status: 401, Code: pickMissingKey},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 413, Code: fakeprovider.CodeEdgePage},
		},
	}
}

// Mount routes the messages. It answers /v1/models, each model below it and the count of tokens.
func (p AnthropicMessages) Mount(r *mux.Router, h http.Handler) {
	r.Handle("/v1/messages", h).Methods(http.MethodPost)
	r.Handle("/v1/models", probe("application/json", anthropicModels)).Methods(http.MethodGet)
	r.Handle("/v1/models/{model}", probeOne("application/json", anthropicModel)).Methods(http.MethodGet)
	r.Handle("/v1/messages/count_tokens",
		probeCount(p, "application/json", `{"input_tokens":{tokens}}`)).Methods(http.MethodPost)
}

const anthropicModel = `{"type":"model","id":"{model}","display_name":"{model}","created_at":"2025-09-29T00:00:00Z"}`

const anthropicModels = `{"data":[{"type":"model","id":"claude-sonnet-4-5-20250929","display_name":"Claude Sonnet 4.5",` +
	`"created_at":"2025-09-29T00:00:00Z"}],"has_more":false,"first_id":"claude-sonnet-4-5-20250929","last_id":"claude-sonnet-4-5-20250929"}`

// anthropicNotes is what Parse records for the Encoder: the sequences that an answer may stop at.
type anthropicNotes struct{ stops []string }

// Parse refuses what Anthropic refuses before it looks for the model: no key, no version, no
// JSON, a missing field, in that order; and a prefill if the model takes none.
func (AnthropicMessages) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Header.Get("X-Api-Key") == "" && bearer == "" {
		return fakeprovider.Request{}, &fakeprovider.Problem{Status: http.StatusUnauthorized, Code: pickMissingKey}
	}
	if r.Header.Get("Anthropic-Version") == "" {
		return fakeprovider.Request{}, anthropicInvalid("anthropic-version: header is required")
	}
	var in struct {
		Model     string    `json:"model"`
		System    content   `json:"system"`
		Messages  []message `json:"messages"`
		MaxTokens *int      `json:"max_tokens"`
		Stream    bool      `json:"stream"`
		Stops     []string  `json:"stop_sequences"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fakeprovider.Request{}, anthropicInvalid("The request body is not valid JSON")
	}
	req := fakeprovider.Request{
		Model: in.Model, Stream: in.Stream, IncludeUsage: true, Vendor: anthropicNotes{stops: in.Stops},
	}
	readConversation(&req, append([]message{{Role: "system", Content: in.System}}, in.Messages...))
	switch {
	case in.Model == "":
		return req, anthropicInvalid("model: Field required")
	case in.MaxTokens == nil:
		return req, anthropicInvalid("max_tokens: Field required")
	case *in.MaxTokens < 1:
		return req, anthropicInvalid("max_tokens: Input should be greater than or equal to 1")
	case in.Messages == nil:
		return req, anthropicInvalid("messages: Field required")
	case len(in.Messages) == 0:
		return req, anthropicInvalid("messages: at least one message is required")
	}
	return req, anthropicPrefill(in.Model, in.Messages[len(in.Messages)-1])
}

func anthropicInvalid(message string) *fakeprovider.Problem {
	return &fakeprovider.Problem{Status: http.StatusBadRequest, Message: message}
}

// Problem returns Anthropic's error response.
func (AnthropicMessages) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	row := choose(anthropicErrors(), p, anthropicOther(p.Status))
	switch {
	case row.page:
		return edgePage(p.Status, m)
	case row.plain:
		h := http.Header{"Content-Type": {"text/plain"}}
		edgeHeader(h, m)
		return respond(p.Status, h, []byte(row.fill(p, m)))
	}
	h, requestID := anthropicHeader(m)
	h["Content-Type"] = []string{"application/json"}
	switch p.Status {
	case fakeprovider.StatusOverloaded:
		h["x-should-retry"] = []string{"true"}
	case http.StatusTooManyRequests:
		h["anthropic-ratelimit-output-tokens-limit"] = []string{"8000"} // that of the message
		h["anthropic-ratelimit-output-tokens-remaining"] = []string{"0"}
	}
	return respond(p.Status, h, anthropicErrorBody(row, p, m, requestID))
}

// Encoder starts a response.
func (AnthropicMessages) Encoder(m fakeprovider.Meta) fakeprovider.Encoder {
	header, requestID := anthropicHeader(m)
	e := &anthropicEncoder{meta: m, header: header, requestID: requestID, id: "msg_01" + draw(m.Rand, base58, 22)}
	e.header["Content-Type"] = []string{"text/event-stream; charset=utf-8"}
	e.header["Cache-Control"] = []string{"no-cache"}
	if !m.Request.Stream {
		e.header["Content-Type"] = []string{"application/json"}
		delete(e.header, "Cache-Control")
	}
	return e
}
