package fakeprovider_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

func openRouterClient(s *fakeprovider.Server, c *http.Client) openai.Client {
	return openai.NewClient(openaioption.WithBaseURL(s.URL()+"/api/v1/"), openaioption.WithAPIKey("sk-secret"),
		openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0))
}

// azureClient says what openai-go's azure package would: a path with the deployment, a key in a header of its own. The package itself
// needs a library of Azure's.
func azureClient(s *fakeprovider.Server, c *http.Client) openai.Client {
	return openai.NewClient(openaioption.WithBaseURL(s.URL()+"/openai/deployments/gpt-4o-mini/"), openaioption.WithHeader("Api-Key", "sk-secret"),
		openaioption.WithQuery("api-version", "2024-10-21"), openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0))
}

// The chunk with OpenRouter's usage has a choice too, without a reason. openai-go's accumulator takes the last chunk's word.
func TestOpenAIGoForgetsTheReason(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: fakeprovider.OpenRouter{}})
		sdk := openRouterClient(server, client)
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
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: fakeprovider.OpenRouter{}, OnRequest: []fakeprovider.Preset{
			fakeprovider.Healthy{}, fakeprovider.RateLimited{}, fakeprovider.RateLimited{RetryAfter: "33"}, fakeprovider.Script{fakeprovider.Fail{Status: 503}},
		}})
		get := func() (*http.Response, string) {
			resp, body, err := exchange(t, client, ask(t.Context(), t, server.URL()+path(fakeprovider.OpenRouter{}), true))
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

// OpenRouter's reasoning has a field of its own, which the SDK keeps as it does every field that it does not know.
func TestOpenRoutersReasoning(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		for _, stream := range []bool{true, false} {
			server, client := serve(t, fakeprovider.Options{Protocol: fakeprovider.OpenRouter{}, OnRequest: script(
				fakeprovider.SendFrame{Kind: "thinking", Text: "Let me see."}, fakeprovider.Text{Value: "Paris"}, fakeprovider.Finish{},
			)})
			_, body, err := exchange(t, client, ask(t.Context(), t, server.URL()+"/v1/chat/completions", stream))
			if err != nil || !strings.Contains(body, `"reasoning":"Let me see.","reasoning_details":[{"type":"reasoning.text"`) {
				t.Errorf("stream %t: got %s, %v", stream, body, err)
			}
			if got := askOpenAI(t.Context(), openRouterClient(server, client), stream); got.err != nil || got.text != "Paris" {
				t.Errorf("stream %t: got %+v", stream, got)
			}
		}
	})
}

func TestAzuresPathsAndKeys(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Name: "primary", Protocol: fakeprovider.AzureOpenAI{}})
		body := `{"messages":[{"role":"user","content":"say hello"}],"stream":true}`
		for _, test := range []struct{ path, body, header, model string }{
			{"/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21", body, "Api-Key", "my-gpt"},
			{"/openai/v1/chat/completions", `{"model":"gpt-4o",` + body[1:], "Api-Key", "gpt-4o"},
			{"/openai/v1/chat/completions", `{"model":"gpt-4o",` + body[1:], "Authorization", "gpt-4o"},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set(test.header, "Bearer sk-secret")
			resp, got, err := exchange(t, client, r)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v, %s", test.path, err, got)
			}
			if !strings.HasPrefix(got, `data: {"choices":[],"created":0,`) || !strings.Contains(got, `"model":"`+test.model+`"`) {
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
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: fakeprovider.AzureOpenAI{}, OnRequest: []fakeprovider.Preset{
			fakeprovider.RateLimited{RetryAfter: "33"}, fakeprovider.Script{fakeprovider.Fail{Status: 400, Code: "content_filter"}},
		}})
		var err *openai.Error
		if !errors.As(askOpenAI(t.Context(), azureClient(server, client), true).err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "429" || !strings.Contains(err.Message, "retry after 33 seconds") || err.Response.Header.Get("Retry-After-Ms") != "33000" {
			t.Errorf("got %v, %v", err, err.Response.Header)
		}
		if !errors.As(askOpenAI(t.Context(), azureClient(server, client), true).err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "content_filter" || err.Param != "prompt" || !strings.Contains(err.RawJSON(), "ResponsibleAIPolicyViolation") {
			t.Errorf("got %s", err.RawJSON())
		}
	})
}

