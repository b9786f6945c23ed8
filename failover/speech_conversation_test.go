package failover_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
)

// conversation is one in which the model has asked for two tools at once and got their results.
func conversation() failover.Request {
	return failover.Request{
		System: "be brief", Stream: true, Restarts: true,
		Tools: []failover.Tool{
			{
				Name: "weather", Description: "what it is like outside",
				Parameters: json.RawMessage(
					`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`),
			},
			{Name: "now"},
		},
		History: []failover.Message{
			{Role: failover.RoleUser, Text: "how is it in Ulm?"},
			{Role: failover.RoleAssistant, Text: "let me see", ToolCalls: []failover.ToolCall{
				{ID: "call_a", Name: "weather", Arguments: `{"city":"Ulm"}`}, {ID: "call_b", Name: "now"},
			}},
			{Role: failover.RoleTool, Text: "rain", ToolCallID: "call_a"},
			{Role: failover.RoleTool, Text: `{"time":"12:00"}`, ToolCallID: "call_b"},
			{Role: failover.RoleAssistant, Text: "it rains"},
		},
		Prompt: "and tomorrow?",
	}
}

// sent returns the bodies of the requests that a call leads to, one for each provider: the first of
// them break.
func sent(t *testing.T, req failover.Request, chain ...provider) []map[string]any {
	t.Helper()
	var bodies []map[string]any
	p := policy(t, "recommended")
	p.Retry.Attempts = 1
	within(t, p, chain, func(l *lab) {
		if r := l.ask(l.t.Context(), req); r.err != nil || r.text != "hello from "+chain[len(chain)-1].name {
			t.Errorf("got %q, error %v", r.raw, r.err)
		}
		bodies = l.bodies
	})
	return bodies
}

// A chain over all protocols gives each provider the same conversation, and the same tools, in its
// own words.
func TestConversationsAreTranslated(t *testing.T) {
	t.Parallel()
	var chain []provider
	last := len(failover.Protocols()) - 1
	for i, protocol := range failover.Protocols() {
		entry := fakeprovider.Fault(plays(fakeprovider.Fail{Status: 500}))
		if i == last {
			entry = fakeprovider.Healthy{Text: "hello from " + protocol}
		}
		chain = append(chain, fake(t, protocol, protocol, entry))
	}
	for i, body := range sent(t, conversation(), chain...) {
		got, err := json.MarshalIndent(body, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "conversation", failover.Protocols()[i]+".json")
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
	}
}

// Ids that some vendor would refuse are replaced on the way, in the call and in its result.
func TestIDsThatNotEverybodyTakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 41)
	for id, want := range map[string]string{
		"call_a": "call_a", "fc|1": "call_plain_1", long: "call_plain_1", long[1:]: long[1:],
	} {
		req := failover.Request{Stream: true, Restarts: true, History: []failover.Message{
			{Role: failover.RoleUser, Text: "what time is it?"},
			{Role: failover.RoleAssistant, ToolCalls: []failover.ToolCall{{ID: id, Name: "now"}}},
			{Role: failover.RoleTool, ToolCallID: id, Text: "noon"},
		}}
		items := sent(t, req, fake(t, "primary", failover.OpenAIResponses, fromFirst))[0]["input"].([]any)
		for _, item := range items[1:] {
			if got := item.(map[string]any)["call_id"]; got != want {
				t.Errorf("%s: got %v, want %s", id, got, want)
			}
		}
		if req.History[1].ToolCalls[0].ID != id || req.History[2].ToolCallID != id {
			t.Errorf("the caller's own conversation has changed: %+v", req.History)
		}
	}
}

// A call of a tool that nobody offered is one that the caller cannot run.
func TestUnknownTools(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"now": "primary", "launch": "secondary"} {
		p := policy(t, "recommended")
		p.Retry.Attempts = 1
		script := plays(calls(0, "a", name, `{}`), fakeprovider.Finish{Reason: "tool_calls"})
		within(t, p, []provider{
			fake(t, "primary", failover.Gemini, script), fake(t, "secondary", failover.OpenAIChat, fromNext),
		}, func(l *lab) {
			if r := l.ask(l.t.Context(), conversation()); r.err != nil || r.answer.Provider != want {
				t.Errorf("%s: got %+v, error %v", name, r.answer, r.err)
			}
		})
	}
}

