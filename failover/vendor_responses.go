package failover

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
)

// openAIResponses asks through openai-go.
type openAIResponses struct {
	service responses.ResponseService
	model   string
	asIs    bool
}

var _ client = openAIResponses{}

// newOpenAIResponses makes only the service that is needed, as newOpenAIChat does.
func newOpenAIResponses(p Provider, h *http.Client, sdk SDK) (client, error) {
	options := openAIOptions("/v1/", p, h, sdk, option.WithAPIKey(p.APIKey))
	return openAIResponses{model: p.Model, asIs: sdk.AsIs, service: responses.NewResponseService(options...)}, nil
}

func (c openAIResponses) open(ctx context.Context, q question) stream {
	params := responses.ResponseNewParams{
		Model: c.model,
		Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responsesItems(q.messages)},
		// The conversation is the caller's, who may go on with it at another provider.
		Store: openai.Bool(false),
	}
	if q.system != "" {
		params.Instructions = openai.String(q.system)
	}
	for _, t := range q.tools {
		tool := responses.ToolParamOfFunction(t.Name, t.schema(), false)
		if t.Description != "" {
			tool.OfFunction.Description = openai.String(t.Description)
		}
		params.Tools = append(params.Tools, tool)
	}
	if !q.stream {
		answer, err := c.service.New(ctx, params)
		if err != nil {
			return &single{err: err}
		}
		return responsesAnswer(answer, c.asIs)
	}
	reader := responsesReader{asIs: c.asIs, argued: map[int64]bool{}}
	return &sdkStream[responses.ResponseStreamEventUnion]{
		sdkEvents: c.service.NewStreaming(ctx, params), read: reader.read,
	}
}

func responsesItems(messages []Message) responses.ResponseInputParam {
	var items responses.ResponseInputParam
	for _, m := range messages {
		switch m.Role {
		case RoleTool:
			items = append(items, responses.ResponseInputItemUnionParam{
				OfFunctionCallOutput: &responses.ResponseInputItemFunctionCallOutputParam{
					CallID: param.NewOpt(m.ToolCallID),
					Output: responses.ResponseInputItemFunctionCallOutputOutputUnionParam{
						OfString: openai.String(m.Text),
					},
				},
			})
			continue
		case RoleUser:
			items = append(items, responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleUser))
		case RoleAssistant:
			if m.Text != "" {
				items = append(items,
					responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleAssistant))
			}
		}
		for _, c := range m.ToolCalls {
			items = append(items, responses.ResponseInputItemParamOfFunctionCall(c.arguments(), c.ID, c.Name))
		}
	}
	return items
}

// responsesReader reads the events of one response. It unites the three shapes of an error within
// a stream: the SDK recognises only an event with an error under that key.
type responsesReader struct {
	asIs bool
	// argued holds the indices of the calls of which a piece of the arguments has come.
	argued map[int64]bool
}

func (r responsesReader) read(sent responses.ResponseStreamEventUnion) (event, error) {
	switch sent.Type {
	case "error":
		return event{}, &providerError{flatError(sent.RawJSON())}
	case "response.failed", "response.cancelled":
		return event{}, &providerError{firstRaw(sent.Response.JSON.Error)}
	}
	if err := requireTexts(sent.JSON.Delta.Raw()); err != nil && !r.asIs {
		return event{}, err
	}
	e := r.event(&sent)
	// A gateway numbers its keepalives by itself: https://github.com/Prism-Shadow/agenthub/pull/174
	if strings.HasPrefix(sent.Type, "response.") {
		e.position.number = sent.SequenceNumber
	}
	return e, nil
}

// flatError returns the error of an event whose fields are beside its type, without the type.
func flatError(event string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(event), &fields) != nil {
		return nil
	}
	delete(fields, "type")
	object, _ := json.Marshal(fields) //nolint:errchkjson // it has just been read
	return object
}

func (r responsesReader) event(sent *responses.ResponseStreamEventUnion) event {
	switch sent.Type {
	case "response.created", "response.in_progress":
		return event{model: sent.Response.Model}
	case "response.output_text.delta":
		return event{text: sent.Delta}
	case "response.refusal.delta":
		return event{text: sent.Delta, refuses: true}
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		return event{thinking: sent.Delta}
	case "response.output_item.added":
		if sent.Item.Type == "function_call" {
			return event{tools: []ToolPiece{{Index: int(sent.OutputIndex), ID: sent.Item.CallID, Name: sent.Item.Name}}}
		}
	case "response.function_call_arguments.delta":
		r.argued[sent.OutputIndex] = true
		return event{tools: []ToolPiece{{Index: int(sent.OutputIndex), Arguments: sent.Delta}}}
	case "response.function_call_arguments.done":
		if !r.argued[sent.OutputIndex] { // some send them whole
			return event{tools: []ToolPiece{{Index: int(sent.OutputIndex), Arguments: sent.Arguments}}}
		}
	case "response.completed", "response.incomplete":
		return responsesEnd(&sent.Response)
	}
	return event{}
}

// responsesEnd returns what a response says of itself at its end, beside its content.
func responsesEnd(r *responses.Response) event {
	return event{
		model: r.Model, finish: firstOf(r.IncompleteDetails.Reason, string(r.Status)), done: true,
		usage: Usage{r.Usage.InputTokens, r.Usage.OutputTokens},
	}
}

func responsesAnswer(r *responses.Response, asIs bool) *single {
	object := firstRaw(r.JSON.Error)
	if object != nil || r.Status == responses.ResponseStatusFailed || r.Status == responses.ResponseStatusCancelled {
		return &single{err: &providerError{object}}
	}
	e := responsesEnd(r)
	// What is queued or in progress has not ended, whatever the body has.
	e.done = r.Status == responses.ResponseStatusCompleted || r.Status == responses.ResponseStatusIncomplete
	for i, item := range r.Output {
		switch item.Type {
		case "message":
			for _, part := range item.Content {
				if err := requireTexts(part.JSON.Text.Raw(), part.JSON.Refusal.Raw()); err != nil && !asIs {
					return &single{err: err}
				}
				e.text += part.Text + part.Refusal
				e.refuses = e.refuses || part.Refusal != ""
			}
		case "reasoning":
			for _, part := range item.Summary {
				e.thinking += part.Text
			}
		case "function_call":
			e.tools = append(e.tools, ToolPiece{
				Index: i, ID: item.CallID, Name: item.Name, Arguments: item.Arguments.OfString,
			})
		}
	}
	return &single{one: e, more: true}
}

func (openAIResponses) explain(err error, f *AttemptError) bool { return explainOpenAI(err, f) }