func TestOpenRoutersGoldens(t *testing.T) {
	t.Parallel()
	encoder := fakeprovider.OpenRouter{}.Encoder(parsed(t, fakeprovider.OpenRouter{}, true))
	for name, f := range map[string]fakeprovider.Frame{
		"stream-error-502": {Kind: fakeprovider.FrameError, Problem: &fakeprovider.Problem{Status: 502}},
		"stream-reasoning": {Kind: fakeprovider.FrameThinking, Text: "Let me see."},
	} {
		data, err := encoder.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "openrouter/"+name, data)
	}
}

// What the recordings, issues and documentation show stands in a golden word by word; ids, dates and texts of their own excepted.
func TestQuotedWireIsInAGolden(t *testing.T) {
	t.Parallel()
	for file, quotes := range map[string][]string{
		// Recorded by simonw/llm-gemini; the answer is in one chunk there.
		"gemini/stream-answer": {
			`data: {"candidates": [{"content": {"parts": [{"text": "The capital of France is **Paris**."}],"role": "model"},`,
			`"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 15,"candidatesTokenCount": `,
			`"promptTokensDetails": [{"modality": "TEXT","tokenCount": 15}]},"modelVersion": "gemini-2.5-flash","responseId": "`, "\"}\r\n\r\n",
		},
		"gemini/stream-thought-and-calls": {
			`"promptTokensDetails": [{"modality": "TEXT","tokenCount": 15}],"thoughtsTokenCount": 2},"modelVersion": "`,
			`{"text": "Look it ","thought": true}`, `{"functionCall": {"name": "get_capital","args": {`,
		},
		"gemini/array-answer":   {"[{", "}\r\n,\r\n{", "}\r\n]"},
		"gemini/stream-header":  {"Content-Type: text/event-stream\n", "Content-Disposition: attachment\n", "Server-Timing: gfet4t7; dur=", "Server: scaffolding on HTTPServer2\n", "Vary: Origin, X-Origin, Referer\n"},
		"gemini/stream-blocked": {`data: {"promptFeedback": {"blockReason": "`},
		// https://github.com/diegosouzapw/OmniRoute/issues/4177 and https://github.com/vercel/ai/issues/5217
		"gemini/stream-error":              {`data: {"error":{"code":503,"message":"This model is currently experiencing high demand.`, `","status":"UNAVAILABLE"}}`},
		"gemini/stream-error-bare":         {"{\n  \"error\": {\n    \"code\": 503,\n"},
		"gemini/error-400-API_KEY_INVALID": {`"API key not valid. Please pass a valid API key."`, `"reason": "API_KEY_INVALID"`, `"domain": "googleapis.com"`},
		"gemini/error-404":                 {"is not found for API version v1beta, or is not supported for generateContent"},
		"gemini/error-500":                 {"An internal error has occurred. Please retry"},
		"gemini/error-503":                 {`"The model is overloaded. Please try again later."`},
		"gemini/array-error-429": {
			"[{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"You exceeded your current quota, please check your plan and billing details. " +
				`For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: ` +
				`https://ai.dev/rate-limit. \n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, ` +
				`limit: 5, model: gemini-3-flash\nPlease retry in 58.217843437s.",`,
			`"@type": "type.googleapis.com/google.rpc.Help"`, `"description": "Learn more about Gemini API quotas"`,
			`"quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests"`,
			`"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"`, `"location": "global"`, `"quotaValue": "5"`, `"retryDelay": "58s"`,
		},
		"openrouter/frame-heartbeat": {": OPENROUTER PROCESSING\n\n"},
		"openrouter/error-402":       {`{"error":{"code":402,"message":"`},
		"openrouter/error-429":       {`{"error":{"code":429,"message":"`, `"metadata":{`, "Retry-After: "},
		"openrouter/stream-error-502": {
			`data: {"id":"gen-`, `"object":"chat.completion.chunk",`,
			`"error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}` +
				"\n\ndata: [DONE]\n\n",
		},
		"azure-openai/frame-start": {`data: {"choices":[],`, `"prompt_filter_results":[{"prompt_index":0,`, "}\r\n\r\n"},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "wire", filepath.FromSlash(file)+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, quote := range quotes {
			if !strings.Contains(string(data), quote) {
				t.Errorf("%s lacks %q:\n%s", file, quote, data)
			}
		}
	}
}