// What Gemini signed comes back signed; what another model called is told apart, where the model
// insists on a signature.
func TestSignaturesOfGemini(t *testing.T) {
	t.Parallel()
	signatures := func(model, signature string) string {
		req := conversation()
		req.History[1].ToolCalls[0].Signature = signature
		p := fake(t, "primary", failover.Gemini, fromFirst)
		p.model = model
		answered := sent(t, req, p)[0]["contents"].([]any)[1].(map[string]any)
		var all []string
		for _, part := range answered["parts"].([]any) {
			if part := part.(map[string]any); part["functionCall"] != nil {
				signature, _ := part["thoughtSignature"].(string)
				all = append(all, signature)
			}
		}
		return strings.Join(all, ",")
	}
	for _, row := range [][3]string{
		{"gemini-2.5-flash", "", ","},
		{"gemini-2.5-flash", "c2lnbmVk", "c2lnbmVk,"},
		{"gemini-3-pro-preview", "c2lnbmVk", "c2lnbmVk,"},
		{"gemini-3-pro-preview", "", "skip/thought/signature/validator,"},
	} {
		if got := signatures(row[0], row[1]); got != row[2] {
			t.Errorf("%s, signed %q: got %q, want %q", row[0], row[1], got, row[2])
		}
	}
}

// A signed call of Gemini's reaches the caller with its signature.
func TestGeminiSignsItsCalls(t *testing.T) {
	t.Parallel()
	p := fake(t, "primary", failover.Gemini, plays(calls(0, "a", "now", `{}`), fakeprovider.Finish{}))
	p.model = "gemini-3-pro-preview"
	within(t, policy(t, "recommended"), []provider{p}, func(l *lab) {
		r := l.ask(l.t.Context(), question(true))
		if r.err != nil || len(r.answer.ToolCalls) != 1 || len(r.answer.ToolCalls[0].Signature) < 100 {
			t.Errorf("got %+v, error %v", r.answer, r.err)
		}
	})
}

// Where a provider gives its calls no ids they get some that the conversation does not have yet.
func TestCallsWithoutIDs(t *testing.T) {
	t.Parallel()
	within(t, policy(t, "recommended"), []provider{
		fake(t, "primary", failover.Gemini,
			plays(calls(0, "", "now", `{}`), calls(1, "", "now", `{}`), fakeprovider.Finish{})),
	}, func(l *lab) {
		req := conversation()
		// of a conversation that has lost its beginning
		req.History[1].ToolCalls[0].ID, req.History[2].ToolCallID = "call_3", "call_3"
		answer := l.ask(l.t.Context(), req).answer
		want := []failover.ToolCall{
			{ID: "call_4", Name: "now", Arguments: `{}`}, {ID: "call_5", Name: "now", Arguments: `{}`},
		}
		if diff := cmp.Diff(want, answer.ToolCalls); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// A message of the assistant's at the end goes to those who continue it, and to nobody else.
func TestPrefills(t *testing.T) {
	t.Parallel()
	req := failover.Request{Stream: true, Restarts: true, History: []failover.Message{
		{Role: failover.RoleUser, Text: "say hello"}, {Role: failover.RoleAssistant, Text: "well, "},
	}}
	for _, row := range []struct {
		protocol, model string
		takes, told     bool
	}{
		{failover.OpenAIChat, "gpt-4o", true, false},
		{failover.OpenAIResponses, "gpt-4o", false, false},
		{failover.AnthropicMessages, "claude-3-5-haiku-20241022", true, false},
		{failover.AnthropicMessages, "claude-opus-4-20250514", true, false},
		{failover.AnthropicMessages, "claude-sonnet-4-5", true, false},
		{failover.AnthropicMessages, "claude-opus-4-6", false, false},
		{failover.AnthropicMessages, "claude-sonnet-4-6", false, false},
		{failover.AnthropicMessages, "claude-sonnet-5-5", false, false},
		{failover.OpenRouter, "anthropic/claude-sonnet-4.5", true, false},
		{failover.OpenRouter, "anthropic/claude-sonnet-4.6", false, false},
		{failover.OpenRouter, "openai/gpt-4o", true, false},
		{failover.Gemini, "gemini-2.5-flash", true, false},
		{failover.Gemini, "gemini-3.5-flash", true, false},
		{failover.Gemini, "gemini-3.5-flash-lite", false, false},
		{failover.Gemini, "gemini-3.6-flash", false, false},
		{failover.OpenAIChat, "gpt-4o", false, true},
	} {
		p := fake(t, "primary", row.protocol, fromFirst)
		p.model, p.noPrefill = row.model, row.told
		within(t, policy(t, "recommended"), []provider{p}, func(l *lab) {
			r := l.ask(l.t.Context(), req)
			body, _ := json.Marshal(l.bodies[0])
			if took := strings.Contains(string(body), "well,"); r.err != nil || took != row.takes ||
				r.answer.PrefillDropped == row.takes {
				t.Errorf("%s, %s: taken %v, dropped %v, error %v", row.protocol, row.model, took,
					r.answer.PrefillDropped, r.err)
			}
		})
	}
}

// A fallback leaves the prefill out that its primary was sent.
func TestPrefillAndFallback(t *testing.T) {
	t.Parallel()
	req := failover.Request{Stream: true, Restarts: true, History: []failover.Message{
		{Role: failover.RoleUser, Text: "say hello"}, {Role: failover.RoleAssistant, Text: "well, "},
	}}
	bodies := sent(t, req, fake(t, "primary", failover.AnthropicMessages, plays(fakeprovider.Fail{Status: 529})),
		fake(t, "secondary", failover.OpenAIResponses, fromNext))
	if got := fmt.Sprint(len(bodies[0]["messages"].([]any)), len(bodies[1]["input"].([]any))); got != "2 1" {
		t.Errorf("got %s messages, want 2 1", got)
	}
}

// Nobody is asked to go on who cannot: the policy that continues fails then as one without
// continuations does.
func TestNobodyContinuesWhoCannot(t *testing.T) {
	t.Parallel()
	p := failover.NewPolicy()
	p.Stream.AfterContent, p.Stream.Continuations = failover.AfterContinue, 3
	part := plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}}, fakeprovider.End{How: fakeprovider.Cut})
	for protocol, requests := range map[string]int{
		failover.OpenAIChat: 3, failover.AnthropicMessages: 3, failover.Gemini: 3, failover.OpenAIResponses: 1,
	} {
		within(t, p, []provider{fake(t, "primary", protocol, part)}, func(l *lab) {
			if r := l.ask(l.t.Context(), question(true)); !errors.Is(r.err, failover.ErrInterrupted) ||
				l.count("primary") != requests {
				t.Errorf("%s: got %d requests, want %d, error %v", protocol, l.count("primary"), requests, r.err)
			}
		})
	}
}

