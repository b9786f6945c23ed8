package failover

import (
	"slices"
	"strings"
)

// A Reason is what a failure means, whichever provider said it in whatever words.
type Reason string

const (
	// RateLimit means that the provider wants fewer requests.
	RateLimit Reason = "rate_limit"
	// Billing means that the account has nothing left to spend.
	Billing Reason = "billing"
	// Overloaded means that the provider has no capacity for anybody.
	Overloaded Reason = "overloaded"
	// ServerError means that the provider broke.
	ServerError Reason = "server_error"
	// Timeout means that the transport failed: too late, cut, reset, never connected.
	Timeout Reason = "timeout"
	// Auth means that the key is not accepted.
	Auth Reason = "auth"
	// ModelNotFound means that the provider does not have the model.
	ModelNotFound Reason = "model_not_found"
	// ContextOverflow means that the conversation is too long for the model.
	ContextOverflow Reason = "context_overflow"
	// PayloadTooLarge means that the request is too large for the provider.
	PayloadTooLarge Reason = "payload_too_large"
	// FormatError means that the provider does not understand the request.
	FormatError Reason = "format_error"
	// Unknown is the rest.
	Unknown Reason = "unknown"
)

// reasons is every Reason.
func reasons() []Reason {
	return []Reason{
		RateLimit, Billing, Overloaded, ServerError, Timeout, Auth, ModelNotFound, ContextOverflow, PayloadTooLarge,
		FormatError, Unknown,
	}
}

// UnmarshalText reads a reason by its name.
func (r *Reason) UnmarshalText(text []byte) error { return readWord(r, text, "reason", reasons()) }

// A rule gives failures of one sort their reason.
type rule struct {
	reason  Reason
	applies func(f *AttemptError) bool
}

// classification is the ordered table: the first rule that applies decides. Status goes before the body's code, the
// code before the message, the message before the transport.
func classification() []rule {
	return []rule{
		{PayloadTooLarge, status(413)},
		{Billing, status(402)},
		{ContextOverflow, all(status(400), says("context length", "maximum context", "context window", "too many tokens", "prompt is too long"))},
		{ModelNotFound, all(status(400, 404), says("model not found", "model_not_found", "not a valid model", "does not exist", "unknown model"))},
		{Auth, status(401, 403)},
		{RateLimit, status(429)},
		{Overloaded, status(503, 529)},
		{ServerError, func(f *AttemptError) bool { return f.Status >= 500 }},
		{Unknown, status(404)},
		{FormatError, func(f *AttemptError) bool { return f.Status >= 400 }},
		{Billing, code("insufficient_quota", "billing_not_active", "payment_required", "billing_error")},
		{RateLimit, code("rate_limit_exceeded", "rate_limit_error", "resource_exhausted", "throttled")},
		{Overloaded, code("overloaded_error", "overloaded")},
		{ContextOverflow, code("context_length_exceeded", "max_tokens_exceeded")},
		{ModelNotFound, code("model_not_found", "not_found_error")},
		{Auth, code("invalid_api_key", "authentication_error", "permission_error")},
		{PayloadTooLarge, code("request_too_large")},
		{FormatError, code("invalid_request_error")},
		{Timeout, code("timeout_error")},
		{Overloaded, says("overloaded", "at capacity")},
		{RateLimit, says("rate limit", "too many requests")},
		{ServerError, code("server_error", "api_error", "internal_server_error")},
		{Timeout, ended(
			APIConnectionError, APITimeoutError, ReadError, ReadTimeout, RemoteProtocolError, StreamConnectionError,
			FirstContentTimeout, AttemptTimeout, Truncated,
		)},
	}
}

// classify returns the reason of a failure.
func classify(table []rule, f *AttemptError) Reason {
	for _, r := range table {
		if r.applies(f) {
			return r.reason
		}
	}
	return Unknown
}

func status(codes ...int) func(*AttemptError) bool {
	return func(f *AttemptError) bool { return slices.Contains(codes, f.Status) }
}

func code(codes ...string) func(*AttemptError) bool {
	return func(f *AttemptError) bool { return slices.Contains(codes, strings.ToLower(f.Code)) }
}

// says looks into the provider's own words only: the text of a transport error is nobody's statement.
func says(parts ...string) func(*AttemptError) bool {
	return func(f *AttemptError) bool {
		if f.Status == 0 && f.Kind != StreamError {
			return false
		}
		text := strings.ToLower(f.Message)
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
	}
}

func ended(kinds ...FailureKind) func(*AttemptError) bool {
	return func(f *AttemptError) bool { return slices.Contains(kinds, f.Kind) }
}

func all(conditions ...func(*AttemptError) bool) func(*AttemptError) bool {
	return func(f *AttemptError) bool {
		return !slices.ContainsFunc(conditions, func(c func(*AttemptError) bool) bool { return !c(f) })
	}
}
