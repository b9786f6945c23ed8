package protocol

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Gemini is Google's Gemini API, POST /v1beta/models/{model}:streamGenerateContent and
// :generateContent, also under /v1. With ?alt=sse a stream is server-sent events whose lines end
// in CRLF, without it the elements of a JSON array.
type Gemini struct{}

var _ fakeprovider.Protocol = Gemini{}

// Name returns "gemini".
func (Gemini) Name() string { return "gemini" }

// About describes the protocol. Whether an answer is streamed, and in which form, stands in the
// path.
func (Gemini) About() fakeprovider.About {
	call := func(method string) fakeprovider.Call {
		return fakeprovider.Call{
			Path:   "/v1beta/models/{model}:" + method,
			Header: map[string]string{"X-Goog-Api-Key": "{key}", "Content-Type": "application/json"},
			Body:   `{"contents":[{"role":"user","parts":[{"text":"{prompt}"}]}]}`,
		}
	}
	return fakeprovider.About{
		Title: "Gemini, POST /v1beta/models/{model}:streamGenerateContent, as events or as a JSON array",
		Env: []fakeprovider.Variable{
			{Name: "GOOGLE_GEMINI_BASE_URL", Value: "{base}"}, {Name: "GEMINI_API_KEY", Value: "{key}"},
		},
		Stream: call("streamGenerateContent?alt=sse"),
		Whole:  call("generateContent"),
		Probes: []string{
			"GET /v1beta/models", "GET /v1/models", "GET /v1beta/models/gemini-3-flash",
			"POST /v1beta/models/gemini-3-flash:countTokens",
		},
		Reasons: map[string]string{
			"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY", "tool_calls": "STOP",
		},
		Unsaid: []fakeprovider.FrameKind{fakeprovider.FrameRefusal},
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: pickInvalidKey},
			{Status: 400, Code: "missing_contents"},
			{Status: 400, Code: fakeprovider.CodeContextLength},
			{Status: 400, Code: "FAILED_PRECONDITION"},
			{Status: 403, Code: pickMissingKey},
			{Status: 404, Code: fakeprovider.CodeUnknownRoute},
			{Status: 429, Code: pickPerDay},
			{Status: 429, Code: fakeprovider.CodeQuota},
			{Status: 503, Code: "high_demand"},
			{Status: 503, Code: fakeprovider.CodeEdgePage},
		},
	}
}

// Mount routes both methods of both versions. It answers the lists of models, each model and the
// count of its tokens.
func (p Gemini) Mount(r *mux.Router, h http.Handler) {
	for _, version := range []string{"/v1beta", "/v1"} {
		r.Handle(version+"/models/{model:[^/:]+}:{method:(?:streamGenerateContent|generateContent)}",
			h).Methods(http.MethodPost)
		r.Handle(version+"/models", probe(geminiJSONType, geminiModels)).Methods(http.MethodGet)
		r.Handle(version+"/models/{model:[^/:]+}", probeOne(geminiJSONType, geminiModel)).Methods(http.MethodGet)
		r.Handle(version+"/models/{model:[^/:]+}:countTokens",
			probeCount(p, geminiJSONType, geminiCount)).Methods(http.MethodPost)
	}
}

const geminiModels = `{
  "models": [
    {
      "name": "models/gemini-2.5-flash",
      "version": "001",
      "displayName": "Gemini 2.5 Flash",
      "inputTokenLimit": 1048576,
      "outputTokenLimit": 65536,
      "supportedGenerationMethods": [
        "generateContent",
        "countTokens"
      ]
    }
  ]
}
`

const geminiModel = `{
  "name": "models/{model}",
  "version": "001",
  "displayName": "{model}",
  "inputTokenLimit": 1048576,
  "outputTokenLimit": 65536,
  "supportedGenerationMethods": [
    "generateContent",
    "countTokens"
  ]
}
`

const geminiCount = `{
  "totalTokens": {tokens},
  "promptTokensDetails": [
    {
      "modality": "TEXT",
      "tokenCount": {tokens}
    }
  ]
}
`

// geminiNotes is what Parse records for the Encoder and for errors.
type geminiNotes struct {
	form geminiForm
	// version is the version in the path, "v1beta" for instance.
	version string
}

// geminiRequest returns what the URL says: the model, whether to stream, and in which form.
func geminiRequest(r *http.Request) fakeprovider.Request {
	version, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	model, method, _ := strings.Cut(strings.TrimPrefix(rest, "models/"), ":")
	notes := geminiNotes{version: version}
	switch {
	case method != "streamGenerateContent":
	case r.URL.Query().Get("alt") == "sse":
		notes.form = geminiSSE
	default:
		notes.form = geminiArray
	}
	return fakeprovider.Request{Model: model, Stream: notes.form != geminiWhole, IncludeUsage: true, Vendor: notes}
}

// Parse refuses what Google refuses before it looks for the model: no key, no JSON, no contents.
// The key may be in a header or in the query. A missing key is a 403, a wrong one a 400.
func (Gemini) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	req := geminiRequest(r)
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Header.Get("X-Goog-Api-Key") == "" && r.URL.Query().Get("key") == "" && bearer == "" {
		return req, &fakeprovider.Problem{Status: http.StatusForbidden, Code: pickMissingKey}
	}
	type turn struct {
		Role  string  `json:"role"`
		Parts content `json:"parts"`
	}
	var in struct {
		Contents []turn `json:"contents"`
		System   turn   `json:"systemInstruction"`
		Snake    turn   `json:"system_instruction"` // protobuf's JSON takes either spelling
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickBadJSON}
	}
	messages := []message{{Role: "system", Content: in.System.Parts + in.Snake.Parts}}
	for _, t := range in.Contents {
		if t.Role == "" {
			t.Role = "user"
		}
		messages = append(messages, message{Role: t.Role, Content: t.Parts})
	}
	readConversation(&req, messages)
	if len(in.Contents) == 0 {
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: "missing_contents"}
	}
	return req, nil
}

// Problem returns Google's error response. Bodies are indented by two spaces. If the answer would
// have been an array, so is the error. There is no Retry-After: the delay is in the body alone.
func (Gemini) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	p.Code = strings.TrimPrefix(strings.TrimPrefix(p.Code, CodeBareError), ":")
	row := choose(geminiErrors(), p, geminiOther(p.Status))
	if row.page {
		return googlePage(p.Status, m)
	}
	h := geminiHeader(m)
	h["Content-Type"] = []string{geminiJSONType}
	body := geminiErrorBody(row, p, m)
	if notes, _ := m.Request.Vendor.(geminiNotes); notes.form == geminiArray {
		body = append(append([]byte("["), body...), "]\n"...)
	}
	return respond(p.Status, h, body)
}

// WholeNotes returns the notes for a response that is not streamed.
func (Gemini) WholeNotes(notes any) any {
	n, _ := notes.(geminiNotes)
	n.form = geminiWhole
	return n
}

// Encoder starts a response.
func (Gemini) Encoder(m fakeprovider.Meta) fakeprovider.Encoder {
	notes, _ := m.Request.Vendor.(geminiNotes)
	e := &geminiEncoder{meta: m, form: notes.form, header: geminiHeader(m), id: draw(m.Rand, base64URL, 23)}
	e.header["Content-Type"] = []string{geminiJSONType}
	if e.form == geminiSSE {
		e.header["Content-Type"] = []string{"text/event-stream"}
		e.header["Content-Disposition"] = []string{"attachment"}
	}
	return e
}
