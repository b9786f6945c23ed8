package failover

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// judged is a failure and what each table makes of it: default, hermes-0.13, hermes-landed-fix,
// hermes-0.20.
type judged struct {
	f    AttemptError
	want [4]Reason
}

func same(r Reason) [4]Reason { return [4]Reason{r, r, r, r} }

// Status first, whatever the code and the words; some statuses have their text looked at.
var byStatus = []judged{
	{AttemptError{Status: 401}, same(ReasonAuth)},
	{AttemptError{Status: 403}, same(ReasonAuth)},
	{AttemptError{Status: 403, Message: "Key limit exceeded (total limit)"}, same(ReasonBilling)},
	{AttemptError{Status: 403, Message: "monthly spending limit reached"}, same(ReasonBilling)},
	{
		AttemptError{Status: 403, Message: "insufficient credits"},
		[4]Reason{ReasonBilling, ReasonAuth, ReasonAuth, ReasonBilling},
	},
	{AttemptError{Status: 402}, same(ReasonBilling)},
	{AttemptError{Status: 402, Message: "usage limit reached"}, same(ReasonBilling)},
	{AttemptError{Status: 402, Message: "usage limit reached, try again in 5 hours"}, same(ReasonRateLimit)},
	{AttemptError{Status: 404}, same(ReasonUnknown)},
	{AttemptError{Status: 404, Message: "The model gpt-9 does not exist"}, same(ReasonModelNotFound)},
	{AttemptError{Status: 404, Message: "No endpoints found matching your data policy"}, same(ReasonPolicyBlocked)},
	{
		AttemptError{Status: 404, Message: "insufficient credits for this model"},
		[4]Reason{ReasonBilling, ReasonUnknown, ReasonUnknown, ReasonBilling},
	},
	{AttemptError{Status: 408}, [4]Reason{ReasonTimeout, ReasonFormatError, ReasonFormatError, ReasonTimeout}},
	{AttemptError{Status: 409}, same(ReasonFormatError)},
	{AttemptError{Status: 413}, same(ReasonPayloadTooLarge)},
	{AttemptError{Status: 422}, same(ReasonFormatError)},
	{AttemptError{Status: 429}, same(ReasonRateLimit)},
	{
		AttemptError{Status: 429, Code: "insufficient_quota"},
		[4]Reason{ReasonBilling, ReasonRateLimit, ReasonRateLimit, ReasonRateLimit},
	},
	{
		AttemptError{Status: 429, Message: "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock more"},
		[4]Reason{ReasonBilling, ReasonRateLimit, ReasonRateLimit, ReasonRateLimit},
	},
	{
		AttemptError{Status: 404, Code: "not_found_error", Message: "model: claude-9"},
		[4]Reason{ReasonModelNotFound, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{AttemptError{Status: 404, Code: "not_found_error", Message: "Not Found"}, same(ReasonUnknown)},
	{
		AttemptError{
			Status: 404, Code: "NOT_FOUND",
			Message: "models/gemini-9 is not found for API version v1beta, or is not supported",
		},
		[4]Reason{ReasonModelNotFound, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Status: 404, Code: "404", Message: "No endpoints found for gpt-9."},
		[4]Reason{ReasonModelNotFound, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{AttemptError{
		Status: 429, Code: "RESOURCE_EXHAUSTED", quota: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
	}, same(ReasonRateLimit)},
	{AttemptError{
		Status: 429, Code: "RESOURCE_EXHAUSTED", quota: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
	}, [4]Reason{ReasonBilling, ReasonRateLimit, ReasonRateLimit, ReasonRateLimit}},
	{
		AttemptError{Status: 400, Code: "API_KEY_INVALID", Message: "API key not valid. Please pass a valid API key."},
		[4]Reason{ReasonAuth, ReasonFormatError, ReasonFormatError, ReasonFormatError},
	},
	{
		AttemptError{Status: 429, Message: "Model is overloaded"},
		[4]Reason{ReasonRateLimit, ReasonRateLimit, ReasonOverloaded, ReasonOverloaded},
	},
	{
		AttemptError{Status: 429, Message: "Provider returned error", upstream: "slow down"},
		[4]Reason{ReasonUpstreamRateLimit, ReasonRateLimit, ReasonRateLimit, ReasonUpstreamRateLimit},
	},
	{
		AttemptError{Status: 429, Message: "Extra usage is required for long context requests"},
		same(ReasonLongContextTier),
	},
	{AttemptError{Status: 500}, same(ReasonServerError)},
	{AttemptError{Status: 502}, same(ReasonServerError)},
	{AttemptError{Status: 504}, same(ReasonServerError)},
	{AttemptError{Status: 524}, same(ReasonServerError)},
	{
		AttemptError{Status: 500, Message: "unknown parameter: 'top_k'"},
		[4]Reason{ReasonServerError, ReasonServerError, ReasonFormatError, ReasonFormatError},
	},
	{
		AttemptError{Status: 500, Message: "prompt is too long"},
		[4]Reason{ReasonServerError, ReasonServerError, ReasonServerError, ReasonContextOverflow},
	},
	{AttemptError{Status: 503, Message: "rate limit"}, same(ReasonOverloaded)},
	{AttemptError{Status: 529}, same(ReasonOverloaded)},
	{AttemptError{Status: 400, Message: "something about the request is wrong here"}, same(ReasonFormatError)},
	{
		AttemptError{Status: 400, Message: "This model's maximum context length is 8192 tokens"},
		same(ReasonContextOverflow),
	},
	{AttemptError{Status: 400, Message: "gpt-9 is not a valid model ID"}, same(ReasonModelNotFound)},
	{AttemptError{Status: 400, Message: "Rate limit reached for this key, sorry"}, same(ReasonRateLimit)},
	{AttemptError{Status: 400, Message: "Your credit balance is too low"}, same(ReasonBilling)},
	{AttemptError{Status: 400, Message: "image exceeds 5 MB maximum"}, same(ReasonImageTooLarge)},
	{
		AttemptError{Status: 400, Message: "messages.1: Invalid `signature` in `thinking` block"},
		same(ReasonThinkingSignature),
	},
	{AttemptError{Status: 400, Message: "The long context beta is not yet available"}, same(ReasonLongContextBeta)},
	{AttemptError{Status: 400, Message: "error parsing grammar: unknown pattern"}, same(ReasonGrammarPattern)},
	{
		AttemptError{Status: 400, Code: "invalid_encrypted_content", Message: "it cannot be decrypted by this key"},
		[4]Reason{ReasonEncryptedContent, ReasonFormatError, ReasonEncryptedContent, ReasonEncryptedContent},
	},
	{AttemptError{Status: 400, Message: "tool message content must be a string, images are not taken"}, [4]Reason{
		ReasonMultimodalToolContent, ReasonFormatError, ReasonMultimodalToolContent, ReasonMultimodalToolContent,
	}},
	{
		AttemptError{Status: 400, Code: "content_filter", Message: "the prompt was held back, as it broke a rule"},
		[4]Reason{ReasonContentBlocked, ReasonFormatError, ReasonContentBlocked, ReasonContentBlocked},
	},
}

// Without a status the code, then the provider's words; an error in the middle of a stream has
// none.
var byCodeAndWords = []judged{
	{AttemptError{Kind: FailureStreamError, Code: "insufficient_quota"}, same(ReasonBilling)},
	{
		AttemptError{Kind: FailureStreamError, Code: "insufficient_quota", Message: "too many requests"},
		same(ReasonBilling),
	},
	{AttemptError{Kind: FailureStreamError, Code: "rate_limit_error"}, same(ReasonRateLimit)},
	{AttemptError{Kind: FailureStreamError, Code: "RESOURCE_EXHAUSTED"}, same(ReasonRateLimit)},
	{
		AttemptError{Kind: FailureStreamError, Code: "429"},
		[4]Reason{ReasonRateLimit, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "502", Message: "upstream broke"},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "overloaded_error"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonOverloaded, ReasonOverloaded},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "api_error"},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "server_error", Message: "at capacity"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonOverloaded, ReasonOverloaded},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "UNAVAILABLE"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonOverloaded, ReasonOverloaded},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "server_is_overloaded"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "ServiceUnavailable"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "InternalServerError"},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "INTERNAL"},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Code: "NOT_FOUND"},
		[4]Reason{ReasonModelNotFound, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{AttemptError{
		Kind: FailureStreamError, Code: "RESOURCE_EXHAUSTED", quota: "GenerateRequestsPerDayPerProjectPerModel",
	}, [4]Reason{ReasonBilling, ReasonRateLimit, ReasonRateLimit, ReasonRateLimit}},
	{AttemptError{Kind: FailureStreamError, Code: "context_length_exceeded"}, same(ReasonContextOverflow)},
	{AttemptError{Kind: FailureStreamError, Code: "authentication_error"}, same(ReasonAuth)},
	{AttemptError{Kind: FailureStreamError, Code: "model_not_found"}, same(ReasonModelNotFound)},
	{AttemptError{Kind: FailureStreamError, Code: "request_too_large"}, same(ReasonPayloadTooLarge)},
	{
		AttemptError{Kind: FailureStreamError, Code: "timeout_error"},
		[4]Reason{ReasonTimeout, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{
		AttemptError{Kind: FailureStreamError, Message: "Overloaded"},
		[4]Reason{ReasonOverloaded, ReasonUnknown, ReasonOverloaded, ReasonOverloaded},
	},
	{
		AttemptError{Kind: FailureStreamError, Message: "Rate limit exceeded"},
		[4]Reason{ReasonRateLimit, ReasonBilling, ReasonBilling, ReasonBilling},
	},
	{AttemptError{Kind: FailureStreamError, Message: "Too Many Requests"}, same(ReasonRateLimit)},
	{AttemptError{Kind: FailureStreamError, Message: "quota exceeded, retry tomorrow"}, same(ReasonRateLimit)},
	{AttemptError{Kind: FailureStreamError, Message: "quota exceeded"}, same(ReasonBilling)},
	{AttemptError{Kind: FailureStreamError, Message: "Payload too large"}, same(ReasonPayloadTooLarge)},
	{AttemptError{Kind: FailureStreamError, Message: "invalid API key"}, same(ReasonAuth)},
	{
		AttemptError{Kind: FailureStreamError, Message: "request timed out"},
		[4]Reason{ReasonTimeout, ReasonUnknown, ReasonTimeout, ReasonTimeout},
	},
	{
		AttemptError{Kind: FailureStreamError, Message: "empty provider response"},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonServerError},
	},
	{
		AttemptError{Kind: FailureStreamError, Message: "blocked by the safety filter"},
		[4]Reason{ReasonContentBlocked, ReasonUnknown, ReasonContentBlocked, ReasonContentBlocked},
	},
	{AttemptError{
		Kind: FailureStreamError, Message: "Provider returned error", upstream: `{"error":"too many requests"}`,
	}, same(ReasonRateLimit)},
	{AttemptError{Kind: FailureStreamError, Message: "SSL alert number 40"}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureStreamError, Message: "hm"}, same(ReasonUnknown)},
}

