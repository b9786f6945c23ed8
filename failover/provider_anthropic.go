package failover

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/ssestream"
)

// maxTokens bounds an answer, in tokens, where the protocol insists on a bound. The SDK refuses calls
// without streaming above 21,333 (https://github.com/anthropics/anthropic-sdk-go#long-requests).
const maxTokens = 4096

// anthropicMessages asks through anthropic-sdk-go.
type anthropicMessages struct {
	service anthropic.MessageService
	model   anthropic.Model
}

var _ client = anthropicMessages{}

// newAnthropicMessages makes only the service that is needed, which leaves out what anthropic.NewClient reads from the
// environment and from the user's profile.
func newAnthropicMessages(p Provider, h *http.Client, sdkRetries int) client {
	return anthropicMessages{
		model: p.Model,
		service: anthropic.NewMessageService(
			option.WithBaseURL(strings.TrimSuffix(p.BaseURL, "/")+"/"),
			option.WithAPIKey(p.APIKey),
			option.WithHTTPClient(h),
			option.WithMaxRetries(sdkRetries),
		),
	}
}

func (c anthropicMessages) open(ctx context.Context, req Request, partial string) stream {
	params := anthropic.MessageNewParams{
		Model:     c.model,
		MaxTokens: maxTokens,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(req.Prompt))},
	}
	if partial != "" {
		// The protocol refuses a prefill that ends in white space.
		prefill := strings.TrimRight(partial, " \t\n")
		params.Messages = append(params.Messages, anthropic.NewAssistantMessage(anthropic.NewTextBlock(prefill)))
	}
	if !req.Stream {
		answer, err := c.service.New(ctx, params)
		if err != nil {
			return &single{err: err}
		}
		return &single{one: anthropicAnswer(answer), more: true}
	}
	return anthropicStream{c.service.NewStreaming(ctx, params)}
}

type anthropicStream struct {
	*ssestream.Stream[anthropic.MessageStreamEventUnion]
}

func (s anthropicStream) event() event {
	said := s.Current()
	switch said.Type {
	case "message_start":
		return event{model: said.Message.Model, usage: Usage{Input: said.Message.Usage.InputTokens}}
	case "content_block_start":
		return event{text: said.ContentBlock.Text, tool: said.ContentBlock.Name}
	case "content_block_delta":
		return event{text: said.Delta.Text, thinking: said.Delta.Thinking, tool: said.Delta.PartialJSON}
	case "message_delta":
		return event{finish: string(said.Delta.StopReason), usage: Usage{Output: said.Usage.OutputTokens}}
	case "message_stop":
		return event{done: true}
	}
	return event{}
}

func anthropicAnswer(answer *anthropic.Message) event {
	e := event{
		model: answer.Model, finish: string(answer.StopReason), done: true,
		usage: Usage{answer.Usage.InputTokens, answer.Usage.OutputTokens},
	}
	for _, block := range answer.Content {
		e.text += block.Text
		e.thinking += block.Thinking
		e.tool += block.Name + string(block.Input)
	}
	return e
}

func (anthropicMessages) explain(err error, f *AttemptError) bool {
	var answered *anthropic.Error
	if !errors.As(err, &answered) {
		return false
	}
	said := errorOf([]byte(answered.RawJSON()))
	// An error event within a stream carries the status of the response that it interrupts.
	if answered.StatusCode < http.StatusBadRequest {
		f.streamError(said)
		return true
	}
	f.Kind, f.Status = HTTPStatus, answered.StatusCode
	f.readError(said)
	return true
}
