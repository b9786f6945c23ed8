package scenarios_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden files and scenario.schema.json")

// TestProblems compares the errors for each file of testdata/bad with the .err file beside it.
func TestProblems(t *testing.T) {
	for _, file := range glob(t, "testdata/bad/*.yaml") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			_, err := scenarios.Load(filepath.Base(file), read(t, file))
			if _, ok := errors.AsType[strictyaml.Problems](err); !ok {
				t.Fatalf("want problems, got %v", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
		})
	}
}

// TestGoLiteralsAreTheSameModel loads a file that uses each key, verb and expectation. It compares
// the result with the same scenario written in Go.
func TestGoLiteralsAreTheSameModel(t *testing.T) {
	everything := string(read(t, "testdata/good/everything.yaml"))
	got, err := scenarios.Load("everything.yaml", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if got.File != "everything.yaml" || got.Source != everything || len(got.SHA256) != 64 {
		t.Errorf("the source is not kept: file %q, %d bytes, sha256 %q", got.File, len(got.Source), got.SHA256)
	}
	for i, e := range got.Expect {
		if word := strings.Split(everything, "\n")[e.Line-1]; !strings.Contains(word, e.Expectation.Name()) {
			t.Errorf("%s is said to stand at line %d: %q", e.Expectation.Name(), e.Line, word)
		}
		got.Expect[i].Line = 0
	}
	want := literal()
	want.File, want.Source, want.SHA256 = got.File, got.Source, got.SHA256
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-literal +loaded:\n%s", diff)
	}
	if err := want.Validate(); err != nil {
		t.Errorf("the literal is refused: %v", err)
	}
}

