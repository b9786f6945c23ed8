package fakeprovider_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/respjson"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func openAIClient(s *fakeprovider.Server, c *http.Client) openai.Client {
	return openai.NewClient(openaioption.WithBaseURL(s.URL()+"/v1/"), openaioption.WithAPIKey("sk-secret"),
		openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0))
}

func openAIParams() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("say hello")},
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	}
}

func anthropicClient(s *fakeprovider.Server, c *http.Client) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithBaseURL(s.URL()), anthropicoption.WithAPIKey("sk-secret"),
		anthropicoption.WithHTTPClient(c), anthropicoption.WithMaxRetries(0))
}

func anthropicParams() anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 100,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("say hello"))},
	}
}

// answer is what an SDK makes of a response.
type answer struct {
	text, stop        string
	thinking, refusal string
	calls             []string // id, name and arguments
	in, out           int64
	err               error
}

func askOpenAI(ctx context.Context, c openai.Client, stream bool) (a answer) {
	if !stream {
		params := openAIParams()
		params.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
		whole, err := c.Chat.Completions.New(ctx, params)
		if err != nil {
			return answer{err: err}
		}
		choice := whole.Choices[0]
		return ofChoice(choice, whole.Usage)
	}
	events := c.Chat.Completions.NewStreaming(ctx, openAIParams())
	defer func() { _ = events.Close() }()
	var all openai.ChatCompletionAccumulator
	for events.Next() {
		all.AddChunk(events.Current())
		if choices := events.Current().Choices; len(choices) > 0 && choices[0].FinishReason != "" {
			a.stop = choices[0].FinishReason // the accumulator loses it at OpenRouter's, see TestOpenAIGoForgetsTheReason
		}
		for _, choice := range events.Current().Choices { // and knows no reasoning
			a.thinking += reasoning(choice.Delta.JSON.ExtraFields)
		}
	}
	if len(all.Choices) > 0 {
		stop, thinking := a.stop, a.thinking
		a = ofChoice(all.Choices[0], all.Usage)
		a.stop, a.thinking = stop, thinking
	}
	a.err = events.Err()
	return a
}

func ofChoice(c openai.ChatCompletionChoice, usage openai.CompletionUsage) answer {
	a := answer{
		text: c.Message.Content, refusal: c.Message.Refusal, stop: c.FinishReason, in: usage.PromptTokens, out: usage.CompletionTokens,
		thinking: reasoning(c.Message.JSON.ExtraFields),
	}
	for _, call := range c.Message.ToolCalls {
		a.calls = append(a.calls, call.ID+" "+call.Function.Name+call.Function.Arguments)
	}
	return a
}

// reasoning is OpenRouter's, a field that the SDK does not know but keeps.
func reasoning(fields map[string]respjson.Field) string {
	var text string
	if raw := fields["reasoning"].Raw(); raw != "" {
		_ = json.Unmarshal([]byte(raw), &text) // what is no text is not equal to the one that is wanted
	}
	return text
}

func askAnthropic(ctx context.Context, c anthropic.Client, stream bool) (a answer) {
	var whole anthropic.Message
	if stream {
		events := c.Messages.NewStreaming(ctx, anthropicParams())
		defer func() { _ = events.Close() }()
		for events.Next() {
			if err := whole.Accumulate(events.Current()); err != nil {
				return answer{err: err}
			}
		}
		a.err = events.Err()
	} else {
		message, err := c.Messages.New(ctx, anthropicParams())
		if err != nil {
			return answer{err: err}
		}
		whole = *message
	}
	for _, block := range whole.Content {
		a.text += block.Text
		a.thinking += block.Thinking
		if block.Type == "tool_use" {
			a.calls = append(a.calls, block.ID+" "+block.Name+string(block.Input))
		}
	}
	a.refusal = whole.StopDetails.Explanation
	a.stop, a.in, a.out = string(whole.StopReason), whole.Usage.InputTokens, whole.Usage.OutputTokens
	return a
}

// askSDK asks with the SDK of the protocol's vendor.
func askSDK(ctx context.Context, p fakeprovider.Protocol, s *fakeprovider.Server, c *http.Client, stream bool) answer {
	switch p.Name() {
	case "anthropic-messages":
		return askAnthropic(ctx, anthropicClient(s, c), stream)
	case "openai-responses":
		return askResponses(ctx, openAIClient(s, c), stream)
	case "gemini":
		return askGemini(ctx, s, c, stream)
	case "openrouter":
		return askOpenAI(ctx, openRouterClient(s, c), stream)
	case "azure-openai":
		return askOpenAI(ctx, azureClient(s, c), stream)
	default:
		return askOpenAI(ctx, openAIClient(s, c), stream)
	}
}

