package failover_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
)

// spied notes the line and the keys of each request that a provider gets.
func spied(p provider, into *[]string) provider {
	inner := p.scripts[0]
	p.scripts = sequence{func(x *exchange) {
		line := []string{x.r.URL.RequestURI()}
		for _, name := range []string{"Authorization", "Api-Key", "X-Api-Key", "X-Goog-Api-Key"} {
			if v := x.r.Header.Get(name); v != "" {
				line = append(line, name+": "+v)
			}
		}
		*into = append(*into, strings.Join(line, ", "))
		inner(x)
	}}
	return p
}

// Where each protocol's requests go, and under which key.
func TestPathsAndKeys(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string][2]string{
		failover.OpenAIChat:        {"/v1/chat/completions, Authorization: Bearer key-primary"},
		failover.OpenAIResponses:   {"/v1/responses, Authorization: Bearer key-primary"},
		failover.AnthropicMessages: {"/v1/messages, X-Api-Key: key-primary"},
		failover.Gemini: {
			"/v1beta/models/m:streamGenerateContent?alt=sse, X-Goog-Api-Key: key-primary",
			"/v1beta/models/m:generateContent, X-Goog-Api-Key: key-primary",
		},
		failover.OpenRouter:  {"/api/v1/chat/completions, Authorization: Bearer key-primary"},
		failover.AzureOpenAI: {"/openai/deployments/m/chat/completions?api-version=2024-10-21, Api-Key: key-primary"},
	} {
		for i, streamed := range []bool{true, false} {
			if want[i] == "" {
				want[i] = want[0]
			}
			var got []string
			within(t, policy(t, "recommended"), []provider{
				spied(fake(t, "primary", protocol, fromFirst), &got),
			}, func(l *lab) {
				if r := l.ask(l.t.Context(), question(streamed)); r.err != nil || r.raw != "hello from primary" {
					t.Errorf("%s: got %q, error %v", protocol, r.raw, r.err)
				}
			})
			if diff := cmp.Diff([]string{want[i]}, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", protocol, diff)
			}
		}
	}
}

func TestVersionsOfAzure(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"2025-04-01-preview": "/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview, " +
			"Api-Key: key-primary",
		"v1": "/openai/v1/chat/completions, Api-Key: key-primary",
	} {
		var got []string
		p := spied(fake(t, "primary", failover.AzureOpenAI, fromFirst), &got)
		p.model, p.version = "my gpt", version
		within(t, policy(t, "recommended"), []provider{p}, func(l *lab) {
			if r := l.ask(l.t.Context(), question(true)); r.err != nil || got[0] != want {
				t.Errorf("got %q, want %q, error %v", got, want, r.err)
			}
		})
	}
}

// Nothing of the environment gets into a request: no key of somebody else's, no other address.
func TestEnvironmentIsLeftAlone(t *testing.T) { //nolint:paralleltest // it sets variables
	for _, name := range []string{
		"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY",
		"ANTHROPIC_AUTH_TOKEN",
	} {
		t.Setenv(name, "stolen")
	}
	for _, name := range []string{"OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"} {
		t.Setenv(name, "http://elsewhere.test/")
	}
	t.Setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
	t.Setenv("GOOGLE_CLOUD_PROJECT", "project")
	for _, protocol := range failover.Protocols() {
		for _, key := range []string{"own", ""} {
			var got []string
			p := spied(provider{
				name: "primary", protocol: protocol, scripts: sequence{fails(401, `{}`)}, keys: []string{key},
			}, &got)
			within(t, policy(t, "recommended"), []provider{p}, func(l *lab) { l.call(tokens[0]) })
			if len(got) == 0 || strings.Contains(got[0], "stolen") || !strings.Contains(got[0], key) {
				t.Errorf("%s with key %q: got %q", protocol, key, got)
			}
			if key == "" && protocol == failover.Gemini && strings.Contains(got[0], "Key") {
				t.Errorf("%s without a key: got %q", protocol, got)
			}
		}
	}
}

// What vendors put where an answer should be, and their SDKs pass over.
func TestErrorsThatSDKsPassOver(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		protocol, body string
		streamed       bool
		want           failover.Reason
	}{
		"a choice's error": {
			failover.OpenRouter,
			"data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\",\"error\":{\"code\":503,\"message\":\"no capacity\"}}]}\n\n",
			true, failover.ReasonOverloaded,
		},
		"no more than error": {
			failover.OpenRouter,
			"data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"},\"finish_reason\":\"error\"}]}\n\n",
			true, failover.ReasonUnknown,
		},
		"error with 200": {
			failover.OpenRouter, `{"error":{"code":429,"message":"slow down"}}`, false, failover.ReasonRateLimit,
		},
		"whole with error": {
			failover.OpenRouter,
			`{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"hel"},"finish_reason":"error","error":{"code":502,"message":"lost"}}]}`,
			false, failover.ReasonServerError,
		},
		"messages with 200": {
			failover.AnthropicMessages, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`,
			false, failover.ReasonOverloaded,
		},
		"responses with 200": {
			failover.OpenAIResponses,
			`{"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"no"}}`, false,
			failover.ReasonBilling,
		},
		"failed response": {
			failover.OpenAIResponses,
			`{"id":"r","object":"response","status":"failed","error":{"code":"server_is_overloaded","message":"try later"},"output":[]}`,
			false, failover.ReasonOverloaded,
		},
		"failed, unexplained": {
			failover.OpenAIResponses, `{"id":"r","object":"response","status":"failed","error":null,"output":[]}`,
			false, failover.ReasonUnknown,
		},
	} {
		p := policy(t, "recommended")
		p.Retry.Attempts = 1
		play := func(x *exchange) {
			if !row.streamed {
				x.w.Header().Set("Content-Type", "application/json")
			}
			x.send(row.body)
		}
		within(t, p, []provider{{name: "primary", protocol: row.protocol, scripts: sequence{play}}}, func(l *lab) {
			a := l.ask(l.t.Context(), question(row.streamed)).attempts(t)[0]
			if a.Kind != failover.FailureStreamError || a.Reason != row.want {
				t.Errorf("%s: got %+v, want %s", name, *a, row.want)
			}
		})
	}
}