func literal() scenarios.Scenario {
	type script = fakeprovider.Script
	one := 1
	three := 3
	return scenarios.Scenario{
		Name: "everything", Title: "A title", Why: "A reason",
		Issue: "https://github.com/NousResearch/hermes-agent/issues/22277",
		Tags:  []string{"stream", "stall"}, Deadline: 30 * time.Minute,
		Providers: []scenarios.Provider{{Name: "primary", Protocol: "openai-chat", OnRequest: []fakeprovider.Fault{
			fakeprovider.Healthy{TTFT: 400 * time.Millisecond, ITL: 20 * time.Millisecond},
			fault.HeartbeatOnly{Every: 15 * time.Second},
			fault.MidStreamDrop{
				After: 3, How: fakeprovider.Reset, TTFT: 400 * time.Millisecond, ITL: 20 * time.Millisecond,
			},
			fault.RateLimited{RetryAfter: "30", Code: "insufficient_quota"},
			script{
				fakeprovider.Respond{Status: 200, Headers: map[string]string{"X-Request-Id": "1"}},
				fakeprovider.Comment{Text: "OPENROUTER PROCESSING"},
				fakeprovider.SendFrame{Kind: "thinking", Text: "hm"},
				fakeprovider.Think{Value: "let me see"},
				fakeprovider.Think{Value: "again", ITL: 20 * time.Millisecond, Tokens: 3},
				fakeprovider.CallTool{Name: "get_time"},
				fakeprovider.CallTool{
					Name: "get_weather", Arguments: `{"city": "Paris"}`, ID: "call_1", Pieces: 5,
					ITL: 20 * time.Millisecond,
				},
				fakeprovider.Refuse{Value: "sorry"},
				fakeprovider.Refuse{Value: "no more", ITL: time.Second, Tokens: 1},
				fakeprovider.Repeat{
					Times: 3, Every: 10 * time.Second,
					Steps: script{fakeprovider.Heartbeat{}, fakeprovider.Wait{For: time.Second}},
				},
				fakeprovider.Text{Value: "hello"},
				fakeprovider.Text{Value: " again", ITL: 20 * time.Millisecond},
				fakeprovider.Raw{Value: "data: {}\n\n"},
				fakeprovider.Finish{Reason: "length"},
				fakeprovider.End{How: fakeprovider.EOF},
			},
			script{
				fakeprovider.Wait{For: 400 * time.Millisecond},
				fakeprovider.Text{},
				fakeprovider.Finish{},
				fakeprovider.End{How: fakeprovider.Hang},
			},
			script{fakeprovider.Text{}, fakeprovider.End{How: fakeprovider.Cut}},
			script{fakeprovider.Fail{
				Status: 503, Code: "edge_page", Message: "no", RetryAfter: "1", Headers: map[string]string{"A": "b"},
			}},
			script{fakeprovider.End{How: fakeprovider.Reset}},
		}}, {Name: "secondary", OnRequest: []fakeprovider.Fault{
			fakeprovider.Healthy{Text: "hi", TTFT: time.Second, ITL: 2 * time.Second},
		}}},
		Calls: []scenarios.Call{
			{Prompt: "first", ContextTokens: 1000, ContextWindow: 2000},
			{
				Prompt: "second", Stream: true, Restarts: true, Count: 20, HangUp: 5 * time.Second, System: "Be brief.",
				Messages: []scenarios.Message{{Role: "user", Text: "hi"}, {Role: "assistant", Text: "hello"}},
				Tools: []scenarios.Tool{
					{Name: "weather", Description: "The weather of a town.", Parameters: `{"type":"object"}`},
				},
			},
		},
		Limits: assertions.Limits{
			"time_to_fallback": 301 * time.Second, "time_to_first_content": 6 * time.Minute,
			"time_to_answer": 7 * time.Minute,
		},
		UnreachedOK: true,
		Expect: []scenarios.Expect{
			{Expectation: assertions.TimeToFallback{Max: 301 * time.Second}},
			{Expectation: assertions.TimeToFirstContent{Max: 6 * time.Minute}},
			{Expectation: assertions.TimeToAnswer{Max: 7 * time.Minute}},
			{Expectation: assertions.Answer{From: "secondary", Restarts: &one, Within: time.Second}},
			{Expectation: assertions.Attempts{"primary": {Min: &one, Max: &three}, "secondary": {Max: &one}}},
			{Expectation: assertions.NoFallback{}, Advisory: true},
			{Expectation: assertions.TimeToAnswer{Max: 7 * time.Minute}, Advisory: true},
			{Expectation: assertions.TimeToFallback{Max: 301 * time.Second}},
			{Expectation: assertions.Attempts{"secondary": {Max: &one}}, Advisory: true},
			{Expectation: assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}}, Advisory: true},
			{Expectation: assertions.ConnectionClosed{Provider: "primary", Within: time.Second}},
			{Expectation: assertions.NoLeaks{}},
			{Expectation: assertions.HangUp{Within: 2 * time.Second}},
			{Expectation: assertions.ClientWire{
				Status: 200, ContentType: "text/event-stream", TerminalMark: true, Clean: true, Ordered: true,
				Heartbeats: assertions.Range{Max: new(9)}, Quiet: time.Minute, RetryAfter: true, Call: 1,
			}},
		},
	}
}

func TestDefaults(t *testing.T) {
	got, err := scenarios.Load("small.yaml",
		[]byte("scenario: small\nproviders: [{name: a, on_request: [healthy]}]\nexpect: [no_leaks]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Deadline != scenarios.DefaultDeadline {
		t.Errorf("the deadline is %s", got.Deadline)
	}
	if diff := cmp.Diff([]scenarios.Call{scenarios.DefaultCall()}, got.Calls); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml", "catalog/*.yaml"} {
		for _, file := range glob(f, pattern) {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenarios.Load("f", data)
		if err == nil {
			if err := s.Validate(); err != nil {
				t.Errorf("it loads and is not valid: %v", err)
			}
			return
		}
		var problems strictyaml.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("not problems: %v", err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Errorf("a problem without a place or a message: %+v", p)
			}
		}
	})
}

// glob returns the files that match a pattern. At least one must.
func glob(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		tb.Fatalf("no files like %s: %v", pattern, err)
	}
	return files
}

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// golden compares text with a file, or writes the file under -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