// What is left is what the connection did; its words are nobody's statement.
var byTransport = []judged{
	{AttemptError{Kind: FailureStreamConnectionError}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureReadError, Message: "rate limit"}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureRemoteProtocolError}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureAPIConnectionError}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureAPITimeoutError}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureReadTimeout}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureFirstContentTimeout}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureAttemptTimeout}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureTooSlow}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureCallTimeout}, same(ReasonTimeout)},
	{AttemptError{Kind: FailureTruncated}, same(ReasonTimeout)},
	{
		AttemptError{Kind: FailureFiltered},
		[4]Reason{ReasonContentBlocked, ReasonUnknown, ReasonContentBlocked, ReasonContentBlocked},
	},
	{
		AttemptError{Kind: FailureInvalidToolCall},
		[4]Reason{ReasonServerError, ReasonUnknown, ReasonUnknown, ReasonUnknown},
	},
	{AttemptError{Kind: FailureEmpty}, same(ReasonUnknown)},
	{AttemptError{Kind: FailureEmptyStream}, same(ReasonUnknown)},
	{AttemptError{Kind: FailureStreamParseError}, same(ReasonUnknown)},
	{
		AttemptError{Kind: FailureAPIConnectionError, Err: fmt.Errorf("dial: %w", tls.AlertError(40))},
		same(ReasonTimeout),
	},
	{
		AttemptError{
			Kind: FailureAPIConnectionError,
			Err:  fmt.Errorf("dial: %w", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}),
		},
		[4]Reason{ReasonCertVerification, ReasonTimeout, ReasonTimeout, ReasonCertVerification},
	},
}

