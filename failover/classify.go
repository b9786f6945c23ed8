package failover

import (
	"strconv"
	"strings"
)

// A Reason says what a failure means, whichever provider reported it and in whatever words.
type Reason string

const (
	// ReasonRateLimit means that the provider wants fewer requests.
	ReasonRateLimit Reason = "rate_limit"
	// ReasonBilling means that the account has nothing left to spend.
	ReasonBilling Reason = "billing"
	// ReasonOverloaded means that the provider has no capacity for anybody.
	ReasonOverloaded Reason = "overloaded"
	// ReasonServerError means that the provider broke.
	ReasonServerError Reason = "server_error"
	// ReasonTimeout means that the transport failed: too late, cut, reset, never connected.
	ReasonTimeout Reason = "timeout"
	// ReasonAuth means that the key is not accepted.
	ReasonAuth Reason = "auth"
	// ReasonModelNotFound means that the provider does not have the model.
	ReasonModelNotFound Reason = "model_not_found"
	// ReasonContextOverflow means that the conversation is too long for the model.
	ReasonContextOverflow Reason = "context_overflow"
	// ReasonPayloadTooLarge means that the request is too large for the provider.
	ReasonPayloadTooLarge Reason = "payload_too_large"
	// ReasonFormatError means that the provider does not understand the request.
	ReasonFormatError Reason = "format_error"
	// ReasonUpstreamRateLimit means that a gateway's upstream wants fewer requests. The gateway's
	// own key is as good as before.
	ReasonUpstreamRateLimit Reason = "upstream_rate_limit"
	// ReasonCertVerification means that the provider's certificate cannot be verified.
	ReasonCertVerification Reason = "ssl_cert_verification"
	// ReasonImageTooLarge means that an image of the request is too large.
	ReasonImageTooLarge Reason = "image_too_large"
	// ReasonPolicyBlocked means that the account's own settings at the provider forbid the
	// request.
	ReasonPolicyBlocked Reason = "provider_policy_blocked"
	// ReasonContentBlocked means that the provider's safety filter stopped the request or the
	// answer.
	ReasonContentBlocked Reason = "content_policy_blocked"
	// ReasonThinkingSignature means that reasoning sent back was signed for another model or key.
	ReasonThinkingSignature Reason = "thinking_signature"
	// ReasonLongContextTier means that the account may not send conversations of this length.
	ReasonLongContextTier Reason = "long_context_tier"
	// ReasonLongContextBeta means that the login may not ask for the beta of long conversations.
	ReasonLongContextBeta Reason = "oauth_long_context_beta_forbidden"
	// ReasonGrammarPattern means that a local server cannot turn a tool's schema into a grammar.
	ReasonGrammarPattern Reason = "llama_cpp_grammar_pattern"
	// ReasonEncryptedContent means that encrypted reasoning sent back cannot be read.
	ReasonEncryptedContent Reason = "invalid_encrypted_content"
	// ReasonMultimodalToolContent means that the model takes no images in a tool's result.
	ReasonMultimodalToolContent Reason = "multimodal_tool_content_unsupported"
	// ReasonUnknown means that no rule applies.
	ReasonUnknown Reason = "unknown"
)

// reasons returns every Reason.
func reasons() []Reason {
	return []Reason{
		ReasonRateLimit, ReasonBilling, ReasonOverloaded, ReasonServerError, ReasonTimeout, ReasonAuth,
		ReasonModelNotFound, ReasonContextOverflow, ReasonPayloadTooLarge,
		ReasonFormatError, ReasonUpstreamRateLimit, ReasonCertVerification, ReasonImageTooLarge, ReasonPolicyBlocked,
		ReasonContentBlocked, ReasonThinkingSignature,
		ReasonLongContextTier, ReasonLongContextBeta, ReasonGrammarPattern, ReasonEncryptedContent,
		ReasonMultimodalToolContent, ReasonUnknown,
	}
}

// UnmarshalText reads a reason by its name. An unknown name is an error that suggests a near one.
func (r *Reason) UnmarshalText(text []byte) error { return readWord(r, text, "reason", reasons()) }

// Classify says how failures get their reasons. [Policy.Reasons] says what a reason leads to.
type Classify struct {
	// Table names the rules that apply. Default: default.
	Table Table `yaml:"table"`
	// DisconnectOverflow lists the conversations in which a lost connection counts as a context
	// overflow, because some servers hang up instead of saying so. It is a trap: a stale kill looks
	// the same (https://github.com/NousResearch/hermes-agent/issues/16351). Default: none.
	DisconnectOverflow []Large `yaml:"disconnect_overflow"`
	// BadRequestOverflow lists the conversations in which a status of 400 with next to no text
	// counts as a context overflow. Default: none.
	BadRequestOverflow []Large `yaml:"bad_request_overflow"`
}

// A Table names a set of classification rules.
type Table string

const (
	// TableDefault holds the rules of this engine.
	TableDefault Table = "default"
	// TableReported holds the rules of the reported engine, hermes-agent 0.13.
	TableReported Table = "hermes-0.13"
	// TableLandedFix holds the rules of the tree with the fix that landed.
	TableLandedFix Table = "hermes-landed-fix"
	// TableLater holds the rules of hermes-agent 0.20.
	TableLater Table = "hermes-0.20"
)

func tables() []Table { return []Table{TableDefault, TableReported, TableLandedFix, TableLater} }

// UnmarshalText reads a table by its name. An unknown name is an error that suggests a near one.
func (t *Table) UnmarshalText(text []byte) error { return readWord(t, text, "table", tables()) }

// Large describes a conversation that may be too long for its model. All conditions must hold. A
// conversation or a window of unknown size never matches.
type Large struct {
	// Share is the part of the model's window that the conversation exceeds, from 0 to 1.
	Share float64 `yaml:"share"`
	// Tokens is the size that the conversation exceeds, and Window the largest window for which
	// that counts; 0 means any.
	Tokens int `yaml:"tokens"`
	Window int `yaml:"window"`
}

func (l Large) fits(req Request) bool {
	if req.ContextWindow == 0 {
		return false
	}
	return req.ContextTokens > l.Tokens && float64(req.ContextTokens) > l.Share*float64(req.ContextWindow) &&
		(l.Window == 0 || req.ContextWindow <= l.Window)
}

// evidence holds all that a rule may look at.
type evidence struct {
	*AttemptError
	status int    // a status inside a stream's error counts too
	text   string // the provider's own words, in lower case
	lost   string // what the connection did, in lower case
	req    Request
	model  string
}

// classify returns the reason of the first rule of the ordered table that applies.
func (c Classify) classify(f *AttemptError, req Request, model string) Reason {
	e := &evidence{AttemptError: f, status: f.Status, req: req, model: model}
	if f.Status != 0 || f.Kind == FailureStreamError || f.Kind == FailureStreamConnectionError {
		e.text = strings.ToLower(f.Message + "\n" + f.upstream)
	} else {
		e.lost = strings.ToLower(f.Message)
	}
	if inner, err := strconv.Atoi(f.Code); err == nil && e.status == 0 && inner >= 400 && inner < 600 &&
		c.Table == TableDefault {
		e.status = inner
	}
	for _, r := range classification() {
		if r.in.has(c.Table) && r.applies(e, c) {
			return r.reason
		}
	}
	return ReasonUnknown
}