// A response that is queued or under way has not ended, though its HTTP answer has; and a plan's
// limit says when it resets.
func TestStatesOfResponses(t *testing.T) {
	t.Parallel()
	whole := func(status string) script {
		return func(x *exchange) {
			x.w.Header().Set("Content-Type", "application/json")
			x.send(`{"id":"r","object":"response","status":"` + status +
				`","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hello"}]}]}`)
		}
	}
	p := policy(t, "recommended")
	p.Retry.Attempts = 1
	for status, want := range map[string]failover.FailureKind{
		"queued": failover.FailureTruncated, "in_progress": failover.FailureTruncated, "completed": "",
		"incomplete": "",
	} {
		within(t, p, []provider{
			{name: "primary", protocol: failover.OpenAIResponses, scripts: sequence{whole(status)}},
		}, func(l *lab) {
			r := l.ask(l.t.Context(), question(false))
			var kind failover.FailureKind
			if r.err != nil {
				kind = r.attempts(t)[0].Kind
			}
			if kind != want {
				t.Errorf("%s: got %q, want %q", status, kind, want)
			}
		})
	}
	limit := plays(says{{Kind: fakeprovider.FrameStart}}, fakeprovider.Fail{
		Status: 429, Shape: fakeprovider.ShapeFailed, RetryAfter: "90",
	})
	within(t, p, []provider{fake(t, "primary", failover.OpenAIResponses, limit)}, func(l *lab) {
		if a := l.ask(l.t.Context(), question(true)).attempts(t)[0]; a.RetryDelay != "90s" ||
			a.Reason != failover.ReasonRateLimit {
			t.Errorf("got %+v", *a)
		}
	})
}

// Calls whose arguments come whole, at their end, and not in pieces.
func TestResponsesWithoutPieces(t *testing.T) {
	t.Parallel()
	play := func(x *exchange) {
		x.send(
			`data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc","call_id":"call_a","name":"weather","arguments":""}}` +
				"\n\n")
		x.send(
			`data: {"type":"response.function_call_arguments.done","output_index":0,"item_id":"fc","arguments":"{\"city\":\"Ulm\"}"}` +
				"\n\n")
		x.send(`data: {"type":"response.completed","response":{"id":"r","status":"completed"}}` + "\n\n")
	}
	within(t, policy(t, "recommended"), []provider{
		{name: "primary", protocol: failover.OpenAIResponses, scripts: sequence{play}},
	}, func(l *lab) {
		r := l.ask(l.t.Context(), question(true))
		want := []failover.ToolCall{{ID: "call_a", Name: "weather", Arguments: `{"city":"Ulm"}`}}
		if diff := cmp.Diff(want, r.answer.ToolCalls); diff != "" || r.err != nil {
			t.Errorf("error %v (-want +got)\n%s", r.err, diff)
		}
	})
}

// All of an imitator's calls under one index are still several, and what it repeats in every piece
// is said once.
func TestCallsThatShareAnIndex(t *testing.T) {
	t.Parallel()
	piece := func(id, name, arguments string) string {
		return fmt.Sprintf(
			"data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":%q,\"function\":{\"name\":%q,\"arguments\":%q}}]}}]}\n\n",
			id, name, arguments)
	}
	play := func(x *exchange) {
		x.send(piece("a", "now", `{}`) + piece("b", "weather", `{"city"`) + piece("b", "weather", `:`) +
			piece("", "", `"Ulm"}`))
		x.finish()
	}
	within(t, policy(t, "recommended"), []provider{openai("primary", play)}, func(l *lab) {
		want := []failover.ToolCall{
			{ID: "a", Name: "now", Arguments: `{}`}, {ID: "b", Name: "weather", Arguments: `{"city":"Ulm"}`},
		}
		r := l.ask(l.t.Context(), question(true))
		if diff := cmp.Diff(want, r.answer.ToolCalls); diff != "" || r.raw != `now{}weather{"city":"Ulm"}` {
			t.Errorf("got %s (-want +got)\n%s", r.raw, diff)
		}
	})
}

// An address that no client can be made for is said before anybody is asked. A key is none of the
// engine's business.
func TestConfigOfEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, protocol := range failover.Protocols() {
		for _, url := range []string{"", "api.example", "http://"} {
			_, err := failover.New(failover.Config{Policy: failover.NewPolicy(), Chain: []failover.Provider{
				{Name: "p", Protocol: protocol, BaseURL: url, HTTPClient: http.DefaultClient},
			}})
			if !errors.Is(err, failover.ErrConfig) {
				t.Errorf("%s at %q: got error %v", protocol, url, err)
			}
		}
		engine, err := failover.New(failover.Config{
			Policy: failover.NewPolicy(),
			Chain:  []failover.Provider{{Name: "p", Protocol: protocol, BaseURL: "http://p.test"}},
		})
		if err != nil {
			t.Fatalf("%s without a key: %v", protocol, err)
		}
		_ = engine.Close()
	}
}
