package protocol

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// OpenAIChat is OpenAI's Chat Completions, POST /v1/chat/completions.
type OpenAIChat struct{}

var _ fakeprovider.Protocol = OpenAIChat{}

// Name returns "openai-chat".
func (OpenAIChat) Name() string { return "openai-chat" }

// About describes the protocol.
func (OpenAIChat) About() fakeprovider.About {
	const path = "/v1/chat/completions"
	return fakeprovider.About{
		Title:    "OpenAI Chat Completions, POST " + path,
		BasePath: "/v1", // openai-python and openai-node want it in their base URL
		Env: []fakeprovider.Variable{
			{Name: "OPENAI_BASE_URL", Value: "{base}"}, {Name: "OPENAI_API_KEY", Value: "{key}"},
		},
		Stream:  openAIChatCall(path, true),
		Whole:   openAIChatCall(path, false),
		Probes:  []string{"GET /v1/models", "GET /v1/models/gpt-4o", "GET /v1/models/org/name:tag"},
		Reasons: openAIChatReasons(),
		Unsaid:  []fakeprovider.FrameKind{fakeprovider.FrameThinking},
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: fakeprovider.CodeContextLength},
			{Status: 400, Code: pickMissing},
			{Status: 401, Code: pickMissingKey},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: "requests"},
			{Status: 429, Code: fakeprovider.CodeQuota},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
			{Status: 503, Code: "slow_down"},
			{Status: 503, Code: "server_is_overloaded"},
		},
	}
}

// openAIChatReasons returns the reasons of Chat Completions, whose words scenarios use.
func openAIChatReasons() map[string]string {
	return map[string]string{
		"stop": "stop", "length": "length", "tool_calls": "tool_calls", "content_filter": "content_filter",
	}
}

// openAIChatCall returns the smallest request of Chat Completions; a stream asks for its usage.
func openAIChatCall(path string, stream bool) fakeprovider.Call {
	body := `{"model":"{model}","messages":[{"role":"user","content":"{prompt}"}]`
	if stream {
		body += `,"stream":true,"stream_options":{"include_usage":true}`
	}
	return fakeprovider.Call{Path: path, Header: openAICallHeader(), Body: body + "}"}
}

// openAICallHeader returns the header of a request to OpenAI.
func openAICallHeader() map[string]string {
	return map[string]string{"Authorization": "Bearer {key}", "Content-Type": "application/json"}
}

// Mount routes the completions. It answers /v1/models and each model below it.
func (OpenAIChat) Mount(r *mux.Router, h http.Handler) {
	r.Handle("/v1/chat/completions", h).Methods(http.MethodPost)
	mountOpenAIModels(r, "/v1")
}

// mountOpenAIModels answers what clients ask about models.
func mountOpenAIModels(r *mux.Router, prefix string) {
	r.Handle(prefix+"/models", probe("application/json", openAIModels)).Methods(http.MethodGet)
	r.Handle(prefix+"/models/{model:.+}", probeOne("application/json", openAIModel)).Methods(http.MethodGet)
}

const openAIModel = `{
  "id": "{model}",
  "object": "model",
  "created": 1715367049,
  "owned_by": "system"
}
`

const openAIModels = `{
  "object": "list",
  "data": [
    {
      "id": "gpt-4o",
      "object": "model",
      "created": 1715367049,
      "owned_by": "system"
    }
  ]
}
`

// openAIChatNotes is what Parse records for the Encoder.
type openAIChatNotes struct{ obfuscate bool }

// Parse refuses what OpenAI refuses before it looks for the model: no key, no JSON, no model, no
// messages.
func (OpenAIChat) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	if problem := openAIKey(r); problem != nil {
		return fakeprovider.Request{}, problem
	}
	var in struct {
		Model         string    `json:"model"`
		Messages      []message `json:"messages"`
		Stream        bool      `json:"stream"`
		StreamOptions struct {
			IncludeUsage       bool  `json:"include_usage"`
			IncludeObfuscation *bool `json:"include_obfuscation"`
		} `json:"stream_options"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fakeprovider.Request{}, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickBadJSON}
	}
	obfuscate := in.StreamOptions.IncludeObfuscation == nil || *in.StreamOptions.IncludeObfuscation
	req := fakeprovider.Request{
		Model: in.Model, Stream: in.Stream, IncludeUsage: in.StreamOptions.IncludeUsage,
		Vendor: openAIChatNotes{obfuscate: obfuscate},
	}
	readConversation(&req, in.Messages)
	switch {
	case in.Model == "":
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickMissingModel}
	case len(in.Messages) == 0:
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickMissing}
	}
	return req, nil
}

// Problem returns OpenAI's error response. Bodies are indented by four spaces.
func (OpenAIChat) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	return openAIProblem(openAIErrors(), p, m, openAIChatIndent)
}

// Encoder starts a response.
func (OpenAIChat) Encoder(m fakeprovider.Meta) fakeprovider.Encoder { return newOpenAIChatEncoder(m) }

func newOpenAIChatEncoder(m fakeprovider.Meta) *openAIChatEncoder {
	notes, _ := m.Request.Vendor.(openAIChatNotes)
	e := &openAIChatEncoder{meta: m, obfuscate: notes.obfuscate, header: openAIAnswerHeader(m)}
	e.head = openAIChunk{
		ID: "chatcmpl-" + draw(m.Rand, alphanum, 29), Object: "chat.completion.chunk", Created: m.Now.Unix(),
		Model:       m.Request.Model,
		ServiceTier: "default", SystemFingerprint: "fp_" + strings.ReplaceAll(uuidOf(m.Provider), "-", "")[:10],
	}
	return e
}
