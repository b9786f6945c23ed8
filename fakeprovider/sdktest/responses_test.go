package sdktest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func responsesParams() responses.ResponseNewParams {
	return responses.ResponseNewParams{
		Model: "gpt-4o", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("say hello")},
		Instructions: openai.String(""), Temperature: openai.Float(0.5),
	}
}

// ofResponse returns what a whole response says.
func ofResponse(r responses.Response) (a rig.Answer) {
	a.Stop, a.In, a.Out = string(r.Status), r.Usage.InputTokens, r.Usage.OutputTokens
	if r.IncompleteDetails.Reason != "" {
		a.Stop = r.IncompleteDetails.Reason
	}
	if r.Error.Message != "" {
		a.Err = fmt.Errorf("%s: %s", r.Error.Code, r.Error.Message)
	}
	a.Text = r.OutputText()
	for _, item := range r.Output {
		for _, part := range item.Content {
			a.Refusal += part.Refusal
		}
		for _, part := range item.Summary {
			a.Thinking += part.Text
		}
		if item.Type == "function_call" {
			a.Calls = append(a.Calls, item.CallID+" "+item.Name+item.AsFunctionCall().Arguments)
		}
	}
	return a
}

// askResponses joins the pieces of a stream. If the terminal event says something else, that is
// an error.
func askResponses(ctx context.Context, c openai.Client, stream bool) (a rig.Answer) {
	if !stream {
		whole, err := c.Responses.New(ctx, responsesParams())
		if err != nil {
			return rig.Answer{Err: err}
		}
		return ofResponse(*whole)
	}
	events := c.Responses.NewStreaming(ctx, responsesParams())
	defer func() { _ = events.Close() }()
	for n := int64(0); events.Next(); n++ {
		event := events.Current()
		if event.SequenceNumber != n {
			return rig.Answer{Err: fmt.Errorf("event %d, %s, has number %d", n, event.Type, event.SequenceNumber)}
		}
		switch event.Type {
		case "response.output_text.delta":
			a.Text += event.Delta
		case "response.refusal.delta":
			a.Refusal += event.Delta
		case "response.reasoning_summary_text.delta":
			a.Thinking += event.Delta
		case "response.output_item.added":
			if event.Item.Type == "function_call" {
				a.Calls = append(a.Calls, event.Item.CallID+" "+event.Item.Name)
			}
		case "response.function_call_arguments.delta":
			a.Calls[len(a.Calls)-1] += event.Delta
		case "error":
			a.Err = fmt.Errorf("%s: %s", event.Code, event.Message)
		case "response.failed":
			return ofResponse(event.Response)
		case "response.completed", "response.incomplete":
			whole := ofResponse(event.Response)
			a.Stop, a.In, a.Out = whole.Stop, whole.In, whole.Out
			if diff := cmp.Diff(a, whole, cmp.AllowUnexported(rig.Answer{})); diff != "" {
				return rig.Answer{Err: fmt.Errorf("the pieces are not the whole (-pieces +whole):\n%s", diff)}
			}
		}
	}
	a.Err = errors.Join(a.Err, events.Err())
	return a
}

func TestSDKReadsEveryShapeOfError(t *testing.T) {
	t.Parallel()
	shapes := map[string]string{
		fakeprovider.ShapeFlat:   "insufficient_quota: You exceeded",
		fakeprovider.ShapeNested: `"code":"insufficient_quota"`,
		fakeprovider.ShapeFailed: "insufficient_quota: You exceeded", "": "received error while streaming",
	}
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for shape, want := range shapes {
			for _, before := range [][]fakeprovider.Step{
				{fakeprovider.Respond{}}, {fakeprovider.Text{Value: "half an"}},
			} {
				server, client := serve(t, fakeprovider.Options{
					Protocol: protocol.OpenAIResponses{},
					OnRequest: rig.Script(append(before,
						fakeprovider.Fail{Status: 429, Code: "insufficient_quota", Shape: shape})...),
				})
				got := askResponses(t.Context(), openAIClient(server, client), true)
				if got.Err == nil || !strings.Contains(got.Err.Error(), want) {
					t.Errorf("shape %q: got %v, want %q", shape, got.Err, want)
				}
			}
		}
	})
}

// The response object repeats the fields of the request, but not those that belong to the
// response.
func TestResponsesRepeatTheRequest(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.OpenAIResponses{}})
		params := responsesParams()
		params.Instructions = openai.String("be <brief> & kind")
		params.Metadata = map[string]string{"ticket": "7"}
		params.SetExtraFields(map[string]any{"status": "failed", "id": "mine", "output": "nonsense", "object": nil})
		params.Tools = []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{
			Name: "get_capital", Parameters: map[string]any{"type": "object"}, Strict: openai.Bool(true),
		}}}
		sdk := openAIClient(server, client)
		got, err := sdk.Responses.New(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		if got.Instructions.OfString != "be <brief> & kind" || got.Metadata["ticket"] != "7" || got.Temperature != 0.5 {
			t.Errorf("got %s", got.RawJSON())
		}
		if len(got.Tools) != 1 || got.Tools[0].Name != "get_capital" {
			t.Errorf("tools are %v", got.Tools)
		}
		if got.Status != "completed" || !strings.HasPrefix(got.ID, "resp_") || got.Object != "response" ||
			got.TopP != 1 {
			t.Errorf("got %s", got.RawJSON())
		}
	})
}