func TestClassification(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]judged{
		"status": byStatus, "code and words": byCodeAndWords, "transport": byTransport,
	} {
		for _, row := range rows {
			for i, table := range tables() {
				if got := (Classify{Table: table}).classify(&row.f, Request{}, "m"); got != row.want[i] {
					t.Errorf("%s, %s: %s %q %v: got %s, want %s", name, table, row.f.summary(), row.f.Message,
						row.f.Err, got, row.want[i])
				}
			}
		}
	}
}

// Every reason is one that some failure has.
func TestEveryReasonIsGiven(t *testing.T) {
	t.Parallel()
	given := map[Reason]bool{}
	for _, row := range slices.Concat(byStatus, byCodeAndWords, byTransport) {
		for _, r := range row.want {
			given[r] = true
		}
	}
	for _, r := range reasons() {
		if !given[r] {
			t.Errorf("no row shows %s", r)
		}
	}
}

// A lost connection in a long conversation is taken for a context overflow, a stale kill's among
// them, unless it reads as a read error of the engine's own making
// (https://github.com/NousResearch/hermes-agent/issues/16351).
func TestDisconnectOverflow(t *testing.T) {
	t.Parallel()
	small := []Large{{Share: 0.6}, {Tokens: 120_000, Window: 256_000}}
	stale := &alarmError{alarmStale, 0}
	killed := func(k FailureKind) AttemptError { return AttemptError{Kind: k, Err: stale, Message: stale.Error()} }
	for _, row := range []struct {
		what           string
		f              AttemptError
		tokens, window int
		model          string
		want           [4]Reason
	}{
		{
			"a kill over TLS", killed(FailureRemoteProtocolError), 120_001, 256_000, "m",
			[4]Reason{ReasonTimeout, ReasonContextOverflow, ReasonContextOverflow, ReasonContextOverflow},
		},
		{
			"in a model that thinks", killed(FailureRemoteProtocolError), 120_001, 256_000, "openai/o3",
			[4]Reason{ReasonTimeout, ReasonContextOverflow, ReasonContextOverflow, ReasonTimeout},
		},
		{"not above", killed(FailureRemoteProtocolError), 120_000, 256_000, "m", same(ReasonTimeout)},
		{"a larger window", killed(FailureRemoteProtocolError), 120_001, 256_001, "m", same(ReasonTimeout)},
		{
			"but most of it", killed(FailureRemoteProtocolError), 600_001, 1_000_000, "m",
			[4]Reason{ReasonTimeout, ReasonContextOverflow, ReasonContextOverflow, ReasonContextOverflow},
		},
		{"an unknown window", killed(FailureRemoteProtocolError), 120_001, 0, "m", same(ReasonTimeout)},
		{"a kill that reads as a read error", killed(FailureReadError), 200_000, 200_000, "m", same(ReasonTimeout)},
		{
			"a reset",
			AttemptError{Kind: FailureReadError, Message: "read tcp: connection reset by peer"},
			200_000,
			200_000, "m",
			[4]Reason{ReasonTimeout, ReasonContextOverflow, ReasonContextOverflow, ReasonContextOverflow},
		},
		{
			"a reset before the headers",
			AttemptError{Kind: FailureAPIConnectionError, Message: "connection reset by peer"},
			200_000, 200_000, "m",
			same(ReasonTimeout),
		},
		{
			"a gateway's word",
			AttemptError{Kind: FailureStreamConnectionError, Message: "Network connection lost."},
			200_000, 200_000, "m",
			[4]Reason{ReasonTimeout, ReasonContextOverflow, ReasonContextOverflow, ReasonContextOverflow},
		},
	} {
		for i, table := range tables() {
			c := Classify{Table: table, DisconnectOverflow: small}
			got := c.classify(&row.f, Request{ContextTokens: row.tokens, ContextWindow: row.window}, row.model)
			if got != row.want[i] {
				t.Errorf("%s, %s: got %s, want %s", row.what, table, got, row.want[i])
			}
		}
	}
}

