package protocol

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Statuses of Google's errors that occur more than once.
const (
	geminiInvalid   = "INVALID_ARGUMENT"
	geminiExhausted = "RESOURCE_EXHAUSTED"
	geminiDenied    = "PERMISSION_DENIED"
)

// Codes that pick one of Gemini's errors.
const (
	pickInvalidKey = "API_KEY_INVALID"
	pickPerMinute  = "per_minute"
	pickPerDay     = "per_day"
)

const (
	geminiQuotaMetric = "generativelanguage.googleapis.com/generate_content_free_tier_requests"
	geminiQuotaHelp   = "You exceeded your current quota, please check your plan and billing details. For more " +
		"information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your " +
		"current usage, head to: https://ai.dev/rate-limit. \n* Quota exceeded for metric: " + geminiQuotaMetric +
		", limit: {limit}, model: {model}\nPlease retry in {retry}s."
)

// geminiErrors returns Google's errors, the usual one of a status first. The kind is the status
// in the body. Messages are those of users and recordings. A wrong key is a 400, a missing one a
// 403.
func geminiErrors() []vendorError { //nolint:funlen // a row for each error
	rows := []vendorError{
		{status: 400, kind: geminiInvalid, message: "Request contains an invalid argument."},
		{
			status: 400, pick: pickInvalidKey, kind: geminiInvalid, code: pickInvalidKey,
			message: "API key not valid. Please pass a valid API key.",
		},
		{
			status: 400, pick: "missing_contents", kind: geminiInvalid,
			message: "* GenerateContentRequest.contents: contents is not specified\n",
		},
		{
			status: 400, pick: pickBadJSON, kind: geminiInvalid,
			message: "Invalid JSON payload received. Unexpected end of string. Expected a value.\n\n^",
		},
		{
			status: 400, pick: "context_length_exceeded", kind: geminiInvalid,
			message: "The input token count (1210000) exceeds the maximum number of tokens allowed (1048576).",
		},
		{
			status: 400, pick: "FAILED_PRECONDITION", kind: "FAILED_PRECONDITION",
			message: "User location is not supported for the API use.",
		},
		{
			status: 401, kind: "UNAUTHENTICATED", code: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
			message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or " +
				"other valid authentication credential. See " +
				"https://developers.google.com/identity/sign-in/web/devconsole-project.",
		},
		{status: 403, kind: geminiDenied, message: "The caller does not have permission"},
		{
			status: 403, pick: pickMissingKey, kind: geminiDenied,
			message: "Method doesn't allow unregistered callers (callers without established identity). Please use " +
				"API Key or other form of API consumer identity to call this API.",
		},
		{
			status: 404, kind: "NOT_FOUND",
			message: "models/{model} is not found for API version {version}, or is not supported for " +
				"generateContent. Call ListModels to see the list of available models and their supported methods.",
		},
		{status: 404, pick: fakeprovider.CodeUnknownRoute, page: true},
		{status: 409, kind: "ABORTED", message: "The operation was aborted."},
		{
			status: 429, pick: pickPerMinute, kind: geminiExhausted,
			code: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", param: "5", message: geminiQuotaHelp,
		},
		{
			status: 429, pick: pickPerDay, kind: geminiExhausted,
			code: "GenerateRequestsPerDayPerProjectPerModel-FreeTier", param: "20", message: geminiQuotaHelp,
		},
		{status: 499, kind: "CANCELLED", message: "The operation was cancelled."},
		{
			status: 500, kind: "INTERNAL",
			message: "An internal error has occurred. Please retry or report in " +
				"https://developers.generativeai.google/guide/troubleshooting",
		},
		{status: 501, kind: "UNIMPLEMENTED", message: "Operation is not implemented, or supported, or enabled."},
		{status: 503, kind: "UNAVAILABLE", message: "The model is overloaded. Please try again later."},
		{
			status: 503, pick: "high_demand", kind: "UNAVAILABLE",
			message: "This model is currently experiencing high demand. Spikes in demand are usually temporary. " +
				"Please try again later.",
		},
		{status: 504, kind: "DEADLINE_EXCEEDED", message: "Deadline expired before operation could complete."},
	}
	daily := rows[len(rows)-7]
	daily.pick = "insufficient_quota" // the word of OpenAI's for a quota that does not come back soon
	return append(append(rows, daily), edgeErrors(405, 408, 413, 502)...)
}

