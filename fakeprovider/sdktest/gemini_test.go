package sdktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func geminiClient(ctx context.Context, s *fakeprovider.Server, c *http.Client) (*genai.Client, error) {
	return genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "sk-secret", Backend: genai.BackendGeminiAPI, HTTPClient: c,
		HTTPOptions: genai.HTTPOptions{BaseURL: s.URL()},
	})
}

// geminiReplies returns the responses of a stream, or the only one, up to the first error.
func geminiReplies(ctx context.Context, s *fakeprovider.Server, c *http.Client,
	stream bool,
) ([]*genai.GenerateContentResponse, error) {
	client, err := geminiClient(ctx, s, c)
	if err != nil {
		return nil, err
	}
	if !stream {
		whole, err := client.Models.GenerateContent(ctx, "gemini-2.5-flash", genai.Text("say hello"), nil)
		return []*genai.GenerateContentResponse{whole}, err
	}
	var replies []*genai.GenerateContentResponse
	for reply, err := range client.Models.GenerateContentStream(ctx, "gemini-2.5-flash", genai.Text("say hello"), nil) {
		if err != nil {
			return replies, err
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

func askGemini(ctx context.Context, s *fakeprovider.Server, c *http.Client, stream bool) rig.Answer {
	replies, err := geminiReplies(ctx, s, c, stream)
	a := rig.Answer{Err: err}
	for _, reply := range replies {
		if reply == nil || len(reply.Candidates) == 0 {
			continue
		}
		if content := reply.Candidates[0].Content; content != nil {
			for _, part := range content.Parts {
				switch {
				case part.FunctionCall != nil:
					arguments, err := json.Marshal(part.FunctionCall.Args)
					a.Err = errors.Join(a.Err, err)
					a.Calls = append(a.Calls, part.FunctionCall.ID+" "+part.FunctionCall.Name+string(arguments))
				case part.Thought:
					a.Thinking += part.Text
				default:
					a.Text += part.Text
				}
			}
		}
		a.Stop = string(reply.Candidates[0].FinishReason)
		usage := reply.UsageMetadata
		a.In, a.Out = int64(usage.PromptTokenCount), int64(usage.CandidatesTokenCount+usage.ThoughtsTokenCount)
	}
	return a
}

func TestGoGenaiReadsThoughtsAndCalls(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for _, stream := range []bool{true, false} {
			server, client := serve(t,
				fakeprovider.Options{Name: "primary", Protocol: protocol.Gemini{}, OnRequest: rig.Script(
					rig.Send(rig.ToolFrames()...), fakeprovider.Finish{Reason: "tool_calls"},
				)})
			replies, err := geminiReplies(t.Context(), server, client, stream)
			if err != nil {
				t.Fatal(err)
			}
			var thought strings.Builder
			var calls []*genai.FunctionCall
			for _, reply := range replies {
				for _, part := range reply.Candidates[0].Content.Parts {
					if part.Thought {
						thought.WriteString(part.Text)
					}
					if part.FunctionCall != nil {
						calls = append(calls, part.FunctionCall)
					}
				}
			}
			if thought.String() != "Look it up." {
				t.Errorf("stream %t: thought is %q", stream, thought.String())
			}
			want := []*genai.FunctionCall{
				{ID: "call_1", Name: "get_capital", Args: map[string]any{"country": `a:"}b`, "n": []any{1.0}}},
				{ID: "call_2", Name: "get_time", Args: map[string]any{}},
			}
			if diff := cmp.Diff(want, calls); diff != "" {
				t.Errorf("stream %t: calls (-want +got):\n%s", stream, diff)
			}
			last := replies[len(replies)-1]
			usage := last.UsageMetadata
			if usage.ThoughtsTokenCount != 2 ||
				usage.TotalTokenCount != usage.PromptTokenCount+usage.CandidatesTokenCount+2 {
				t.Errorf("stream %t: usage is %+v", stream, usage)
			}
			if got := last.Candidates[0].FinishReason; got != genai.FinishReasonStop {
				t.Errorf("stream %t: finish reason is %s", stream, got)
			}
			if last.ModelVersion != "gemini-2.5-flash" || len(last.ResponseID) != 23 {
				t.Errorf("stream %t: %s, %s", stream, last.ModelVersion, last.ResponseID)
			}
		}
	})
}

func TestGeminisReasons(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		for _, reason := range []genai.FinishReason{
			genai.FinishReasonStop, genai.FinishReasonMaxTokens, genai.FinishReasonSafety, genai.FinishReasonRecitation,
			genai.FinishReasonLanguage, genai.FinishReasonOther, genai.FinishReasonBlocklist,
			genai.FinishReasonProhibitedContent,
			genai.FinishReasonSPII, genai.FinishReasonMalformedFunctionCall, genai.FinishReasonImageSafety,
			genai.FinishReasonUnexpectedToolCall,
		} {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: rig.Script(
					fakeprovider.SendFrame{Kind: "finish", Text: string(reason)},
				)})
				if got := askGemini(t.Context(), server, client, stream); got.Err != nil ||
					got.Stop != string(reason) || got.Text != "" {
					t.Errorf("stream %t: got %+v, want %s", stream, got, reason)
				}
			})
		}
		rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
			t.Helper()
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: rig.Script(
				fakeprovider.SendFrame{Kind: "finish", Text: protocol.CodePromptBlocked + ":BLOCKLIST"},
			)})
			replies, err := geminiReplies(t.Context(), server, client, stream)
			if err != nil || len(replies) != 1 || len(replies[0].Candidates) != 0 {
				t.Fatalf("stream %t: got %+v, %v", stream, replies, err)
			}
			if got := replies[0].PromptFeedback.BlockReason; got != genai.BlockedReasonBlocklist {
				t.Errorf("stream %t: block reason is %s", stream, got)
			}
		})
	}
}

