package failover

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"sync"
)

// A rule gives one sort of failure its reason, in some of the tables.
type rule struct {
	in      membership
	reason  Reason
	applies condition
}

type condition func(e *evidence, c Classify) bool

// membership is the set of tables that a rule belongs to, one bit each.
type membership uint8

const (
	ours      membership = 1 << iota // TableDefault
	reported                         // TableReported
	landedFix                        // TableLandedFix
	later                            // TableLater
	hermes    = reported | landedFix | later
	every     = ours | hermes
)

func (m membership) has(t Table) bool { return m>>slices.Index(tables(), t)&1 == 1 }

// classification returns the ordered table of all the engines: provider-specific, the status, the
// body's code, its message, TLS, the guess about lost connections, the transport. The reported
// engine's order and words are those of agent/error_classifier.py at the commits that the policies
// name.
//
//nolint:gochecknoglobals // made once, never changed
var classification = sync.OnceValue(func() []rule {
	return slices.Concat(
		specificRules(), clientErrorRules(), statusRules(), codeRules(), messageRules(), transportRules(),
	)
})

// specificRules returns what one vendor or server says in its own words. The reported engine
// repairs the request once and sends it again; here it is sent again as it is.
func specificRules() []rule {
	return []rule{
		{every, ReasonThinkingSignature, all(status(400), says("signature"), says("thinking"))},
		{every, ReasonLongContextTier, all(status(429), says("extra usage"), says("long context"))},
		{every, ReasonLongContextBeta, all(status(400), says("long context beta"))},
		{
			every, ReasonGrammarPattern,
			all(status(400), says("error parsing grammar", "json-schema-to-grammar", "unable to generate parser")),
		},
		{
			ours | landedFix | later, ReasonEncryptedContent,
			all(status(400), either(code("invalid_encrypted_content"), says("encrypted content"))),
		},
		{ours | landedFix | later, ReasonMultimodalToolContent, all(status(400),
			says("tool message content", "tool result content"), says("image", "multimodal", "must be a string"))},
		{ours | later, ReasonUpstreamRateLimit, all(status(429), fromUpstream)},
		{ours, ReasonBilling, all(either(status(429), code("resource_exhausted")), dailyQuota)},
		{ours, ReasonBilling, all(status(429), either(code("insufficient_quota"), says(dailyAllowance()...)))},
		{ours, ReasonModelNotFound, all(status(404), says(modelNotFoundElsewhere()...))},
		{ours, ReasonAuth, code("api_key_invalid")},
	}
}

// clientErrorRules returns the statuses from 400 on whose text counts.
func clientErrorRules() []rule {
	return []rule{
		{every, ReasonAuth, status(401)},
		{every, ReasonRateLimit, all(status(402), says(usageLimit()...), says(transient()...))},
		{every, ReasonBilling, status(402)},
		{every, ReasonBilling, all(status(403), says("key limit exceeded", "spending limit"))},
		{ours | later, ReasonBilling, all(status(403), says(billing()...))},
		{every, ReasonAuth, status(403)},
		{ours | later, ReasonBilling, all(status(404), says(billing()...))},
		{every, ReasonPolicyBlocked, all(status(400, 404), says(policyBlocked()...))},
		{every, ReasonModelNotFound, all(status(400, 404), says(modelNotFound()...))},
		{every, ReasonUnknown, status(404)},
		{every, ReasonPayloadTooLarge, status(413)},
		{landedFix | later, ReasonOverloaded, all(status(429), says(overloaded()...))},
		{every, ReasonRateLimit, status(429)},
		{every, ReasonImageTooLarge, all(status(400), says(imageTooLarge()...))},
		{
			ours | landedFix | later, ReasonContentBlocked,
			all(status(400), either(says(contentBlocked()...), code("content_filter", "content_policy_violation"))),
		},
		{ours | landedFix | later, ReasonFormatError, all(status(400), says(unknownParameter()...))},
		{every, ReasonContextOverflow, all(status(400),
			either(says(contextOverflow()...), code("context_length_exceeded", "max_tokens_exceeded")))},
		{every, ReasonRateLimit, all(status(400), says(rateLimit()...))},
		{every, ReasonBilling, all(status(400), says(billing()...))},
		{every, ReasonContextOverflow, all(status(400), terse, badRequestOverflow)},
		// https://github.com/elizaOS/eliza/pull/10122
		{ours, ReasonServerError, all(status(400), code("server_error", "internal_server_error", "api_error"))},
		{ours | later, ReasonTimeout, status(408)},
	}
}

