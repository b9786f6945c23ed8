package failover

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// openAIChat asks through openai-go.
type openAIChat struct {
	service openai.ChatCompletionService
	model   string
}

var _ client = openAIChat{}

// newOpenAIChat makes only the service that is needed, which leaves out what openai.NewClient reads from the environment.
func newOpenAIChat(p Provider, h *http.Client, sdkRetries int) client {
	return openAIChat{
		model: p.Model,
		service: openai.NewChatCompletionService(
			option.WithBaseURL(strings.TrimSuffix(p.BaseURL, "/")+"/v1/"),
			option.WithAPIKey(p.APIKey),
			option.WithHTTPClient(h),
			option.WithMaxRetries(sdkRetries),
		),
	}
}

func (c openAIChat) open(ctx context.Context, req Request, partial string) stream {
	params := openai.ChatCompletionNewParams{
		Model:    c.model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(req.Prompt)},
	}
	if partial != "" {
		params.Messages = append(params.Messages, openai.AssistantMessage(partial))
	}
	if !req.Stream {
		answer, err := c.service.New(ctx, params)
		if err != nil {
			return &single{err: err}
		}
		return &single{one: openAIAnswer(answer), more: true}
	}
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	return openAIStream{c.service.NewStreaming(ctx, params)}
}

type openAIStream struct {
	*ssestream.Stream[openai.ChatCompletionChunk]
}

func (s openAIStream) event() event {
	chunk := s.Current()
	e := event{model: chunk.Model, usage: Usage{chunk.Usage.PromptTokens, chunk.Usage.CompletionTokens}}
	if len(chunk.Choices) == 0 {
		return e
	}
	choice := chunk.Choices[0]
	e.text = choice.Delta.Content + choice.Delta.Refusal
	for _, call := range choice.Delta.ToolCalls {
		e.tool += call.Function.Name + call.Function.Arguments
	}
	// Reasoning is not OpenAI's, but what most of its imitators send.
	if raw, ok := choice.Delta.JSON.ExtraFields["reasoning_content"]; ok {
		var thought string                              // not the event's own field, which would move every event to the heap
		_ = json.Unmarshal([]byte(raw.Raw()), &thought) // what is no text is no thought
		e.thinking = thought
	}
	e.finish, e.done = choice.FinishReason, choice.FinishReason != ""
	return e
}

func openAIAnswer(answer *openai.ChatCompletion) event {
	e := event{model: answer.Model, usage: Usage{answer.Usage.PromptTokens, answer.Usage.CompletionTokens}}
	if len(answer.Choices) == 0 {
		return e
	}
	choice := answer.Choices[0]
	e.text = choice.Message.Content + choice.Message.Refusal
	for _, call := range choice.Message.ToolCalls {
		e.tool += call.Function.Name + call.Function.Arguments
	}
	e.finish, e.done = choice.FinishReason, true
	return e
}

func (openAIChat) explain(err error, f *AttemptError) bool {
	if answered, ok := errors.AsType[*openai.Error](err); ok {
		f.Kind, f.Status = HTTPStatus, answered.StatusCode
		f.readError([]byte(answered.RawJSON()))
		return true
	}
	if said, ok := errors.AsType[*ssestream.StreamError](err); ok {
		f.streamError(errorOf(said.Event.Data))
		return true
	}
	return false
}
