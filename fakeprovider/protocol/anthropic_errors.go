package protocol

import (
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// anthropicTooLong is the message for a prompt that is longer than the context.
const anthropicTooLong = "prompt is too long: 210000 tokens > 200000 maximum"

// anthropicErrors returns Anthropic's errors, the usual one of a status first. Bodies have a type
// and no code, so the picks of a status with several messages are named here. Billing errors
// arrive as 400 as well as 402.
func anthropicErrors() []vendorError {
	const invalid = "invalid_request_error"
	return append([]vendorError{
		{
			status: 400, kind: invalid,
			message: `messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row`,
		},
		{status: 400, pick: "prompt_too_long", kind: invalid, message: anthropicTooLong},
		{status: 400, pick: fakeprovider.CodeContextLength, kind: invalid, message: anthropicTooLong},
		{
			status: 400, pick: "credit_balance_too_low", kind: invalid,
			message: "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to " +
				"upgrade or purchase credits.",
		},
		{
			status: 400, pick: "usage_limit_reached", kind: invalid,
			message: "You have reached your specified API usage limits. You will regain access on 2026-10-01 at " +
				"00:00 UTC.",
		},
		{
			status: 400, pick: pickPrefill, kind: invalid,
			message: "This model does not support assistant message prefill. The conversation must end with a user " +
				"message.",
		},
		{status: 401, kind: "authentication_error", message: "invalid x-api-key"},
		{status: 401, pick: pickMissingKey, kind: "authentication_error", message: "x-api-key header is required"},
		{status: 402, kind: "billing_error", message: "Your credit balance is too low to access the Anthropic API."},
		{
			status: 403, kind: "permission_error",
			message: "Your API key does not have permission to use the specified resource.",
		},
		{status: 404, kind: "not_found_error", message: "model: {model}"},
		{status: 404, pick: fakeprovider.CodeUnknownRoute, kind: "not_found_error", message: "Not Found"},
		{status: 405, kind: invalid, message: "Method Not Allowed"},
		{status: 408, kind: "timeout_error", message: "Request timed out"},
		{status: 409, kind: "conflict_error", message: "Conflict"},
		{status: 413, kind: "request_too_large", message: "Request exceeds the maximum size"},
		{
			status: 429, kind: "rate_limit_error",
			message: "This request would exceed your organization's rate limit of 8,000 output tokens per minute " +
				"(org: {uuid}, model: {model}). For details, refer to: https://docs.claude.com/en/api/rate-limits. " +
				"You can see the response headers for current usage. Please reduce the prompt length or the maximum " +
				"tokens requested, or try again later.",
		},
		{status: 500, kind: "api_error", message: "Internal server error"},
		{
			status: 503, plain: true,
			message: "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
		},
		{status: 504, kind: "timeout_error", message: "Gateway Timeout"},
		{status: fakeprovider.StatusOverloaded, kind: "overloaded_error", message: "Overloaded"},
	}, edgeErrors(502, 520, 521, 522, 523, 524)...)
}

// anthropicOther returns the row of a status that the table does not have.
func anthropicOther(status int) vendorError {
	if status >= http.StatusInternalServerError {
		return vendorError{kind: "api_error"}
	}
	return vendorError{kind: "invalid_request_error"}
}

type anthropicError struct {
	Type      string               `json:"type"`
	Error     anthropicErrorFields `json:"error"`
	RequestID string               `json:"request_id"`
}

type anthropicErrorFields struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

func anthropicErrorBody(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta, requestID string) []byte {
	body, err := sse.Compact(anthropicError{
		Type: "error", Error: anthropicErrorFields{Type: row.kind, Message: row.fill(p, m)}, RequestID: requestID,
	})
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return body
}
