package sdktest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// OpenRouter's chunk with the usage has a choice too, without a reason. openai-go's accumulator
// keeps the reason of the last chunk.
func TestOpenAIGoForgetsTheReason(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.OpenRouter{}})
		sdk := chatClient(protocol.OpenRouter{}, server, client)
		events := sdk.Chat.Completions.NewStreaming(t.Context(), openAIParams())
		defer func() { _ = events.Close() }()
		var all openai.ChatCompletionAccumulator
		var seen []string
		for events.Next() {
			all.AddChunk(events.Current())
			if reason := events.Current().Choices[0].FinishReason; reason != "" {
				seen = append(seen, reason)
			}
		}
		if events.Err() != nil || len(seen) != 1 || seen[0] != "stop" || all.Choices[0].FinishReason != "" {
			t.Errorf("saw %q, accumulated %q, %v", seen, all.Choices[0].FinishReason, events.Err())
		}
	})
}

func TestOpenRoutersHeaders(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t,
			fakeprovider.Options{Protocol: protocol.OpenRouter{}, OnRequest: []fakeprovider.Fault{
				fakeprovider.Healthy{},
				fault.RateLimited{},
				fault.RateLimited{RetryAfter: "33"},
				fakeprovider.Script{fakeprovider.Fail{Status: 503}},
			}})
		get := func() (*http.Response, string) {
			resp, body, err := rig.Exchange(t, client,
				rig.AskOf(t.Context(), t, server.URL(), protocol.OpenRouter{}, true))
			if err != nil {
				t.Fatal(err)
			}
			return resp, body
		}
		resp, body := get()
		id := resp.Header.Get("X-Generation-Id")
		if !strings.HasPrefix(id, "gen-") || strings.Count(body, `"id":"`+id+`"`) != strings.Count(body, "data: {") {
			t.Errorf("the generation is %s, the body %s", id, body)
		}
		for _, want := range []string{"5", "33", "5"} {
			if resp, _ := get(); resp.Header.Get("Retry-After") != want {
				t.Errorf("status %d: Retry-After is %q, want %q", resp.StatusCode, resp.Header.Get("Retry-After"), want)
			}
		}
	})
}

// OpenRouter sends reasoning in a field of its own. The SDK keeps fields that it does not know.
func TestOpenRoutersReasoning(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for _, stream := range []bool{true, false} {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.OpenRouter{}, OnRequest: rig.Script(
				fakeprovider.SendFrame{Kind: "thinking", Text: "Let me see."}, fakeprovider.Text{Value: "Paris"},
				fakeprovider.Finish{},
			)})
			_, body, err := rig.Exchange(t, client,
				rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", stream))
			if err != nil ||
				!strings.Contains(body, `"reasoning":"Let me see.","reasoning_details":[{"type":"reasoning.text"`) {
				t.Errorf("stream %t: got %s, %v", stream, body, err)
			}
			got := askOpenAI(t.Context(), chatClient(protocol.OpenRouter{}, server, client), stream)
			if got.Err != nil || got.Text != "Paris" {
				t.Errorf("stream %t: got %+v", stream, got)
			}
		}
	})
}

func TestAzuresPathsAndKeys(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Name: "primary", Protocol: protocol.AzureOpenAI{}})
		body := `{"messages":[{"role":"user","content":"say hello"}],"stream":true}`
		for _, test := range []struct{ path, body, header, model string }{
			{"/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21", body, "Api-Key", "my-gpt"},
			{"/openai/v1/chat/completions", `{"model":"gpt-4o",` + body[1:], "Api-Key", "gpt-4o"},
			{"/openai/v1/chat/completions", `{"model":"gpt-4o",` + body[1:], "Authorization", "gpt-4o"},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+test.path,
				strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set(test.header, "Bearer sk-secret")
			resp, got, err := rig.Exchange(t, client, r)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v, %s", test.path, err, got)
			}
			if !strings.HasPrefix(got, `data: {"choices":[],"created":0,`) ||
				!strings.Contains(got, `"model":"`+test.model+`"`) {
				t.Errorf("%s: got %s", test.path, got)
			}
			if strings.Count(got, "\n") != strings.Count(got, "\r\n") {
				t.Errorf("%s: not every line ends in CRLF: %q", test.path, got)
			}
		}
	})
}

func TestAzuresErrorsFields(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t,
			fakeprovider.Options{Protocol: protocol.AzureOpenAI{}, OnRequest: []fakeprovider.Fault{
				fault.RateLimited{RetryAfter: "33"},
				fakeprovider.Script{fakeprovider.Fail{Status: 400, Code: "content_filter"}},
			}})
		var err *openai.Error
		if !errors.As(askOpenAI(t.Context(), chatClient(protocol.AzureOpenAI{}, server, client), true).Err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "429" || !strings.Contains(err.Message, "retry after 33 seconds") ||
			err.Response.Header.Get("Retry-After-Ms") != "33000" {
			t.Errorf("got %v, %v", err, err.Response.Header)
		}
		if !errors.As(askOpenAI(t.Context(), chatClient(protocol.AzureOpenAI{}, server, client), true).Err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "content_filter" || err.Param != "prompt" ||
			!strings.Contains(err.RawJSON(), "ResponsibleAIPolicyViolation") {
			t.Errorf("got %s", err.RawJSON())
		}
	})
}
