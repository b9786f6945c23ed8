package protocol_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func FuzzGemini(f *testing.F) {
	// Arguments that are no object are sent as the reason of a malformed call.
	fuzzEncoder(f, protocol.Gemini{}, reading{text: geminiText, piece: geminiText, objects: true})
}

// geminiText reads a chunk or a whole answer. Google's own SDK reads them in sdktest.
func geminiText(data []byte) (string, error) {
	var in struct {
		Candidates []struct {
			Content struct {
				Parts []struct {
					Text string `json:"text"`
				} `json:"parts"`
			} `json:"content"`
		} `json:"candidates"`
	}
	err := json.Unmarshal(data, &in)
	if err != nil || len(in.Candidates) == 0 {
		return "", err
	}
	var all strings.Builder
	for _, part := range in.Candidates[0].Content.Parts {
		all.WriteString(part.Text)
	}
	return all.String(), nil
}

// arrayRequest asks for a stream without alt=sse.
func arrayRequest(t *testing.T, origin string) *http.Request {
	t.Helper()
	r := rig.AskOf(t.Context(), t, origin, protocol.Gemini{}, true)
	r.URL.RawQuery = ""
	return r
}

func TestGeminisArray(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script   []fakeprovider.Step
		elements int
		status   int
	}{
		"an answer": {
			[]fakeprovider.Step{
				fakeprovider.Heartbeat{},
				fakeprovider.Text{Value: "one two"},
				fakeprovider.Heartbeat{},
				fakeprovider.Finish{},
			},
			3, 200,
		},
		"an error": {[]fakeprovider.Step{fakeprovider.Fail{Status: 429}}, 1, 429},
		"an error in the stream": {
			[]fakeprovider.Step{
				fakeprovider.Text{Value: "one"}, fakeprovider.Fail{Status: 503, Code: protocol.CodeBareError},
			}, 2, 200,
		},
		"nothing": {[]fakeprovider.Step{fakeprovider.SendFrame{Kind: "done"}}, 0, 200},
	}
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		for name, test := range tests {
			server, client := serve(t, fakeprovider.Options{
				Protocol: protocol.Gemini{}, OnRequest: rig.Script(test.script...),
			})
			resp, body, err := rig.Exchange(t, client, arrayRequest(t, server.URL()))
			if err != nil {
				t.Fatal(err)
			}
			var elements []map[string]any
			if err := json.Unmarshal([]byte(body), &elements); err != nil {
				t.Fatalf("%s: %v in %s", name, err, body)
			}
			if resp.StatusCode != test.status || len(elements) != test.elements ||
				resp.Header.Get("Content-Type") != "application/json; charset=UTF-8" {
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
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{Protocol: protocol.Gemini{}})
		about := protocol.Gemini{}.About()
		for _, path := range []string{
			about.Stream.Path + "&key=sk-secret",
			strings.Replace(about.Whole.Path, "v1beta", "v1", 1) + "?key=sk-secret",
			"/nonsense?key=sk-secret",
		} {
			call := about.Stream
			call.Path = path
			r, err := call.Request(t.Context(), server.URL(), fakeprovider.Blanks{
				Model: "some-model", Prompt: "say hello",
			})
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{}
			resp, body, err := rig.Exchange(t, client, r)
			if err != nil {
				t.Fatal(err)
			}
			ok := resp.StatusCode == http.StatusOK && strings.Contains(body, "one-")
			if ok == strings.HasPrefix(path, "/nonsense") {
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
	r := arrayRequest(t, "http://provider.test")
	r.URL.Path, r.URL.RawQuery = "/v1beta/models/"+model+":streamGenerateContent", query
	req, problem := protocol.Gemini{}.Parse(r, []byte(`{"contents":[{}]}`))
	if problem != nil {
		t.Fatalf("refused: %+v", problem)
	}
	m := rig.Meta(true)
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
	rig.Golden(t, "gemini/"+name, got)
}

func TestGeminisGoldens(t *testing.T) {
	t.Parallel()
	const sse = "alt=sse"
	demand := fakeprovider.Problem{Status: 503, Code: "high_demand"}
	bare := fakeprovider.Problem{Status: 503, Code: protocol.CodeBareError + ":high_demand"}
	answer := []fakeprovider.Frame{
		{Kind: fakeprovider.FrameText, Text: "The capital of France is **Paris**."},
		{Kind: fakeprovider.FrameFinish},
		{Kind: fakeprovider.FrameDone},
	}
	geminiGolden(t, "stream-answer", sse, "gemini-2.5-flash", answer...)
	geminiGolden(t, "array-answer", "", "gemini-2.5-flash", answer...)
	geminiGolden(t, "stream-thought-and-calls", sse, "gemini-2.5-flash",
		append(rig.ToolFrames(), fakeprovider.Frame{Kind: fakeprovider.FrameFinish})...)
	geminiGolden(t, "stream-gemini-3", sse, "gemini-3-flash", answer...)
	geminiGolden(t, "stream-blocked", sse, "gemini-2.5-flash", fakeprovider.Frame{
		Kind: fakeprovider.FrameFinish, Text: protocol.CodePromptBlocked,
	})
	geminiGolden(t, "stream-safety", sse, "gemini-2.5-flash", fakeprovider.Frame{
		Kind: fakeprovider.FrameFinish, Text: "content_filter",
	})
	geminiGolden(t, "stream-malformed-call", sse, "gemini-2.5-flash",
		fakeprovider.Frame{
			Kind: fakeprovider.FrameToolCall, Tool: &fakeprovider.ToolCall{Name: "f", ArgumentsPiece: `{"a":`},
		},
		fakeprovider.Frame{Kind: fakeprovider.FrameFinish, Text: "tool_calls"})
	geminiGolden(t, "stream-error", sse, "gemini-2.5-flash", fakeprovider.Frame{
		Kind: fakeprovider.FrameError, Problem: &demand,
	})
	geminiGolden(t, "stream-error-bare", sse, "gemini-2.5-flash", fakeprovider.Frame{
		Kind: fakeprovider.FrameError, Problem: &bare,
	})
	geminiGolden(t, "array-error", "", "gemini-2.5-flash", answer[0], fakeprovider.Frame{
		Kind: fakeprovider.FrameError, Problem: &demand,
	})

	r := arrayRequest(t, "http://provider.test")
	req, _ := protocol.Gemini{}.Parse(r, []byte(`{"contents":[{}]}`))
	m := rig.Meta(true)
	m.Request.Model, m.Request.Vendor = "gemini-3-flash", req.Vendor
	rig.Golden(t, "gemini/array-error-429", rig.Dump(protocol.Gemini{}.Problem(fakeprovider.Problem{Status: 429}, m)))
}