// statusRules returns the statuses that decide alone, but for two texts.
func statusRules() []rule {
	return []rule{
		{landedFix | later, ReasonFormatError, all(serverSide, says(unknownParameter()...))},
		{later, ReasonContextOverflow, all(serverSide, says(contextOverflow()...))},
		{every, ReasonOverloaded, status(503, 529)},
		{every, ReasonServerError, serverSide},
		{every, ReasonFormatError, func(e *evidence, _ Classify) bool { return e.status >= 400 }},
	}
}

func codeRules() []rule {
	return []rule{
		{every, ReasonBilling, code("insufficient_quota", "billing_not_active", "payment_required", "billing_error")},
		{every, ReasonRateLimit, code("resource_exhausted", "throttled", "rate_limit_exceeded", "rate_limit_error")},
		{ours | landedFix | later, ReasonOverloaded, code("overloaded_error", "overloaded", "unavailable")},
		{ours, ReasonOverloaded, code("server_is_overloaded", "slow_down", "serviceunavailable")},
		{every, ReasonContextOverflow, code("context_length_exceeded", "max_tokens_exceeded")},
		{ours, ReasonModelNotFound, code("not_found")},
		{
			every, ReasonModelNotFound,
			code("model_not_found", "model_not_available", "invalid_model", "not_found_error"),
		},
		{
			every, ReasonAuth,
			code("invalid_api_key", "authentication_error", "permission_error", "unauthenticated", "permission_denied"),
		},
		{every, ReasonPayloadTooLarge, code("request_too_large")},
		{ours | landedFix | later, ReasonContentBlocked, code("content_filter", "content_policy_violation")},
		{ours | landedFix | later, ReasonEncryptedContent, code("invalid_encrypted_content")},
		{ours, ReasonFormatError, code("invalid_request_error", "invalid_argument", "failed_precondition")},
		{ours, ReasonTimeout, code("timeout_error", "deadline_exceeded")},
	}
}

func messageRules() []rule {
	return []rule{
		{every, ReasonPayloadTooLarge, says("request entity too large", "payload too large")},
		{every, ReasonImageTooLarge, says(imageTooLarge()...)},
		{ours | landedFix | later, ReasonContentBlocked, says(contentBlocked()...)},
		{ours, ReasonRateLimit, says(rateLimit()...)}, // "rate limit exceeded" is not a limit that only money lifts
		{every, ReasonRateLimit, all(says(usageLimit()...), says(transient()...))},
		{every, ReasonBilling, says(usageLimit()...)},
		{every, ReasonBilling, says(billing()...)},
		{ours | landedFix | later, ReasonOverloaded, says(overloaded()...)},
		{every, ReasonRateLimit, says(rateLimit()...)},
		{every, ReasonContextOverflow, says(contextOverflow()...)},
		{every, ReasonAuth, says(
			"invalid api key", "invalid_api_key", "authentication", "unauthorized", "forbidden", "invalid token",
			"token expired", "token revoked", "access denied",
		)},
		{every, ReasonPolicyBlocked, says(policyBlocked()...)},
		{every, ReasonModelNotFound, says(modelNotFound()...)},
		{ours | landedFix | later, ReasonTimeout, says("timed out", "deadline exceeded")},
		{ours | later, ReasonServerError, says("empty provider response", "empty response from provider")},
		{
			ours, ReasonServerError,
			code("server_error", "api_error", "internal_server_error", "internal", "internalservererror"),
		},
	}
}

