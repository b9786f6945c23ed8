package failover_test

import (
	"fmt"
	"strings"
	"testing"
)

// What each reason leads to, in each generation of the reported engine and in `recommended`:
// requests to the primary and how it ended, from the failure as a provider tells it to the end of
// the call. The conversation has 130,000 tokens in a window of 200,000.
// https://github.com/NousResearch/hermes-agent/blob/a7e7921dbc0a593027f40b571861f50a71221aec/agent/error_classifier.py
// and its later versions.
func TestWhatEachReasonLeadsTo(t *testing.T) {
	t.Parallel()
	says := func(status int, message string) script {
		return fails(status, fmt.Sprintf(`{"error":{"message":%q}}`, message))
	}
	for _, row := range []struct {
		reason string
		fault  script
		want   [4]string // hermes-0.13, hermes-landed-fix, hermes-0.20, recommended
	}{
		{"rate_limit", says(429, "slow down"), [4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"}},
		{
			"rate_limit, as 402", says(402, "usage limit reached, try again in an hour"),
			[4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"},
		},
		{
			"rate_limit, overloaded later", says(429, "the model is overloaded"),
			[4]string{"1 fallback", "2 fallback", "2 fallback", "1 fallback"},
		},
		{
			"upstream_rate_limit",
			fails(429, `{"error":{"message":"Provider returned error","metadata":{"raw":"slow down"}}}`),
			[4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"},
		},
		{"billing", says(402, "no"), [4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"}},
		{"auth", says(401, "no"), [4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"}},
		{"overloaded", says(529, "no"), [4]string{"3 fallback", "2 fallback", "2 fallback", "1 fallback"}},
		{"server_error", says(500, "no"), [4]string{"3 fallback", "3 fallback", "3 fallback", "2 fallback"}},
		{"timeout, as 408 later", says(408, "no"), [4]string{"1 fallback", "1 fallback", "2 fallback", "1 fallback"}},
		{
			"model_not_found", says(404, "the model does not exist"),
			[4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"},
		},
		{"format_error", says(422, "no"), [4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"}},
		{
			"provider_policy_blocked", says(404, "No endpoints found matching your data policy"),
			[4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"},
		},
		{
			"content_policy_blocked",
			fails(400, `{"error":{"message":"it was held back, as it broke some rule","code":"content_filter"}}`),
			[4]string{"1 fallback", "1 fallback", "1 fallback", "1 fallback"},
		},
		{
			"context_overflow", says(400, "this model's maximum context length is 8192 tokens"),
			[4]string{"4 fails", "4 fails", "4 fails", "1 fallback"},
		},
		{
			"context_overflow, a guess", says(400, "Error"),
			[4]string{"2 fallback", "2 fallback", "2 fallback", "1 fallback"},
		},
		{"payload_too_large", says(413, "no"), [4]string{"4 fails", "4 fails", "4 fails", "1 fallback"}},
		{
			"image_too_large", says(400, "image exceeds 5 MB maximum"),
			[4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"thinking_signature", says(400, "messages.1: Invalid `signature` in `thinking` block"),
			[4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"long_context_tier", says(429, "Extra usage is required for long context requests"),
			[4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"oauth_long_context_beta_forbidden", says(400, "The long context beta is not yet available"),
			[4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"llama_cpp_grammar_pattern", says(400, "error parsing grammar: unknown pattern"),
			[4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"invalid_encrypted_content later", says(400, "the encrypted content cannot be read by this key"),
			[4]string{"1 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{
			"multimodal_tool_content_unsupported later",
			says(400, "tool message content must be a string, images are not taken"),
			[4]string{"1 fallback", "3 fallback", "3 fallback", "1 fallback"},
		},
		{"unknown", says(404, "no"), [4]string{"3 fallback", "3 fallback", "3 fallback", "1 fallback"}},
	} {
		for i, name := range []string{reported, landedFix, l020, "recommended"} {
			within(t, policy(t, name), []provider{
				openai("primary", row.fault), openai("secondary", answers),
			}, func(l *lab) {
				r := l.call(130_000)
				how := "fails"
				if r.err == nil && r.raw == "hello from secondary" {
					how = "fallback"
				}
				if got := fmt.Sprintf("%d %s", l.count("primary"), how); got != row.want[i] {
					t.Errorf("%s, %s: got %s, want %s; error %v", row.reason, name, got, row.want[i], r.err)
				}
				if how == "fails" && (l.count("secondary") != 0 || !strings.Contains(r.err.Error(), "refused")) {
					t.Errorf("%s, %s: got requests %v, error %v", row.reason, name, l.hits, r.err)
				}
			})
		}
	}
}
