package fakeprovider_test

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
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func geminiText(data []byte) (string, error) {
	var in genai.GenerateContentResponse
	if err := json.Unmarshal(data, &in); err != nil {
		return "", err
	}
	if len(in.Candidates) == 0 || in.Candidates[0].Content == nil {
		return "", nil
	}
	var all strings.Builder
	for _, part := range in.Candidates[0].Content.Parts {
		all.WriteString(part.Text)
	}
	return all.String(), nil
}

func geminiClient(ctx context.Context, s *fakeprovider.Server, c *http.Client) (*genai.Client, error) {
	return genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "sk-secret", Backend: genai.BackendGeminiAPI, HTTPClient: c, HTTPOptions: genai.HTTPOptions{BaseURL: s.URL()},
	})
}

// geminiReplies are the responses of a stream, or the only one, up to the first error.
func geminiReplies(ctx context.Context, s *fakeprovider.Server, c *http.Client, stream bool) ([]*genai.GenerateContentResponse, error) {
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

func askGemini(ctx context.Context, s *fakeprovider.Server, c *http.Client, stream bool) answer {
	replies, err := geminiReplies(ctx, s, c, stream)
	a := answer{err: err}
	for _, reply := range replies {
		if reply == nil || len(reply.Candidates) == 0 {
			continue
		}
		if content := reply.Candidates[0].Content; content != nil {
			for _, part := range content.Parts {
				switch {
				case part.FunctionCall != nil:
					arguments, err := json.Marshal(part.FunctionCall.Args)
					a.err = errors.Join(a.err, err)
					a.calls = append(a.calls, part.FunctionCall.ID+" "+part.FunctionCall.Name+string(arguments))
				case part.Thought:
					a.thinking += part.Text
				default:
					a.text += part.Text
				}
			}
		}
		a.stop = string(reply.Candidates[0].FinishReason)
		usage := reply.UsageMetadata
		a.in, a.out = int64(usage.PromptTokenCount), int64(usage.CandidatesTokenCount+usage.ThoughtsTokenCount)
	}
	return a
}

func isComment(s fakeprovider.Step) bool {
	switch s.(type) {
	case fakeprovider.Heartbeat, fakeprovider.Comment:
		return true
	default:
		return false
	}
}

// send is a step that sends frames.
func send(frames ...fakeprovider.Frame) fakeprovider.Step {
	return step(func(_ context.Context, x fakeprovider.Exchange) error {
		for _, f := range frames {
			if err := x.Send(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// toolFrames is a thought and two calls, of which the second has no arguments.
func toolFrames() []fakeprovider.Frame {
	call := func(index int, id, name, arguments string) fakeprovider.Frame {
		return fakeprovider.Frame{
			Kind: fakeprovider.FrameToolCall,
			Tool: &fakeprovider.ToolCall{Index: index, ID: id, Name: name, ArgumentsPiece: arguments},
		}
	}
	return []fakeprovider.Frame{
		{Kind: fakeprovider.FrameThinking, Text: "Look it "},
		{Kind: fakeprovider.FrameThinking, Text: "up."},
		call(0, "call_1", "get_capital", ""), call(0, "", "", `{"country": "a:\"}`), call(0, "", "", `b", "n": [1]}`), call(0, "", "", " "),
		call(1, "call_2", "get_time", ""),
	}
}

func TestGoGenaiReadsThoughtsAndCalls(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		for _, stream := range []bool{true, false} {
			server, client := serve(t, fakeprovider.Options{Name: "primary", Protocol: protocol.Gemini{}, OnRequest: script(
				send(toolFrames()...), fakeprovider.Finish{Reason: "tool_calls"},
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
			if usage.ThoughtsTokenCount != 2 || usage.TotalTokenCount != usage.PromptTokenCount+usage.CandidatesTokenCount+2 {
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
			genai.FinishReasonLanguage, genai.FinishReasonOther, genai.FinishReasonBlocklist, genai.FinishReasonProhibitedContent,
			genai.FinishReasonSPII, genai.FinishReasonMalformedFunctionCall, genai.FinishReasonImageSafety,
			genai.FinishReasonUnexpectedToolCall,
		} {
			everywhere(t, func(t *testing.T, serve serving) {
				server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(
					fakeprovider.SendFrame{Kind: "finish", Text: string(reason)},
				)})
				if got := askGemini(t.Context(), server, client, stream); got.err != nil || got.stop != string(reason) || got.text != "" {
					t.Errorf("stream %t: got %+v, want %s", stream, got, reason)
				}
			})
		}
		everywhere(t, func(t *testing.T, serve serving) {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(
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

// A call that never becomes an object is the model's fault, and Gemini has a word for it.
func TestGeminiCallsABrokenCallMalformed(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(
			send(fakeprovider.Frame{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: "f", ArgumentsPiece: `{"a":`}}),
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

// Gemini sends whole calls one after the other: a piece for another call than the open one has no place.
func TestGeminisCallsDoNotMix(t *testing.T) {
	t.Parallel()
	encoder := protocol.Gemini{}.Encoder(parsed(t, protocol.Gemini{}, true))
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
		data, err := encoder.Encode(call(test.call))
		if errors.Is(err, fakeprovider.ErrNoSuchFrame) != test.bad || !strings.Contains(string(data), test.sent) || (test.sent == "") != (len(data) == 0) {
			t.Errorf("%d: got %q, %v", i, data, err)
		}
	}
}

func TestGoGenaiReadsBothErrorsInTheStream(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		for _, code := range []string{"high_demand", protocol.CodeBareError + ":high_demand", protocol.CodeBareError} {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(
				fakeprovider.Text{Value: "half an"}, fakeprovider.Fail{Status: 503, Code: code},
			)})
			got := askGemini(t.Context(), server, client, true)
			var err genai.APIError
			if got.text != "half an" || !errors.As(got.err, &err) || err.Code != 503 || err.Status != "UNAVAILABLE" {
				t.Fatalf("%s: got %+v", code, got)
			}
			if demand := strings.Contains(err.Message, "high demand"); demand != strings.HasSuffix(code, "high_demand") {
				t.Errorf("%s: message is %q", code, err.Message)
			}
		}
	})
}

// Google sends no comments, so its SDK has never met one: a keep-alive of a service in between ends the answer.
func TestGoGenaiFailsOnAComment(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(
			fakeprovider.Text{Value: "half an"}, fakeprovider.Heartbeat{}, fakeprovider.Text{Value: " answer"}, fakeprovider.Finish{},
		)})
		got := askGemini(t.Context(), server, client, true)
		if got.text != "half an" || got.err == nil || !strings.Contains(got.err.Error(), "invalid stream chunk") {
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
		"usual":         {fault.RateLimited{}, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "58s"},
		"a short delay": {fault.RateLimited{RetryAfter: "7"}, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "7s"},
		"a day":         {fault.RateLimited{Code: "per_day"}, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "58s"},
	}
	everywhere(t, func(t *testing.T, serve serving) {
		for name, test := range tests {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: []fakeprovider.Fault{test.fault}})
			var err genai.APIError
			if !errors.As(askGemini(t.Context(), server, client, true).err, &err) {
				t.Fatalf("%s: no typed error", name)
			}
			if err.Code != 429 || err.Status != "RESOURCE_EXHAUSTED" || len(err.Details) != 3 {
				t.Fatalf("%s: got %v", name, err)
			}
			details, _ := json.Marshal(err.Details)
			for _, want := range []string{`"quotaId":"` + test.id + `"`, `"retryDelay":"` + test.delay + `"`, "google.rpc.Help"} {
				if !strings.Contains(string(details), want) {
					t.Errorf("%s: %s is missing in %s", name, want, details)
				}
			}
		}
	})
}

// arrayRequest asks for a stream without alt=sse.
func arrayRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	return ask(t.Context(), t, url+strings.TrimSuffix(geminiStream, "?alt=sse"), true)
}

func TestGeminisArray(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script   []fakeprovider.Step
		elements int
		status   int
	}{
		"an answer": {[]fakeprovider.Step{fakeprovider.Heartbeat{}, fakeprovider.Text{Value: "one two"}, fakeprovider.Heartbeat{}, fakeprovider.Finish{}}, 3, 200},
		"an error":  {[]fakeprovider.Step{fakeprovider.Fail{Status: 429}}, 1, 429},
		"an error in the stream": {
			[]fakeprovider.Step{fakeprovider.Text{Value: "one"}, fakeprovider.Fail{Status: 503, Code: protocol.CodeBareError}}, 2, 200,
		},
		"nothing": {[]fakeprovider.Step{fakeprovider.SendFrame{Kind: "done"}}, 0, 200},
	}
	everywhere(t, func(t *testing.T, serve serving) {
		for name, test := range tests {
			server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}, OnRequest: script(test.script...)})
			resp, body, err := exchange(t, client, arrayRequest(t, server.URL()))
			if err != nil {
				t.Fatal(err)
			}
			var elements []map[string]any
			if err := json.Unmarshal([]byte(body), &elements); err != nil {
				t.Fatalf("%s: %v in %s", name, err, body)
			}
			if resp.StatusCode != test.status || len(elements) != test.elements || resp.Header.Get("Content-Type") != "application/json; charset=UTF-8" {
				t.Errorf("%s: got %d, %v: %s", name, resp.StatusCode, resp.Header, body)
			}
			if strings.Contains(name, "error") && elements[len(elements)-1]["error"] == nil {
				t.Errorf("%s: no error in %s", name, body)
			}
			if name == "an answer" && !strings.HasPrefix(strings.TrimLeft(body, "\r\n"), "[{") {
				t.Errorf("body begins with %.20q", body)
			}
		}
	})
}