func transportRules() []rule {
	return []rule{
		{ours | landedFix | later, ReasonContentBlocked, ended(FailureFiltered)},
		{ours, ReasonServerError, ended(FailureInvalidToolCall, FailureGivenUp)},
		{ours | later, ReasonCertVerification, unverified},
		{every, ReasonTimeout, either(says("ssl alert", "tls alert"), tlsFailed)},
		{hermes, ReasonContextOverflow, all(disconnected, disconnectOverflow)},
		{every, ReasonTimeout, ended(
			FailureAPIConnectionError, FailureAPITimeoutError, FailureReadError, FailureReadTimeout,
			FailureRemoteProtocolError, FailureStreamConnectionError,
			FailureFirstContentTimeout, FailureAttemptTimeout, FailureTooSlow, FailureTruncated, FailureCallTimeout,
		)},
	}
}

func status(codes ...int) condition {
	return func(e *evidence, _ Classify) bool { return slices.Contains(codes, e.status) }
}

func serverSide(e *evidence, _ Classify) bool { return e.status >= 500 }

func code(codes ...string) condition {
	return func(e *evidence, _ Classify) bool { return slices.Contains(codes, strings.ToLower(e.Code)) }
}

// says matches the provider's own words, and not the text of a transport error.
func says(parts ...string) condition {
	return func(e *evidence, _ Classify) bool { return mentions(e.text, parts) }
}

func mentions(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

func ended(kinds ...FailureKind) condition {
	return func(e *evidence, _ Classify) bool { return slices.Contains(kinds, e.Kind) }
}

func all(conditions ...condition) condition {
	return func(e *evidence, c Classify) bool {
		return !slices.ContainsFunc(conditions, func(holds condition) bool { return !holds(e, c) })
	}
}

func either(conditions ...condition) condition {
	return func(e *evidence, c Classify) bool {
		return slices.ContainsFunc(conditions, func(holds condition) bool { return holds(e, c) })
	}
}

// fromUpstream reports whether a gateway passed on its upstream's error, as OpenRouter does under
// metadata.
func fromUpstream(e *evidence, _ Classify) bool { return e.upstream != "" }

// dailyQuota reports whether a quota of Google's is used up until the next day, however soon the
// same error asks for a retry.
func dailyQuota(e *evidence, _ Classify) bool {
	return strings.Contains(strings.ToLower(e.quota), "perday")
}

// terse reports whether a bad request has no explanation: fewer than 30 characters, as in the
// reported engine.
func terse(e *evidence, _ Classify) bool { return len(e.Message) < 30 }

func badRequestOverflow(e *evidence, c Classify) bool { return fitsAny(c.BadRequestOverflow, e.req) }

// disconnectOverflow excludes, in the later version, the models that think long enough for a
// server to hang up (https://github.com/NousResearch/hermes-agent/issues/52271).
func disconnectOverflow(e *evidence, c Classify) bool {
	if c.Table == TableLater && longestFloor(reasoningFloors(), e.model) > 0 {
		return false
	}
	return fitsAny(c.DisconnectOverflow, e.req)
}

func fitsAny(larges []Large, req Request) bool {
	return slices.ContainsFunc(larges, func(l Large) bool { return l.fits(req) })
}

// disconnected reports whether the connection's error has words of the reported engine's list. Its
// HTTP library calls a body that breaks off "peer closed connection", kills included. Before the
// headers its SDK hides the words.
func disconnected(e *evidence, _ Classify) bool {
	if e.Kind == FailureRemoteProtocolError {
		return true
	}
	return mentions(e.text, disconnects()) || (e.Kind == FailureReadError && mentions(e.lost, disconnects()))
}

func unverified(e *evidence, _ Classify) bool {
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(e.Err, &unverified) || errors.As(e.Err, &unknown) || errors.As(e.Err, &name) ||
		errors.As(e.Err, &invalid)
}

func tlsFailed(e *evidence, _ Classify) bool {
	var alert tls.AlertError
	var record tls.RecordHeaderError
	return errors.As(e.Err, &alert) || errors.As(e.Err, &record)
}