// Arguments that are no object are the model's fault, and Gemini has a word for it.
func TestGeminiCallsABrokenCallMalformed(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: rig.Script(
			rig.Send(fakeprovider.Frame{
				Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: "f", ArgumentsPiece: `{"a":`},
			}),
			fakeprovider.Finish{Reason: "tool_calls"},
		)})
		replies, err := geminiReplies(t.Context(), server, client, true)
		if err != nil || len(replies) != 1 {
			t.Fatalf("got %+v, %v", replies, err)
		}
		if got := replies[0].Candidates[0].FinishReason; got != genai.FinishReasonMalformedFunctionCall {
			t.Errorf("got %s", got)
		}
	})
}

// Gemini sends whole calls one after the other. A piece of another call than the open one is
// refused.
func TestGeminisCallsDoNotMix(t *testing.T) {
	t.Parallel()
	encoder := protocol.Gemini{}.Encoder(rig.Parsed(t, protocol.Gemini{}, true))
	for i, test := range []struct {
		call fakeprovider.ToolCall
		sent string // what has to be in the chunk; none where it is empty
		bad  bool
	}{
		{call: fakeprovider.ToolCall{Name: "f"}},
		{call: fakeprovider.ToolCall{Index: 1, ArgumentsPiece: "{}"}, bad: true},
		{call: fakeprovider.ToolCall{ArgumentsPiece: "{}"}, sent: `"name": "f"`},
		{call: fakeprovider.ToolCall{ArgumentsPiece: "\n"}},
		{call: fakeprovider.ToolCall{ArgumentsPiece: "}"}, bad: true},
		{call: fakeprovider.ToolCall{Name: "g"}},
		{call: fakeprovider.ToolCall{Name: "h", ArgumentsPiece: "{}"}, sent: `"name": "g"`},
	} {
		data, err := encoder.Encode(rig.Call(test.call))
		if errors.Is(err, fakeprovider.ErrNoSuchFrame) != test.bad || !strings.Contains(string(data), test.sent) ||
			(test.sent == "") != (len(data) == 0) {
			t.Errorf("%d: got %q, %v", i, data, err)
		}
	}
}

func TestGoGenaiReadsBothErrorsInTheStream(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for _, code := range []string{"high_demand", protocol.CodeBareError + ":high_demand", protocol.CodeBareError} {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: rig.Script(
				fakeprovider.Text{Value: "half an"}, fakeprovider.Fail{Status: 503, Code: code},
			)})
			got := askGemini(t.Context(), server, client, true)
			var err genai.APIError
			if got.Text != "half an" || !errors.As(got.Err, &err) || err.Code != 503 || err.Status != "UNAVAILABLE" {
				t.Fatalf("%s: got %+v", code, got)
			}
			demand := strings.Contains(err.Message, "high demand")
			if demand != strings.HasSuffix(code, "high_demand") {
				t.Errorf("%s: message is %q", code, err.Message)
			}
		}
	})
}

// Google sends no comments, and its SDK takes the comment of a service in between for an error.
func TestGoGenaiFailsOnAComment(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: rig.Script(
			fakeprovider.Text{Value: "half an"}, fakeprovider.Heartbeat{}, fakeprovider.Text{Value: " answer"},
			fakeprovider.Finish{},
		)})
		got := askGemini(t.Context(), server, client, true)
		if got.Text != "half an" || got.Err == nil || !strings.Contains(got.Err.Error(), "invalid stream chunk") {
			t.Errorf("got %+v", got)
		}
	})
}

func TestGoGenaiReadsAQuotasDetails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault     fault.RateLimited
		id, delay string
	}{
		"usual": {fault.RateLimited{}, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "58s"},
		"a short delay": {
			fault.RateLimited{RetryAfter: "7"}, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "7s",
		},
		"a day": {fault.RateLimited{Code: "per_day"}, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "58s"},
	}
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for name, test := range tests {
			server, client := serve(t, fakeprovider.Options{
				Protocol: protocol.Gemini{}, OnRequest: []fakeprovider.Fault{test.fault},
			})
			var err genai.APIError
			if !errors.As(askGemini(t.Context(), server, client, true).Err, &err) {
				t.Fatalf("%s: no typed error", name)
			}
			if err.Code != 429 || err.Status != "RESOURCE_EXHAUSTED" || len(err.Details) != 3 {
				t.Fatalf("%s: got %v", name, err)
			}
			details, _ := json.Marshal(err.Details)
			for _, want := range []string{
				`"quotaId":"` + test.id + `"`, `"retryDelay":"` + test.delay + `"`, "google.rpc.Help",
			} {
				if !strings.Contains(string(details), want) {
					t.Errorf("%s: %s is missing in %s", name, want, details)
				}
			}
		}
	})
}