// What makes no sense to anybody costs no request.
func TestRequestsWithoutSense(t *testing.T) {
	t.Parallel()
	call := failover.ToolCall{ID: "a", Name: "now"}
	user := failover.Message{Role: failover.RoleUser, Text: "hello"}
	for name, req := range map[string]failover.Request{
		"role":    {History: []failover.Message{{Role: "robot"}}},
		"no user": {History: []failover.Message{{Role: failover.RoleAssistant, Text: "hello"}}},
		"no call": {History: []failover.Message{user, {Role: failover.RoleTool, ToolCallID: "a"}}},
		"no result": {
			History: []failover.Message{user, {Role: failover.RoleAssistant, ToolCalls: []failover.ToolCall{call}}},
		},
		"call twice": {
			Prompt:  "hello",
			History: []failover.Message{{Role: failover.RoleAssistant, ToolCalls: []failover.ToolCall{call, call}}},
		},
		"call's name": {
			Prompt:  "hello",
			History: []failover.Message{{Role: failover.RoleAssistant, ToolCalls: []failover.ToolCall{{ID: "a"}}}},
		},
		"arguments": {Prompt: "hello", History: []failover.Message{
			{Role: failover.RoleAssistant, ToolCalls: []failover.ToolCall{{ID: "a", Name: "now", Arguments: "[]"}}},
		}},
		"user's call": {
			History: []failover.Message{{Role: failover.RoleUser, ToolCalls: []failover.ToolCall{call}}},
		},
		"user's result": {History: []failover.Message{{Role: failover.RoleUser, ToolCallID: "a"}}},
		"tool's name":   {Prompt: "hello", Tools: []failover.Tool{{}}},
		"tool twice":    {Prompt: "hello", Tools: []failover.Tool{{Name: "now"}, {Name: "now"}}},
		"tool parameters": {
			Prompt: "hello", Tools: []failover.Tool{{Name: "now", Parameters: json.RawMessage("null")}},
		},
	} {
		within(t, policy(t, "recommended"), []provider{openai("primary", answers)}, func(l *lab) {
			if r := l.ask(l.t.Context(), req); !errors.Is(r.err, failover.ErrRequest) || l.count("primary") != 0 {
				t.Errorf("%s: got error %v after %v", name, r.err, l.hits)
			}
		})
	}
}