// An HTTP status decides alone about all but the statuses whose text is looked at, and every
// failure has a reason.
func TestStatusGoesBeforeEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := AttemptError{
			Kind:   rapid.SampledFrom(failureKinds()).Draw(rt, "kind"),
			Status: rapid.IntRange(http.StatusBadRequest, 599).Draw(rt, "status"),
			Code: rapid.SampledFrom([]string{"", "overloaded_error", "insufficient_quota", "model_not_found"}).Draw(rt,
				"code"),
			Message: rapid.SampledFrom([]string{"", "rate limit", "does not exist", "context window"}).Draw(rt,
				"message"),
		}
		c := Classify{Table: rapid.SampledFrom(tables()).Draw(rt, "table")}
		got := c.classify(&f, Request{}, "m")
		if !slices.Contains(reasons(), got) {
			rt.Fatalf("got %q", got)
		}
		// no wait helps against it
		spent := f.Status == 429 && f.Code == "insufficient_quota" && c.Table == TableDefault
		if f.Status == 400 || f.Status == 404 || (f.Status >= 500 && c.Table == TableLater) || spent {
			return
		}
		if want := c.classify(&AttemptError{Status: f.Status}, Request{}, "m"); got != want {
			rt.Errorf("got %s, want %s as for the bare status", got, want)
		}
	})
}

