package sdktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/respjson"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
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

func askOpenAI(ctx context.Context, c openai.Client, stream bool) (a rig.Answer) {
	if !stream {
		params := openAIParams()
		params.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
		whole, err := c.Chat.Completions.New(ctx, params)
		if err != nil {
			return rig.Answer{Err: err}
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
			// the accumulator loses it at OpenRouter's, see TestOpenAIGoForgetsTheReason
			a.Stop = choices[0].FinishReason
		}
		for _, choice := range events.Current().Choices { // and knows no reasoning
			a.Thinking += reasoning(choice.Delta.JSON.ExtraFields)
		}
	}
	if len(all.Choices) > 0 {
		stop, thinking := a.Stop, a.Thinking
		a = ofChoice(all.Choices[0], all.Usage)
		a.Stop, a.Thinking = stop, thinking
	}
	a.Err = events.Err()
	return a
}

func ofChoice(c openai.ChatCompletionChoice, usage openai.CompletionUsage) rig.Answer {
	a := rig.Answer{
		Text: c.Message.Content, Refusal: c.Message.Refusal, Stop: c.FinishReason, In: usage.PromptTokens,
		Out:      usage.CompletionTokens,
		Thinking: reasoning(c.Message.JSON.ExtraFields),
	}
	for _, call := range c.Message.ToolCalls {
		a.Calls = append(a.Calls, call.ID+" "+call.Function.Name+call.Function.Arguments)
	}
	return a
}

// reasoning returns OpenRouter's reasoning, a field that the SDK does not know but keeps.
func reasoning(fields map[string]respjson.Field) string {
	var text string
	if raw := fields["reasoning"].Raw(); raw != "" {
		_ = json.Unmarshal([]byte(raw), &text) // what is no text is not equal to the one that is wanted
	}
	return text
}

func askAnthropic(ctx context.Context, c anthropic.Client, stream bool) (a rig.Answer) {
	var whole anthropic.Message
	if stream {
		events := c.Messages.NewStreaming(ctx, anthropicParams())
		defer func() { _ = events.Close() }()
		for events.Next() {
			if err := whole.Accumulate(events.Current()); err != nil {
				return rig.Answer{Err: err}
			}
		}
		a.Err = events.Err()
	} else {
		message, err := c.Messages.New(ctx, anthropicParams())
		if err != nil {
			return rig.Answer{Err: err}
		}
		whole = *message
	}
	for _, block := range whole.Content {
		a.Text += block.Text
		a.Thinking += block.Thinking
		if block.Type == "tool_use" {
			a.Calls = append(a.Calls, block.ID+" "+block.Name+string(block.Input))
		}
	}
	a.Refusal = whole.StopDetails.Explanation
	a.Stop, a.In, a.Out = string(whole.StopReason), whole.Usage.InputTokens, whole.Usage.OutputTokens
	return a
}

// askSDK asks with the SDK of the protocol's vendor, or of the vendor of which it is a profile.
func askSDK(ctx context.Context, p fakeprovider.Protocol, s *fakeprovider.Server, c *http.Client,
	stream bool,
) rig.Answer {
	switch rig.Wire(p) {
	case "openai-chat":
		return askOpenAI(ctx, chatClient(p, s, c), stream)
	case "openai-responses":
		return askResponses(ctx, openAIClient(s, c), stream)
	case "anthropic-messages":
		return askAnthropic(ctx, anthropicClient(s, c), stream)
	case "gemini":
		return askGemini(ctx, s, c, stream)
	default:
		return rig.Answer{Err: fmt.Errorf("no SDK reads %s: add the vendor's to askSDK", p.Name())}
	}
}

// chatClient points openai-go at a form of Chat Completions: its path, its query and its header are
// those of the smallest request.
func chatClient(p fakeprovider.Protocol, s *fakeprovider.Server, c *http.Client) openai.Client {
	call := p.About().Stream
	path, query, _ := strings.Cut(call.Path, "?")
	base := s.URL() + strings.TrimSuffix(strings.ReplaceAll(path, "{model}", "gpt-4o-mini"), "chat/completions")
	options := []openaioption.RequestOption{
		openaioption.WithBaseURL(base), openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0),
	}
	for name, value := range call.Header {
		options = append(options, openaioption.WithHeader(name, strings.ReplaceAll(value, "{key}", "sk-secret")))
	}
	if name, value, ok := strings.Cut(query, "="); ok {
		options = append(options, openaioption.WithQuery(name, value))
	}
	return openai.NewClient(options...)
}
