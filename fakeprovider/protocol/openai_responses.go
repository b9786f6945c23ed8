package protocol

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// OpenAIResponses is OpenAI's Responses, POST /v1/responses.
//
// A finish frame ends the items of the output. The done frame ends the response, as
// response.completed or response.incomplete, so a stream without it never says how it ended. An
// error inside a stream has one of three shapes, see Problem.Shape.
type OpenAIResponses struct{}

var _ fakeprovider.Protocol = OpenAIResponses{}

// Name returns "openai-responses".
func (OpenAIResponses) Name() string { return "openai-responses" }

// About describes the protocol.
func (OpenAIResponses) About() fakeprovider.About {
	call := func(stream string) fakeprovider.Call {
		return fakeprovider.Call{
			Path: "/v1/responses", Header: openAICallHeader(),
			Body: `{"model":"{model}","input":"{prompt}"` + stream + `}`,
		}
	}
	return fakeprovider.About{
		Title:    "OpenAI Responses, POST /v1/responses",
		BasePath: "/v1",
		Env:      OpenAIChat{}.About().Env, // the same SDKs
		Stream:   call(`,"stream":true`),
		Whole:    call(""),
		Probes:   []string{"GET /v1/models", "GET /v1/models/gpt-4o"},
		Reasons: map[string]string{
			"stop": "completed", "length": "max_output_tokens", "content_filter": "content_filter",
			"tool_calls": "completed",
		},
		FinishIsMark: true,
		Errors: []fakeprovider.Problem{
			{Status: 400, Code: fakeprovider.CodeContextLength},
			{Status: 400, Code: pickMissing},
			{Status: 400, Code: pickMissingModel},
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

// Mount routes the creation of responses. It answers /v1/models and each model below it.
func (OpenAIResponses) Mount(r *mux.Router, h http.Handler) {
	r.Handle("/v1/responses", h).Methods(http.MethodPost)
	mountOpenAIModels(r, "/v1")
}

// openAIResponsesNotes is what Parse records for the Encoder: the fields of the request, which
// the response object repeats, and whether the client asked for pieces without padding.
type openAIResponsesNotes struct {
	request map[string]json.RawMessage
	plain   bool
}

// responsesInput is what a model is asked: a text of the user, or a list of items of which some
// are messages.
type responsesInput []message

var _ json.Unmarshaler = (*responsesInput)(nil)

// UnmarshalJSON reads either form; null is none.
func (in *responsesInput) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err == nil {
		if text == nil {
			return nil
		}
		*in = responsesInput{{Role: "user", Content: content(*text)}}
		return nil
	}
	var items []message
	if err := json.Unmarshal(data, &items); err != nil {
		return fmt.Errorf("fakeprovider: input: %w", err)
	}
	*in = items
	return nil
}

// Parse refuses what OpenAI refuses before it looks for the model: no key, no JSON, no model,
// nothing to answer.
func (OpenAIResponses) Parse(r *http.Request, body []byte) (fakeprovider.Request, *fakeprovider.Problem) {
	if problem := openAIKey(r); problem != nil {
		return fakeprovider.Request{}, problem
	}
	var in struct {
		Model         string         `json:"model"`
		Instructions  content        `json:"instructions"`
		Input         responsesInput `json:"input"`
		Stream        bool           `json:"stream"`
		StreamOptions struct {
			IncludeObfuscation *bool `json:"include_obfuscation"`
		} `json:"stream_options"`
		// Any of these may replace an input.
		PreviousResponseID string `json:"previous_response_id"`
		Prompt             any    `json:"prompt"`
		Conversation       any    `json:"conversation"`
	}
	notes := openAIResponsesNotes{}
	if json.Unmarshal(body, &in) != nil || json.Unmarshal(body, &notes.request) != nil {
		return fakeprovider.Request{}, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickBadJSON}
	}
	notes.plain = in.StreamOptions.IncludeObfuscation != nil && !*in.StreamOptions.IncludeObfuscation
	req := fakeprovider.Request{Model: in.Model, Stream: in.Stream, IncludeUsage: true, Vendor: notes}
	readConversation(&req, append([]message{{Role: "system", Content: in.Instructions}}, in.Input...))
	switch {
	case in.Model == "":
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickMissingModel}
	case in.Input == nil && in.PreviousResponseID == "" && in.Prompt == nil && in.Conversation == nil:
		return req, &fakeprovider.Problem{Status: http.StatusBadRequest, Code: pickMissing}
	}
	return req, nil
}

// Problem returns OpenAI's error response. Bodies are indented by two spaces.
func (OpenAIResponses) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	return openAIProblem(openAIResponsesErrors(), p, m, openAIResponsesIndent)
}

// Encoder starts a response.
func (OpenAIResponses) Encoder(m fakeprovider.Meta) fakeprovider.Encoder {
	notes, _ := m.Request.Vendor.(openAIResponsesNotes)
	e := &openAIResponsesEncoder{
		meta: m, header: openAIAnswerHeader(m), notes: notes, prefix: draw(m.Rand, hexDigits, 16),
	}
	e.id = e.itemID("resp")
	return e
}
