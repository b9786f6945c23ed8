package failover

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/respjson"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// openAIChat asks through openai-go.
type openAIChat struct {
	service openai.ChatCompletionService
	model   string
	asIs    bool
}

var _ client = openAIChat{}

// newOpenAIChat makes only the Chat Completions service, because openai.NewClient would read the
// environment.
func newOpenAIChat(p Provider, h *http.Client, sdk SDK) (client, error) {
	return openAIChatAt("/v1/", p, h, sdk, option.WithAPIKey(p.APIKey)), nil
}

// openAIChatAt makes a client for a service that speaks Chat Completions under a path of its own.
func openAIChatAt(path string, p Provider, h *http.Client, sdk SDK, more ...option.RequestOption) client {
	options := openAIOptions(path, p, h, sdk, more...)
	return openAIChat{model: p.Model, asIs: sdk.AsIs, service: openai.NewChatCompletionService(options...)}
}

// openAIOptions returns what each of openai-go's services is set up with, and more.
func openAIOptions(path string, p Provider, h *http.Client, sdk SDK,
	more ...option.RequestOption,
) []option.RequestOption {
	return append([]option.RequestOption{
		option.WithBaseURL(strings.TrimSuffix(p.BaseURL, "/") + path),
		option.WithHTTPClient(h),
		option.WithMaxRetries(sdk.retries(p.Protocol)),
	}, more...)
}

func (c openAIChat) open(ctx context.Context, q question) stream {
	params := openai.ChatCompletionNewParams{
		Model: c.model, Messages: openAIMessages(q), Tools: openAITools(q.tools),
	}
	if !q.stream {
		answer, err := c.service.New(ctx, params)
		if err != nil {
			return &single{err: err}
		}
		return openAIAnswer(answer, c.asIs)
	}
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	return &sdkStream[openai.ChatCompletionChunk]{sdkEvents: c.service.NewStreaming(ctx, params), read: c.read}
}

func openAIMessages(q question) []openai.ChatCompletionMessageParamUnion {
	messages := make([]openai.ChatCompletionMessageParamUnion, 0, len(q.messages)+1)
	if q.system != "" {
		messages = append(messages, openai.SystemMessage(q.system))
	}
	for _, m := range q.messages {
		switch m.Role {
		case RoleUser:
			messages = append(messages, openai.UserMessage(m.Text))
		case RoleTool:
			messages = append(messages, openai.ToolMessage(m.Text, m.ToolCallID))
		case RoleAssistant:
			var message openai.ChatCompletionAssistantMessageParam
			if m.Text != "" || len(m.ToolCalls) == 0 {
				message.Content.OfString = openai.String(m.Text)
			}
			for _, c := range m.ToolCalls {
				message.ToolCalls = append(message.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{
					OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
						ID: c.ID,
						Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{
							Name: c.Name, Arguments: c.arguments(),
						},
					},
				})
			}
			messages = append(messages, openai.ChatCompletionMessageParamUnion{OfAssistant: &message})
		}
	}
	return messages
}

func openAITools(tools []Tool) []openai.ChatCompletionToolUnionParam {
	var all []openai.ChatCompletionToolUnionParam
	for _, t := range tools {
		function := openai.FunctionDefinitionParam{Name: t.Name, Parameters: t.schema()}
		if t.Description != "" {
			function.Description = openai.String(t.Description)
		}
		all = append(all, openai.ChatCompletionFunctionTool(function))
	}
	return all
}

// finishError is OpenRouter's finish reason for an answer that ended with an error. As a rule the
// error comes beside it, and the SDK reports that.
const finishError = "error"