func TestSDKReadsAnAnswer(t *testing.T) {
	t.Parallel()
	const text = "  Grüße,\n\n<b>&  \"\u65e5\" \\ 🎉\u2028\x00 — done. "
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			for _, stream := range []bool{true, false} {
				// Anthropic's SDK gives a response that is not streamed ten minutes at most.
				wait := map[bool]time.Duration{true: 17 * time.Minute, false: 5 * time.Minute}[stream]
				everywhere(t, func(t *testing.T, serve serving) {
					for reason, want := range stops()[p.Name()] {
						steps := []fakeprovider.Step{
							fakeprovider.Heartbeat{},
							fakeprovider.Comment{Text: "busy"},
							fakeprovider.Comment{},
							fakeprovider.Wait{For: wait},
							fakeprovider.Text{Value: text, ITL: time.Second},
							fakeprovider.Heartbeat{},
							fakeprovider.Finish{Reason: reason},
						}
						if p.Name() == "gemini" && stream { // its SDK takes heartbeats for errors, see TestGoGenaiFailsOnAComment
							steps = slices.DeleteFunc(steps, isComment)
						}
						server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: script(steps...)})
						got := askSDK(t.Context(), p, server, client, stream)
						if got.err != nil {
							t.Fatalf("stream %t: %v", stream, got.err)
						}
						if got.text != text {
							t.Errorf("stream %t: text is %q, want %q", stream, got.text, text)
						}
						if got.stop != want {
							t.Errorf("stream %t: stop reason is %q, want %q", stream, got.stop, want)
						}
						if got.in != 2 || got.out != 9 {
							t.Errorf("stream %t: usage is %d in, %d out, want 2 and 9", stream, got.in, got.out)
						}
					}
				})
			}
		})
	}
}

func TestEveryErrorStatusIsTheSDKsTypedError(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			everywhere(t, func(t *testing.T, serve serving) {
				for _, status := range errorStatuses() {
					server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: script(fakeprovider.Fail{Status: status})})
					for _, stream := range []bool{true, false} {
						err := askSDK(t.Context(), p, server, client, stream).err
						var openAI *openai.Error
						var anthropicErr *anthropic.Error
						var geminiErr genai.APIError
						switch {
						case errors.As(err, &openAI) && openAI.StatusCode == status:
						case errors.As(err, &anthropicErr) && anthropicErr.StatusCode == status:
						case errors.As(err, &geminiErr) && geminiErr.Code == status:
						default:
							t.Errorf("status %d, stream %t: got %v", status, stream, err)
						}
					}
				}
			})
		})
	}
}

func TestSDKReadsTheErrorsFields(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{OnRequest: []fakeprovider.Fault{
			fault.RateLimited{RetryAfter: "33"}, fault.RateLimited{Code: "insufficient_quota"},
		}})
		var err *openai.Error
		if !errors.As(askOpenAI(t.Context(), openAIClient(server, client), true).err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "rate_limit_exceeded" || err.Type != "tokens" || !strings.Contains(err.Message, "Please try again in 33s") {
			t.Errorf("got %s, %s, %q", err.Code, err.Type, err.Message)
		}
		if got := err.Response.Header.Get("Retry-After"); got != "33" {
			t.Errorf("Retry-After is %q, want 33", got)
		}
		if !errors.As(askOpenAI(t.Context(), openAIClient(server, client), true).err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "insufficient_quota" || err.Response.Header.Get("Retry-After") != "" {
			t.Errorf("got %s, %v", err.Code, err.Response.Header)
		}
	})
}

func TestSDKReadsAnErrorInTheStream(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			everywhere(t, func(t *testing.T, serve serving) {
				server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: script(
					fakeprovider.Text{Value: "half an"}, fakeprovider.Fail{Status: 529, Message: "mid-stream"},
				)})
				got := askSDK(t.Context(), p, server, client, true)
				if got.text != "half an" {
					t.Errorf("text is %q, want what came before the error", got.text)
				}
				if got.err == nil || !strings.Contains(got.err.Error(), "mid-stream") {
					t.Errorf("error is %v, want the vendor's", got.err)
				}
			})
		})
	}
}

// Both SDKs read a stream that ends too early in good order as a success; that is what makes the fault worth having.
func TestSDKTakesAnEarlyEndForSuccess(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			everywhere(t, func(t *testing.T, serve serving) {
				server, client := serve(t, fakeprovider.Options{
					Protocol: p, OnRequest: []fakeprovider.Fault{fault.MidStreamDrop{How: fakeprovider.EOF}},
				})
				got := askSDK(t.Context(), p, server, client, true)
				if got.err != nil || got.text != "Hello, this is the answer" || got.stop != "" {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}
