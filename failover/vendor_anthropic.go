package failover

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

// maxTokens bounds an answer, in tokens, because the protocol insists on a bound. The SDK refuses
// calls without streaming above 21,333
// (https://github.com/anthropics/anthropic-sdk-go#long-requests).
const maxTokens = 4096

// anthropicMessages asks through anthropic-sdk-go.
type anthropicMessages struct {
	service anthropic.MessageService
	model   anthropic.Model
	asIs    bool
}

var _ client = anthropicMessages{}

// newAnthropicMessages makes only the Messages service, because anthropic.NewClient would read the
// environment and the user's profile.
func newAnthropicMessages(p Provider, h *http.Client, sdk SDK) (client, error) {
	return anthropicMessages{
		model: p.Model, asIs: sdk.AsIs,
		service: anthropic.NewMessageService(
			option.WithBaseURL(strings.TrimSuffix(p.BaseURL, "/")+"/"),
			option.WithAPIKey(p.APIKey),
			option.WithHTTPClient(h),
			option.WithMaxRetries(sdk.retries(p.Protocol)),
		),
	}, nil
}

func (c anthropicMessages) open(ctx context.Context, q question) stream {
	params := anthropic.MessageNewParams{
		Model: c.model, MaxTokens: maxTokens, Messages: anthropicMessageParams(q.messages),
		Tools: anthropicTools(q.tools),
	}
	if q.system != "" {
		params.System = []anthropic.TextBlockParam{{Text: q.system}}
	}
	if !q.stream {
		answer, err := c.service.New(ctx, params)
		if err != nil {
			return &single{err: err}
		}
		return anthropicAnswer(answer, c.asIs)
	}
	return &sdkStream[anthropic.MessageStreamEventUnion]{sdkEvents: c.service.NewStreaming(ctx, params), read: c.read}
}

// anthropicMessageParams returns the conversation in Anthropic's form. Neighbours of one role
// share one message, because roles take turns, and the results of tools are the user's.
func anthropicMessageParams(messages []Message) []anthropic.MessageParam {
	all := make([]anthropic.MessageParam, 0, len(messages))
	add := func(role anthropic.MessageParamRole, blocks ...anthropic.ContentBlockParamUnion) {
		if last := len(all) - 1; last >= 0 && all[last].Role == role {
			all[last].Content = append(all[last].Content, blocks...)
			return
		}
		all = append(all, anthropic.MessageParam{Role: role, Content: blocks})
	}
	for i, m := range messages {
		switch m.Role {
		case RoleUser:
			add(anthropic.MessageParamRoleUser, anthropic.NewTextBlock(m.Text))
		case RoleTool:
			add(anthropic.MessageParamRoleUser, anthropic.NewToolResultBlock(m.ToolCallID, m.Text, false))
		case RoleAssistant:
			text := m.Text
			if i == len(messages)-1 {
				text = strings.TrimRight(text, " \t\n") // a prefill that ends in white space is refused
			}
			if text != "" {
				add(anthropic.MessageParamRoleAssistant, anthropic.NewTextBlock(text))
			}
			for _, c := range m.ToolCalls {
				add(anthropic.MessageParamRoleAssistant,
					anthropic.NewToolUseBlock(c.ID, json.RawMessage(c.arguments()), c.Name))
			}
		}
	}
	return all
}

func anthropicTools(tools []Tool) []anthropic.ToolUnionParam {
	var all []anthropic.ToolUnionParam
	for _, t := range tools {
		schema := t.schema()
		in := anthropic.ToolInputSchemaParam{Properties: schema["properties"], ExtraFields: schema}
		delete(schema, "properties")
		delete(schema, "type")
		tool := anthropic.ToolUnionParamOfTool(in, t.Name)
		if t.Description != "" {
			tool.OfTool.Description = anthropic.String(t.Description)
		}
		all = append(all, tool)
	}
	return all
}

// read returns an event, or an error if its text is not a text.
func (c anthropicMessages) read(sent anthropic.MessageStreamEventUnion) (event, error) {
	if !c.asIs {
		err := requireTexts(sent.Delta.JSON.Text.Raw(), sent.Delta.JSON.Thinking.Raw(),
			sent.ContentBlock.JSON.Text.Raw())
		if err != nil {
			return event{}, err
		}
	}
	return anthropicEvent(&sent), nil
}

func anthropicEvent(sent *anthropic.MessageStreamEventUnion) event {
	switch sent.Type {
	case "message_start":
		return event{
			model: sent.Message.Model, usage: Usage{Input: sent.Message.Usage.InputTokens},
			position: position{text: sent.Message.ID},
		}
	case "content_block_start":
		begins := position{text: sent.ContentBlock.Type, number: sent.Index + 1}
		if block := sent.ContentBlock; block.Type == "tool_use" {
			return event{tools: []ToolPiece{{Index: int(sent.Index), ID: block.ID, Name: block.Name}}, position: begins}
		}
		return event{text: sent.ContentBlock.Text, position: begins}
	case "content_block_delta":
		e := event{text: sent.Delta.Text, thinking: sent.Delta.Thinking}
		if sent.Delta.PartialJSON != "" {
			e.tools = []ToolPiece{{Index: int(sent.Index), Arguments: sent.Delta.PartialJSON}}
		}
		return e
	case "message_delta":
		return event{finish: string(sent.Delta.StopReason), usage: Usage{Output: sent.Usage.OutputTokens}}
	case "message_stop":
		return event{done: true}
	}
	return event{}
}

func anthropicAnswer(answer *anthropic.Message, asIs bool) *single {
	if object := answer.JSON.ExtraFields["error"].Raw(); object != "" {
		return &single{err: &providerError{json.RawMessage(object)}}
	}
	e := event{
		model: answer.Model, finish: string(answer.StopReason), done: true,
		usage: Usage{answer.Usage.InputTokens, answer.Usage.OutputTokens},
	}
	for i, block := range answer.Content {
		if err := requireTexts(block.JSON.Text.Raw(), block.JSON.Thinking.Raw()); err != nil && !asIs {
			return &single{err: err}
		}
		e.text += block.Text
		e.thinking += block.Thinking
		if block.Type == "tool_use" {
			e.tools = append(e.tools, ToolPiece{
				Index: i, ID: block.ID, Name: block.Name, Arguments: string(block.Input),
			})
		}
	}
	return &single{one: e, more: true}
}

func (anthropicMessages) explain(err error, f *AttemptError) bool {
	var failed *anthropic.Error
	if !errors.As(err, &failed) {
		return false
	}
	object := errorOf([]byte(failed.RawJSON()))
	// An error event within a stream carries the status of the response that it interrupts.
	if failed.StatusCode < http.StatusBadRequest {
		f.streamError(object)
		return true
	}
	f.Kind, f.Status = FailureHTTPStatus, failed.StatusCode
	f.readError(object)
	return true
}