// geminiOther returns the row of a status that the table does not have.
func geminiOther(status int) vendorError {
	if status >= http.StatusInternalServerError {
		return vendorError{kind: "INTERNAL"}
	}
	return vendorError{kind: geminiInvalid}
}

type geminiError struct {
	Error geminiErrorFields `json:"error"`
}

type geminiErrorFields struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Status  string         `json:"status"`
	Details []geminiDetail `json:"details,omitempty"`
}

// geminiDetail is one of several kinds of detail. Each uses some of the fields.
type geminiDetail struct {
	Type       string            `json:"@type"`
	Reason     string            `json:"reason,omitempty"`
	Domain     string            `json:"domain,omitempty"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	Locale     string            `json:"locale,omitempty"`
	Message    string            `json:"message,omitempty"`
	Links      []geminiLink      `json:"links,omitempty"`
	Violations []geminiViolation `json:"violations,omitempty"`
	RetryDelay string            `json:"retryDelay,omitempty"`
}

type geminiLink struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

type geminiViolation struct {
	QuotaMetric     string `json:"quotaMetric"`
	QuotaID         string `json:"quotaId"`
	QuotaDimensions struct {
		Model    string `json:"model"`
		Location string `json:"location"`
	} `json:"quotaDimensions"`
	QuotaValue string `json:"quotaValue"`
}

func newGeminiError(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) geminiError {
	notes, _ := m.Request.Vendor.(geminiNotes)
	row.message = strings.NewReplacer("{version}", cmp.Or(notes.version, "v1beta"), "{limit}", row.param, "{retry}",
		geminiRetry(p)).Replace(row.message)
	return geminiError{geminiErrorFields{
		Code: row.status, Message: row.fill(p, m), Status: row.kind, Details: geminiDetails(row, p, m),
	}}
}

// geminiRetry returns how many seconds the message of a quota names: those of the problem's
// Retry-After, or what a user was told.
func geminiRetry(p fakeprovider.Problem) string {
	if p.Header.Get("Retry-After") == "" {
		return "58.217843437"
	}
	return retryOf(p)
}

// geminiDetails returns the details that only some errors have.
func geminiDetails(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) []geminiDetail {
	const prefix = "type.googleapis.com/google.rpc."
	info := geminiDetail{
		Type: prefix + "ErrorInfo", Reason: row.code, Domain: "googleapis.com",
		Metadata: map[string]string{"service": "generativelanguage.googleapis.com"},
	}
	switch {
	case row.code == pickInvalidKey:
		return []geminiDetail{info, {Type: prefix + "LocalizedMessage", Locale: "en-US", Message: row.fill(p, m)}}
	case row.status == http.StatusUnauthorized:
		return []geminiDetail{info}
	case row.kind != geminiExhausted:
		return nil
	}
	broken := geminiViolation{QuotaMetric: geminiQuotaMetric, QuotaID: row.code, QuotaValue: row.param}
	broken.QuotaDimensions.Model, broken.QuotaDimensions.Location = m.Request.Model, "global"
	whole, _, _ := strings.Cut(geminiRetry(p), ".")
	return []geminiDetail{
		{Type: prefix + "Help", Links: []geminiLink{{
			Description: "Learn more about Gemini API quotas", URL: "https://ai.google.dev/gemini-api/docs/rate-limits",
		}}},
		{Type: prefix + "QuotaFailure", Violations: []geminiViolation{broken}},
		{Type: prefix + "RetryInfo", RetryDelay: whole + "s"},
	}
}

func geminiErrorBody(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) []byte {
	body, err := geminiPretty(newGeminiError(row, p, m))
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return append(body, '\n')
}
