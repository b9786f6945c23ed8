package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// Codes that pick one of OpenRouter's errors, and the metadata that goes with it.
const (
	pickProviderError = "provider_error"
	pickModeration    = "moderation"
	pickFreePerDay    = "free-models-per-day"
)

// openRouterErrors returns OpenRouter's errors, the usual one of a status first. The code in the
// body is the status.
func openRouterErrors() []vendorError {
	return append([]vendorError{
		{status: 400, message: "{model} is not a valid model ID"},
		{status: 400, pick: pickMissingModel, message: "No models provided"},
		{status: 400, pick: pickBadJSON, message: "Invalid JSON body"},
		{status: 400, pick: "missing_required_parameter", message: `Input required: specify "prompt" or "messages"`},
		{
			status: 400, pick: "context_length_exceeded",
			message: "This endpoint's maximum context length is 128000 tokens. However, you requested about 131000 " +
				"tokens (130000 of text input, 1000 in the output). Please reduce the length of either one, or use " +
				"the \"middle-out\" transform to compress your prompt automatically.",
		},
		{status: 401, message: "User not found."},
		{status: 401, pick: pickMissingKey, message: "No auth credentials found"},
		{status: 402, message: "Insufficient credits. Add more using https://openrouter.ai/settings/credits"},
		{
			status: 402, pick: "fewer_max_tokens",
			message: "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but " +
				"can only afford 2000. To increase, visit https://openrouter.ai/settings/credits and upgrade to a " +
				"paid account",
		},
		{status: 403, pick: pickModeration, code: pickModeration, message: "{model} requires moderation on OpenAI. " +
			"Your input was flagged for \"violence\". No credits were charged."},
		{status: 404, message: "No endpoints found for {model}."},
		{status: 404, pick: fakeprovider.CodeUnknownRoute, message: "Not Found"},
		{status: 408, message: "Request timed out"},
		{status: 413, message: "Request Entity Too Large"},
		{status: 429, pick: pickProviderError, code: pickProviderError, message: "Provider returned error"},
		{
			status: 429, pick: pickFreePerDay, code: pickFreePerDay,
			message: "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests " +
				"per day",
		},
		{
			// the word of OpenAI's for a quota that does not come back soon
			status: 429, pick: "insufficient_quota", code: pickFreePerDay,
			message: "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests " +
				"per day",
		},
		{status: 500, message: "Internal Server Error"},
		{status: 502, message: "Provider disconnected"},
		{status: 502, pick: pickProviderError, code: pickProviderError, message: "Provider returned error"},
		{status: 503, message: "There is no available model provider that meets your routing requirements"},
	}, edgeErrors(504, 520, 521, 522, 523, 524)...)
}

// openRouterOther returns the row of a status that the table does not have.
func openRouterOther(int) vendorError { return vendorError{} }

type openRouterError struct {
	Error openRouterErrorFields `json:"error"`
}

type openRouterErrorFields struct {
	Code     int            `json:"code"`
	Message  string         `json:"message"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

func newOpenRouterError(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) openRouterError {
	return openRouterError{
		openRouterErrorFields{Code: row.status, Message: row.fill(p, m), Metadata: openRouterMetadata(row, m)},
	}
}

// openRouterMetadata returns what some errors say besides: whose error it is, what was flagged,
// or which limit was met.
func openRouterMetadata(row vendorError, m fakeprovider.Meta) map[string]any {
	switch {
	case row.code == pickProviderError && row.status == http.StatusTooManyRequests:
		return map[string]any{
			"provider_name": openRouterUpstream,
			"raw": m.Request.Model +
				" is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate " +
				"your rate limits: https://openrouter.ai/settings/integrations",
		}
	case row.code == pickProviderError:
		return map[string]any{"provider_name": openRouterUpstream, "raw": "error code: 502"}
	case row.code == pickModeration:
		return map[string]any{
			"reasons": []string{"violence"}, "flagged_input": "some input", "provider_name": openRouterUpstream,
			"model_slug": m.Request.Model,
		}
	case row.code == pickFreePerDay:
		return map[string]any{"headers": map[string]string{
			"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": midnight(m),
		}}
	}
	return nil
}

// midnight returns when the limit of a day begins anew, in UTC and in milliseconds.
func midnight(m fakeprovider.Meta) string {
	const day = 24 * time.Hour
	return strconv.FormatInt(m.Now.UTC().Truncate(day).Add(day).UnixMilli(), 10)
}

func openRouterErrorBody(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) []byte {
	body, err := sse.Compact(newOpenRouterError(row, p, m))
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return body
}
