package protocol

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// AzureOpenAI is OpenAI's Chat Completions as Azure serves them: POST
// /openai/deployments/{deployment}/chat/completions with an api-version in the query, and POST
// /openai/v1/chat/completions. Lines end in CRLF.
type AzureOpenAI struct{}

var _ fakeprovider.Protocol = AzureOpenAI{}

// Name returns "azure-openai".
func (AzureOpenAI) Name() string { return "azure-openai" }

// azureVersion is the latest version of Azure's data plane that is no preview. Without one,
// openai-python's AzureOpenAI does not start.
const azureVersion = "2024-10-21"

// About describes the profile.
func (AzureOpenAI) About() fakeprovider.About {
	call := func(stream bool) fakeprovider.Call {
		c := openAIChatCall(azureDeployments+"{model}"+azureCompletions+"?api-version="+azureVersion, stream)
		c.Header = map[string]string{"Api-Key": "{key}", "Content-Type": "application/json"}
		return c
	}
	return fakeprovider.About{
		Title:     "Azure's form of OpenAI Chat Completions, POST /openai/deployments/{deployment}/chat/completions",
		ProfileOf: OpenAIChat{}.Name(),
		Env: []fakeprovider.Variable{
			{Name: "AZURE_OPENAI_ENDPOINT", Value: "{base}"},
			{Name: "AZURE_OPENAI_API_KEY", Value: "{key}"},
			{Name: "OPENAI_API_VERSION", Value: azureVersion},
		},
		Stream: call(true),
		Whole:  call(false),
		Probes: []string{
			"GET /openai/v1/models", "GET /openai/models", "GET /openai/models/gpt-4o", "GET /openai/v1/models/gpt-4o",
		},
		Reasons: openAIChatReasons(),
		Unsaid:  []fakeprovider.FrameKind{fakeprovider.FrameThinking},
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: pickContentFilter},
			{Status: 400, Code: fakeprovider.CodeContextLength},
			{Status: 401, Code: pickMissingKey},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: fakeprovider.CodeQuota},
			{Status: 500, Code: fakeprovider.CodeEdgePage},
		},
	}
}

const (
	azureDeployments = "/openai/deployments/"
	azureCompletions = "/chat/completions"
)

// Mount routes both paths. It answers the lists of models and each of them.
func (AzureOpenAI) Mount(r *mux.Router, h http.Handler) {
	r.Handle(azureDeployments+"{deployment}"+azureCompletions, h).Methods(http.MethodPost)
	r.Handle("/openai/v1"+azureCompletions, h).Methods(http.MethodPost)
	for _, path := range []string{"/openai/v1/models", "/openai/models"} {
		r.Handle(path, probe("application/json", azureModels)).Methods(http.MethodGet)
		r.Handle(path+"/{model}", probeOne("application/json", azureModel)).Methods(http.MethodGet)
	}
}

const (
	azureModel  = `{"capabilities":{"chat_completion":true},"created_at":1715367049,"id":"{model}","object":"model","status":"succeeded"}`
	azureModels = `{"data":[{"capabilities":{"chat_completion":true},"created_at":1715367049,"id":"gpt-4o","object":"model","status":"succeeded"}],` +
		`"object":"list"}`
)

// Parse refuses what Azure refuses: no key, no version of the API, and then what OpenAI refuses.
// If the body names no model, the deployment is the model.
func (AzureOpenAI) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	key := r.Header.Get("Api-Key")
	if key == "" {
		key, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if key == "" {
		return fakeprovider.Request{}, &fakeprovider.Problem{Status: http.StatusUnauthorized, Code: pickMissingKey}
	}
	rest, deployed := strings.CutPrefix(r.URL.Path, azureDeployments)
	if deployed && r.URL.Query().Get("api-version") == "" {
		return fakeprovider.Request{},
			&fakeprovider.Problem{Status: http.StatusNotFound, Code: fakeprovider.CodeUnknownRoute}
	}
	if deployed {
		body = withModel(body, strings.TrimSuffix(rest, azureCompletions))
	}
	as := r.Clone(r.Context())
	as.Header.Set("Authorization", "Bearer "+key)
	return OpenAIChat{}.Parse(as, body)
}

// withModel adds a model to a body that names none.
func withModel(body []byte, model string) []byte {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(body, &in); err != nil || in["model"] != nil {
		return body
	}
	name, err := sse.Compact(model)
	if err != nil {
		return body
	}
	in["model"] = name
	with, err := sse.Compact(in)
	if err != nil {
		return body
	}
	return with
}

// Problem returns Azure's error response, on one line.
func (AzureOpenAI) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	row := choose(azureErrors(), p, azureOther(p.Status))
	if row.page {
		return azurePage(p.Status)
	}
	h := azureHeader(m)
	h["Content-Type"] = []string{"application/json"}
	if p.Status == http.StatusTooManyRequests {
		retry := azureRetry(p)
		h["retry-after"] = []string{retry}
		h["retry-after-ms"] = []string{retry + "000"}
		h["x-ratelimit-remaining-tokens"] = []string{"0"}
	}
	return respond(p.Status, h, azureErrorBody(row, p, m))
}

// Encoder starts a response.
func (AzureOpenAI) Encoder(m fakeprovider.Meta) fakeprovider.Encoder {
	e := &azureEncoder{openAIProfileEncoder: newOpenAIProfileEncoder(m, azureHeader, azureFailure)}
	e.header["Content-Type"] = []string{"text/event-stream; charset=utf-8"}
	if !m.Request.Stream {
		e.header["Content-Type"] = []string{"application/json"}
	}
	e.rewrite = e.reply
	return e
}