func TestAKeyInTheQueryIsTakenAndNotRecorded(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, serve serving) {
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}})
		for _, path := range []string{geminiStream + "&key=sk-secret", strings.Replace(geminiWhole, "v1beta", "v1", 1) + "?key=sk-secret", "/nonsense?key=sk-secret"} {
			r := ask(t.Context(), t, server.URL()+path, true)
			r.Header = http.Header{}
			resp, body, err := exchange(t, client, r)
			if err != nil {
				t.Fatal(err)
			}
			if ok := resp.StatusCode == http.StatusOK && strings.Contains(body, "Hello"); ok == strings.HasPrefix(path, "/nonsense") {
				t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
			}
		}
		if got := (timeline.Timeline{Events: server.Recorder().Events()}).String(); strings.Contains(got, "secret") {
			t.Errorf("the timeline holds a secret:\n%s", got)
		}
	})
}

// geminiGolden encodes frames in one form and compares.
func geminiGolden(t *testing.T, name, query, model string, frames ...fakeprovider.Frame) {
	t.Helper()
	r := ask(t.Context(), t, "http://provider.test/v1beta/models/"+model+":streamGenerateContent"+query, true)
	req, problem := protocol.Gemini{}.Parse(r, []byte(`{"contents":[{}]}`))
	if problem != nil {
		t.Fatalf("refused: %+v", problem)
	}
	m := meta(true)
	m.Request.Model, m.Request.Vendor, m.Request.InputTokens = req.Model, req.Vendor, 15
	encoder := protocol.Gemini{}.Encoder(m)
	var got []byte
	for _, f := range frames {
		data, err := encoder.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, data...)
	}
	golden(t, "gemini/"+name, got)
}