// read returns the event of a chunk. It returns an error if the chunk ends the answer with one, or
// if its text is not a text.
func (c openAIChat) read(chunk openai.ChatCompletionChunk) (event, error) {
	e := event{model: chunk.Model, usage: Usage{chunk.Usage.PromptTokens, chunk.Usage.CompletionTokens}}
	if len(chunk.Choices) == 0 {
		return e, nil
	}
	choice := chunk.Choices[0]
	if choice.FinishReason == finishError {
		return e, &providerError{firstRaw(choice.JSON.ExtraFields["error"])}
	}
	if raw := choice.Delta.JSON; !c.asIs {
		if err := requireTexts(raw.Content.Raw(), raw.Refusal.Raw()); err != nil {
			return e, err
		}
	}
	e.text, e.refuses = choice.Delta.Content+choice.Delta.Refusal, choice.Delta.Refusal != ""
	if len(chunk.Obfuscation) >= enoughPadding {
		e.position.text = chunk.RawJSON()
	}
	for _, c := range choice.Delta.ToolCalls {
		e.tools = append(e.tools, ToolPiece{
			Index: int(c.Index), ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments,
		})
	}
	e.thinking = openAIThinking(choice.Delta.JSON.ExtraFields)
	e.finish, e.done = choice.FinishReason, choice.FinishReason != ""
	return e, nil
}

// enoughPadding is how many equal characters of padding prove that two chunks are the same. With 62
// characters, chance makes one of 238,328 pairs equal, and few chunks have equal text. OpenAI pads
// chunks by default, so that a listener cannot tell tokens by their length
// (https://platform.openai.com/docs/api-reference/chat/create, stream_options.include_obfuscation).
const enoughPadding = 3

// openAIThinking reads a field that most imitators of OpenAI have: reasoning_content, or
// OpenRouter's reasoning.
func openAIThinking(extra map[string]respjson.Field) string {
	for _, name := range []string{"reasoning_content", "reasoning"} {
		if raw, ok := extra[name]; ok {
			var thought string
			_ = json.Unmarshal([]byte(raw.Raw()), &thought) // what is no text is no thought
			return thought
		}
	}
	return ""
}

func openAIAnswer(answer *openai.ChatCompletion, asIs bool) *single {
	e := event{model: answer.Model, usage: Usage{answer.Usage.PromptTokens, answer.Usage.CompletionTokens}}
	object := firstRaw(answer.JSON.ExtraFields["error"])
	if len(answer.Choices) == 0 {
		if object != nil {
			return &single{err: &providerError{object}}
		}
		return &single{one: e, more: true}
	}
	choice := answer.Choices[0]
	if choice.FinishReason == finishError {
		return &single{
			err: &providerError{firstRaw(choice.JSON.ExtraFields["error"], answer.JSON.ExtraFields["error"])},
		}
	}
	if err := requireTexts(choice.Message.JSON.Content.Raw(), choice.Message.JSON.Refusal.Raw()); err != nil && !asIs {
		return &single{err: err}
	}
	e.text, e.refuses = choice.Message.Content+choice.Message.Refusal, choice.Message.Refusal != ""
	for i, c := range choice.Message.ToolCalls {
		e.tools = append(e.tools, ToolPiece{Index: i, ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	e.thinking = openAIThinking(choice.Message.JSON.ExtraFields)
	e.finish, e.done = choice.FinishReason, true
	return &single{one: e, more: true}
}

// firstRaw returns the first field that is set and not null.
func firstRaw(fields ...respjson.Field) json.RawMessage {
	for _, f := range fields {
		if raw := f.Raw(); raw != "" && raw != "null" {
			return json.RawMessage(raw)
		}
	}
	return nil
}

func (openAIChat) explain(err error, f *AttemptError) bool { return explainOpenAI(err, f) }

// explainOpenAI reads the errors of openai-go, whichever of its services they come from.
func explainOpenAI(err error, f *AttemptError) bool {
	if failed, ok := errors.AsType[*openai.Error](err); ok {
		f.Kind, f.Status = FailureHTTPStatus, failed.StatusCode
		f.readError([]byte(failed.RawJSON()))
		return true
	}
	if sent, ok := errors.AsType[*ssestream.StreamError](err); ok {
		f.streamError(errorOf(sent.Event.Data))
		return true
	}
	return false
}
