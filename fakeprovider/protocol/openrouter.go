package protocol

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// OpenRouter is OpenAI's Chat Completions as OpenRouter serves them, POST /api/v1/chat/completions.
type OpenRouter struct{}

var _ fakeprovider.Protocol = OpenRouter{}

// Name returns "openrouter".
func (OpenRouter) Name() string { return "openrouter" }

// About describes the profile.
func (OpenRouter) About() fakeprovider.About {
	const path = "/api/v1/chat/completions"
	return fakeprovider.About{
		Title:     "OpenRouter's form of OpenAI Chat Completions, POST " + path,
		ProfileOf: OpenAIChat{}.Name(),
		BasePath:  "/api/v1",
		Env: []fakeprovider.Variable{
			{Name: "OPENAI_BASE_URL", Value: "{base}"},
			{Name: "OPENAI_API_KEY", Value: "{key}"},
			{Name: "OPENROUTER_API_KEY", Value: "{key}"},
		},
		Stream: openAIChatCall(path, true),
		Whole:  openAIChatCall(path, false),
		Probes: []string{
			"GET /api/v1/models", "GET /v1/models", "GET /api/v1/models/openai/gpt-4o/endpoints", "GET /api/v1/key",
			"GET /api/v1/auth/key",
			"GET /api/v1/credits",
		},
		Reasons: openAIChatReasons(),
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: fakeprovider.CodeContextLength},
			{Status: 401, Code: pickMissingKey},
			{Status: 402, Code: "fewer_max_tokens"},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: pickFreePerDay},
			{Status: 429, Code: fakeprovider.CodeQuota},
			{Status: 502, Code: pickProviderError},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
		},
	}
}

// Mount routes the completions, with and without the /api that clients put into the base URL. It
// answers the list of models, each of them, and what a key may spend.
func (OpenRouter) Mount(r *mux.Router, h http.Handler) {
	for _, prefix := range []string{"/api/v1", "/v1"} {
		r.Handle(prefix+"/chat/completions", h).Methods(http.MethodPost)
		r.Handle(prefix+"/models", probe("application/json", openRouterModels)).Methods(http.MethodGet)
		r.Handle(prefix+"/models/{model:.+}/endpoints",
			probeOne("application/json", openRouterModel)).Methods(http.MethodGet)
		for _, key := range []string{"/key", "/auth/key"} {
			r.Handle(prefix+key, probe("application/json", openRouterKey)).Methods(http.MethodGet)
		}
		r.Handle(prefix+"/credits",
			probe("application/json", `{"data":{"total_credits":10,"total_usage":0}}`)).Methods(http.MethodGet)
	}
}

// openRouterKey says what a key may still spend: there is no limit.
const openRouterKey = `{"data":{"label":"sk-or-v1-abc...123","limit":null,"limit_remaining":null,"usage":0,"is_free_tier":false}}`

const openRouterModel = `{"data":{"id":"{model}","name":"{model}","created":1715558400,"endpoints":[]}}`

const openRouterModels = `{"data":[{"id":"openai/gpt-4o","name":"OpenAI: GPT-4o","created":1715558400,"context_length":128000}]}`

// Parse refuses what OpenAI refuses. Nothing is padded, and the usage comes whether or not it was
// asked for.
func (OpenRouter) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	req, problem := OpenAIChat{}.Parse(r, body)
	req.Vendor, req.IncludeUsage = nil, true
	return req, problem
}

// Problem returns OpenRouter's error response, on one line.
func (OpenRouter) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	row := choose(openRouterErrors(), p, openRouterOther(p.Status))
	if row.page {
		return edgePage(p.Status, m)
	}
	h := openRouterHeader(m)
	h["Content-Type"] = []string{"application/json"}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h["Retry-After"] = []string{openRouterRetryAfter}
	}
	return respond(p.Status, h, openRouterErrorBody(row, p, m))
}

// openRouterRetryAfter is how many seconds a 429 or a 503 asks for unless a script says
// otherwise.
const openRouterRetryAfter = "5"

// Encoder starts a response.
func (OpenRouter) Encoder(m fakeprovider.Meta) fakeprovider.Encoder {
	e := &openRouterEncoder{
		openAIProfileEncoder: newOpenAIProfileEncoder(m, openRouterHeader, openRouterFailure),
		head: openRouterHead{
			Object: "chat.completion.chunk", Created: m.Now.Unix(), Model: m.Request.Model,
			Provider: openRouterUpstream,
		},
	}
	e.rewrite = e.reply
	e.head.ID = openRouterID(m)
	e.header["X-Generation-Id"] = []string{e.head.ID}
	e.header["Content-Type"] = []string{"text/event-stream"}
	e.header["Cache-Control"] = []string{"no-cache"}
	if !m.Request.Stream {
		e.head.Object = "chat.completion"
		e.header["Content-Type"] = []string{"application/json"}
		delete(e.header, "Cache-Control")
	}
	return e
}