func TestGeminisGoldens(t *testing.T) {
	t.Parallel()
	const sse = "?alt=sse"
	demand := fakeprovider.Problem{Status: 503, Code: "high_demand"}
	bare := fakeprovider.Problem{Status: 503, Code: protocol.CodeBareError + ":high_demand"}
	answer := []fakeprovider.Frame{
		{Kind: fakeprovider.FrameText, Text: "The capital of France is **Paris**."}, {Kind: fakeprovider.FrameFinish}, {Kind: fakeprovider.FrameDone},
	}
	geminiGolden(t, "stream-answer", sse, "gemini-2.5-flash", answer...)
	geminiGolden(t, "array-answer", "", "gemini-2.5-flash", answer...)
	geminiGolden(t, "stream-thought-and-calls", sse, "gemini-2.5-flash", append(toolFrames(), fakeprovider.Frame{Kind: fakeprovider.FrameFinish})...)
	geminiGolden(t, "stream-gemini-3", sse, "gemini-3-flash", answer...)
	geminiGolden(t, "stream-blocked", sse, "gemini-2.5-flash", fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: protocol.CodePromptBlocked})
	geminiGolden(t, "stream-safety", sse, "gemini-2.5-flash", fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: "content_filter"})
	geminiGolden(t, "stream-malformed-call", sse, "gemini-2.5-flash",
		fakeprovider.Frame{Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: "f", ArgumentsPiece: `{"a":`}},
		fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: "tool_calls"})
	geminiGolden(t, "stream-error", sse, "gemini-2.5-flash", fakeprovider.Frame{Kind: fakeprovider.FrameError, Problem: &demand})
	geminiGolden(t, "stream-error-bare", sse, "gemini-2.5-flash", fakeprovider.Frame{Kind: fakeprovider.FrameError, Problem: &bare})
	geminiGolden(t, "array-error", "", "gemini-2.5-flash", answer[0], fakeprovider.Frame{Kind: fakeprovider.FrameError, Problem: &demand})

	r := arrayRequest(t, "http://provider.test")
	req, _ := protocol.Gemini{}.Parse(r, []byte(`{"contents":[{}]}`))
	m := meta(true)
	m.Request.Model, m.Request.Vendor = "gemini-3-flash", req.Vendor
	golden(t, "gemini/array-error-429", dump(protocol.Gemini{}.Problem(fakeprovider.Problem{Status: 429}, m)))
}