func TestReadError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]AttemptError{
		`{"type":"overloaded_error","message":"Overloaded"}`: {
			Code: "overloaded_error", Message: "Overloaded",
		},
		`{"message":"no","type":"requests","code":"rate_limit_exceeded"}`: {
			Code: "rate_limit_exceeded", Message: "no",
		},
		`{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED"}`: {
			Code: "RESOURCE_EXHAUSTED", Message: "no",
		},
		`{"code":502,"message":"no"}`: {Code: "502", Message: "no"},
		`{"code":429,"message":"Provider returned error","metadata":{"raw":"slow down"}}`: {
			Code: "429", Message: "Provider returned error", upstream: "slow down",
		},
		`{"code":429,"message":"Provider returned error","metadata":{"raw":{"error":"x"}}}`: {
			Code: "429", Message: "Provider returned error", upstream: `{"error":"x"}`,
		},
		`"a text"`: {Message: "a text"},
		`<html>`:   {},
		``:         {},
		`null`:     {},
	} {
		var got AttemptError
		got.readError([]byte(body))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(AttemptError{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func FuzzReadError(f *testing.F) {
	f.Add([]byte(`{"code":429,"message":"no","metadata":{"raw":"slow down"}}`))
	f.Add([]byte(`{"code":1e999}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := AttemptError{Status: 400}
		e.readError(body)
		for _, table := range tables() {
			if got := (Classify{Table: table}).classify(&e, Request{}, "m"); !slices.Contains(reasons(), got) {
				t.Errorf("%s: got %q", table, got)
			}
		}
	})
}

// A cancelled context is no verification error, whatever it wraps.
func TestUnverified(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		x509.HostnameError{}:                   true,
		context.Canceled:                       false,
		errors.New("certificate is a pretext"): false,
	} {
		if got := unverified(&evidence{AttemptError: &AttemptError{Err: err}}, Classify{}); got != want {
			t.Errorf("%v: got %v", err, got)
		}
	}
}
