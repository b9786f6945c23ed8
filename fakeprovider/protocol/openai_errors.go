package protocol

import (
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Codes that pick an error for which OpenAI has no code of its own.
const (
	pickMissingKey   = "missing_api_key"
	pickMissingModel = "missing_model"
	pickMissing      = "missing_required_parameter"
	pickBadJSON      = "bad_json"
)

// openAIErrors returns OpenAI's errors, the usual one of a status first. Messages and codes are
// those of users and recordings. The type of a rate limit really is the name of its bucket. The
// 402 is not OpenAI's own but that of services that speak its protocol.
//
//nolint:funlen // a table
func openAIErrors() []vendorError {
	const invalid = "invalid_request_error"
	return append([]vendorError{
		{
			status: 400, pick: "decimal_below_min_value", kind: invalid, code: "decimal_below_min_value",
			param:   "temperature",
			message: "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
		},
		{
			status: 400, pick: "context_length_exceeded", kind: invalid, code: "context_length_exceeded",
			param: "messages",
			message: "This model's maximum context length is 400000 tokens. However, your messages resulted in " +
				"513462 tokens.",
		},
		{
			status: 400, pick: pickMissing, kind: invalid, code: pickMissing, param: "messages",
			message: "Missing required parameter: 'messages'.",
		},
		{status: 400, pick: pickMissingModel, kind: invalid, message: "you must provide a model parameter"},
		{
			status: 400, pick: pickBadJSON, kind: invalid,
			message: "We could not parse the JSON body of your request. (HINT: This likely means you aren't using " +
				"your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not " +
				"valid JSON.)",
		},
		{
			status: 401, pick: "invalid_api_key", kind: invalid, code: "invalid_api_key",
			message: "Incorrect API key provided: sk-abc***. You can find your API key at " +
				"https://platform.openai.com/account/api-keys.",
		},
		{
			status: 401, pick: pickMissingKey, kind: invalid,
			message: "You didn't provide an API key. You need to provide your API key in an Authorization header " +
				"using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from " +
				"https://platform.openai.com/account/api-keys.",
		},
		{
			status: 402, pick: "invalid_request_error", kind: "unknown_error", code: invalid,
			message: "Insufficient Balance",
		},
		{
			status: 403, pick: "unsupported_country_region_territory", kind: "request_forbidden",
			code:    "unsupported_country_region_territory",
			message: "Country, region, or territory not supported",
		},
		{
			status: 404, pick: "model_not_found", kind: invalid, code: "model_not_found",
			message: "The model `{model}` does not exist or you do not have access to it.",
		},
		{status: 404, pick: fakeprovider.CodeUnknownRoute, kind: invalid, message: "Invalid URL ({method} {path})"},
		{
			status: 405, pick: fakeprovider.CodeWrongMethod, kind: invalid, code: "method_not_supported",
			message: "Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)",
		},
		{
			status: 429, pick: "rate_limit_exceeded", kind: "tokens", code: "rate_limit_exceeded",
			message: "Rate limit reached for {model} in organization org-{org} on tokens per min (TPM): Limit 30000, " +
				"Used 30000, Requested 890. Please try again in {retry}s. Visit " +
				"https://platform.openai.com/account/rate-limits to learn more.",
		},
		{
			status: 429, pick: "requests", kind: "requests", code: "rate_limit_exceeded",
			message: "Rate limit reached for {model} in organization org-{org} on requests per min (RPM): Limit 500, " +
				"Used 500, Requested 1. Please try again in {retry}s. Visit " +
				"https://platform.openai.com/account/rate-limits to learn more.",
		},
		{
			status: 429, pick: "insufficient_quota", kind: "insufficient_quota", code: "insufficient_quota",
			message: "You exceeded your current quota, please check your plan and billing details. For more " +
				"information on this error, read the docs: " +
				"https://platform.openai.com/docs/guides/error-codes/api-errors.",
		},
		{
			status: 500, kind: "server_error",
			message: "The server had an error while processing your request. Sorry about that!",
		},
		{status: 503, kind: "server_error", message: "The engine is currently overloaded, please try again later"},
		{status: 503, pick: "slow_down", kind: "server_error", code: "slow_down", message: "Slow Down"},
		{
			status: 503, pick: "server_is_overloaded", kind: "service_unavailable_error", code: "server_is_overloaded",
			message: "The engine is currently overloaded, please try again later",
		},
	}, edgeErrors(413, 502, 504, 520, 521, 522, 523, 524)...)
}

// openAIOther returns the row of a status that the table does not have.
func openAIOther(status int) vendorError {
	if status >= http.StatusInternalServerError {
		return vendorError{kind: "server_error"}
	}
	return vendorError{kind: "invalid_request_error"}
}

// Bodies of errors are indented by four spaces at Chat Completions, and by two at Responses.
const openAIChatIndent = 4

type openAIError struct {
	Error openAIErrorFields `json:"error"`
}

type openAIErrorFields struct {
	Message string   `json:"message"`
	Type    string   `json:"type"`
	Param   nullable `json:"param"`
	Code    nullable `json:"code"`
}

func newOpenAIError(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) openAIError {
	return openAIError{openAIErrorFields{
		Message: row.fill(p, m), Type: row.kind, Param: nullable(row.param), Code: nullable(row.code),
	}}
}

func openAIErrorBody(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta, indent int) []byte {
	body, err := pretty(newOpenAIError(row, p, m), indent)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	if indent == openAIChatIndent {
		body = append(body, '\n')
	}
	return body
}

// openAIProblem returns an error response out of that table, its body indented by that many
// spaces.
func openAIProblem(table []vendorError, p fakeprovider.Problem, m fakeprovider.Meta, indent int) fakeprovider.Response {
	row := choose(table, p, openAIOther(p.Status))
	if row.page {
		return edgePage(p.Status, m)
	}
	h := openAIHeader(m)
	h["Content-Type"] = []string{"application/json"}
	if p.Status == http.StatusTooManyRequests {
		openAIExhausted(h, row.kind, retryOf(p))
	}
	return respond(p.Status, h, openAIErrorBody(row, p, m, indent))
}

// openAIKey refuses a request without a key.
func openAIKey(r *http.Request) *fakeprovider.Problem {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && key != "" {
		return nil
	}
	return &fakeprovider.Problem{Status: http.StatusUnauthorized, Code: pickMissingKey}
}
