package caller_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// gateway is the simplest gateway: the primary itself.
func gateway(lab harness.Lab) harness.Target {
	u := lab.Upstreams()[0]
	p, err := protocol.ByName(u.Protocol)
	if err != nil {
		return harness.CannotLook{Reason: err.Error()}
	}
	c, err := caller.New(caller.Options{
		Protocol: p, BaseURL: u.BaseURL, Model: u.Model, Key: u.Key, HTTPClient: u.HTTPClient,
	})
	if err != nil {
		return harness.CannotLook{Reason: err.Error()}
	}
	return c
}

// forms returns every protocol, streamed and not, by name.
func forms() map[string]scenarios.Scenario {
	all := map[string]scenarios.Scenario{}
	for _, p := range protocol.All() {
		for _, stream := range []bool{true, false} {
			name := p.Name()
			if !stream {
				name += ", whole"
			}
			s := scenarios.OfFault(name, fakeprovider.Healthy{})
			s.Providers[0].Protocol, s.Calls[0].Stream = p.Name(), stream
			all[name] = s
		}
	}
	return all
}

// played runs a fault in every form, in virtual time. It leaves out the forms that cannot say it.
func played(t *testing.T, f fakeprovider.Fault, check func(t *testing.T, stream bool, run *harness.Trial)) {
	t.Helper()
	n := 0
	request := fakeprovider.Request{Model: "model", IncludeUsage: true}
	for name, s := range forms() {
		p, _ := protocol.ByName(s.Providers[0].Protocol)
		request.Stream = s.Calls[0].Stream
		if script, ok := f.(fakeprovider.Script); fakeprovider.CannotSay(f, p, request) != nil ||
			ok && thinks(script) && p.About().Cannot(fakeprovider.FrameThinking) {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			s.Providers[0].OnRequest = []fakeprovider.Fault{f}
			run := harness.RunScenario(s, gateway)
			check(t, s.Calls[0].Stream, run)
			if t.Failed() {
				t.Log(run.Timeline)
			}
		})
	}
	if n == 0 {
		t.Error("no form can say it")
	}
}

func thinks(s fakeprovider.Script) bool {
	return slices.ContainsFunc(s, func(step fakeprovider.Step) bool { _, ok := step.(fakeprovider.Think); return ok })
}

// wantOutcome fails the test if the only call has another outcome. text is a part of its error.
func wantOutcome(t *testing.T, run *harness.Trial, want timeline.Outcome, text string) {
	t.Helper()
	got, _ := run.Timeline.Outcome(1)
	client, _ := run.Timeline.Client(1)
	if got != want || !strings.Contains(client.EndText, text) {
		t.Errorf("got %s: %s, want %s: %s", got, client.EndText, want, text)
	}
}

// received returns what the caller was told of one kind.
func received(run *harness.Trial, kind timeline.Kind) string {
	var all []string
	for _, e := range run.Timeline.Events {
		if e.Kind == kind {
			all = append(all, e.Text)
		}
	}
	return strings.Join(all, "|")
}

func TestHealthy(t *testing.T) {
	played(t, fakeprovider.Healthy{Text: "hello from the primary"}, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		wantOutcome(t, run, timeline.Answered, "")
		if got := received(run, timeline.ModelReceived); !strings.HasPrefix(got, "primary-model") ||
			strings.Contains(got, "|") {
			t.Errorf("got the model %q", got)
		}
		if got := received(run, timeline.UsageReceived); !strings.Contains(got, " in, ") || strings.Contains(got, "|") {
			t.Errorf("got the usage %q", got)
		}
		about := run.Timeline.Run.Providers[0].Protocol
		p, _ := protocol.ByName(about)
		if got := received(run, timeline.FinishReceived); got != p.About().Reasons["stop"] {
			t.Errorf("got the finish reason %q", got)
		}
		for _, e := range run.Timeline.Events {
			if e.Kind == timeline.ConnectionLeaked || e.Kind == timeline.GoroutineLeaked {
				t.Errorf("it leaves %s", e.Text)
			}
		}
	})
}

func TestStatuses(t *testing.T) {
	for status, f := range map[string]fakeprovider.Fault{
		"429": fault.RateLimited{}, "500": fault.ServerError{}, "401": fault.Unauthorized{},
	} {
		played(t, f, func(t *testing.T, _ bool, run *harness.Trial) {
			t.Helper()
			want := status
			if p := run.Timeline.Run.Providers[0].Protocol; p == "gemini" && status == "401" {
				want = "40" // 400 or 403
			}
			wantOutcome(t, run, timeline.FailedClearly, want)
			if client, _ := run.Timeline.Client(1); !strings.Contains(client.EndText, ": ") ||
				strings.ContainsAny(client.EndText, "{}") {
				t.Errorf("got %q, want the vendor's message", client.EndText)
			}
		})
	}
}

func TestErrorsInAnswers(t *testing.T) {
	played(t, fault.ErrorInside200{}, func(t *testing.T, stream bool, run *harness.Trial) {
		t.Helper()
		if stream { // an SDK finds no event in a body of JSON, and says nothing
			wantOutcome(t, run, timeline.Empty, "")
		} else {
			wantOutcome(t, run, timeline.FailedClearly, "an error in the answer: ")
		}
	})
	played(t, fault.ErrorAfterContent{}, func(t *testing.T, stream bool, run *harness.Trial) {
		t.Helper()
		if stream {
			wantOutcome(t, run, timeline.FailedClearly, "an error in the answer: ")
		}
	})
}

// A response that breaks off is an error. One that ends in good order is none, whatever it lacks.
func TestEndings(t *testing.T) {
	played(t, fault.MidStreamDrop{}, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		wantOutcome(t, run, timeline.FailedClearly, "read the ")
	})
	part := fakeprovider.Script{
		fakeprovider.Respond{}, fakeprovider.Text{Value: "hello fr"}, fakeprovider.End{How: fakeprovider.EOF},
	}
	played(t, part, func(t *testing.T, stream bool, run *harness.Trial) {
		t.Helper()
		if stream {
			wantOutcome(t, run, timeline.Truncated, "")
		}
	})
	hang := fakeprovider.Script{
		fakeprovider.Respond{}, fakeprovider.Text{Value: "hello fr"}, fakeprovider.End{How: fakeprovider.Hang},
	}
	played(t, hang, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		wantOutcome(t, run, timeline.Hung, "")
		if got := received(run, timeline.CallBlocked); got != "" {
			t.Errorf("it does not return when it is cancelled: %s", got)
		}
	})
}

// A stream that stays open after its terminal mark has ended.
func TestTheMarkEndsAStream(t *testing.T) {
	open := fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Text{Value: "hello"},
		fakeprovider.Finish{},
		fakeprovider.End{How: fakeprovider.Hang},
	}
	played(t, open, func(t *testing.T, stream bool, run *harness.Trial) {
		t.Helper()
		// Gemini has no mark.
		if stream && run.Timeline.Run.Providers[0].Protocol != "gemini" {
			wantOutcome(t, run, timeline.Answered, "")
		} else {
			wantOutcome(t, run, timeline.Hung, "")
		}
	})
}

func TestToolCalls(t *testing.T) {
	calls := fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.CallTool{Name: "look", Arguments: `{"at": "the sky", "n": 1}`},
		fakeprovider.CallTool{Name: "wait"},
		fakeprovider.Finish{Reason: "tool_calls"},
		fakeprovider.End{How: fakeprovider.EOF},
	}
	played(t, calls, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		wantOutcome(t, run, timeline.Answered, "")
		got := strings.ReplaceAll(received(run, timeline.ToolCallReceived), "|", "")
		if strings.Count(got, "look")+strings.Count(got, "wait") != 2 {
			t.Errorf("got %q", got)
		}
	})
}

func TestThinking(t *testing.T) {
	think := fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Think{Value: "let me see"},
		fakeprovider.Text{Value: "hello"},
		fakeprovider.Finish{},
		fakeprovider.End{How: fakeprovider.EOF},
	}
	played(t, think, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		if got := strings.ReplaceAll(received(run, timeline.ThinkingReceived), "|", ""); got != "let me see" {
			t.Errorf("got the reasoning %q", got)
		}
	})
}

// A refusal raises no error in any SDK. Its user gets the model's words, and the finish reason.
func TestRefusals(t *testing.T) {
	played(t, fault.ModelRefusal{}, func(t *testing.T, _ bool, run *harness.Trial) {
		t.Helper()
		if client, _ := run.Timeline.Client(1); client.Ending != timeline.CallAnswered {
			t.Errorf("got %s: %s", client.Ending, client.EndText)
		}
	})
}

// A gateway may add fields of its own to a request, and headers.
func TestRequest(t *testing.T) {
	var got, header string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, header = r.URL.Path+" "+string(body), r.Header.Get("X-Route")+" "+r.Header.Get("Authorization")
		w.Header().Set("X-Said", "sk-secret")
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"error":{"message":"no tea for %s at %s","type":"teapot","code":"418"}}`, "sk-secret",
			"east-side-7")
	}))
	defer server.Close()
	c, err := caller.New(caller.Options{
		Protocol: protocol.OpenAIChat{}, BaseURL: server.URL + "/gw/v1/", Model: "m", Key: "sk-secret",
		Header: map[string]string{"X-Route": "east-side-7"},
		Body:   `{"stream_options":null,"metadata":{"a":{"b":1}},"temperature":0}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Call(t.Context(), harness.Request{Prompt: `say "hi"`, Stream: true}, func(d harness.Delta) {
		wire := []harness.DeltaKind{harness.DeltaRequest, harness.DeltaHeaders, harness.DeltaBodyEnd}
		if !slices.Contains(wire, d.Kind) || strings.Contains(d.Text, "sk-secret") ||
			strings.Contains(d.Text, "east-side-7") {
			t.Errorf("it gives %+v", d)
		}
	})
	want := `/gw/v1/chat/completions {"messages":[{"content":"say \"hi\"","role":"user"}],"metadata":{"a":{"b":1}},"model":"m","stream":true,"temperature":0}`
	if diff := cmp.Diff(want, got); diff != "" || header != "east-side-7 Bearer sk-secret" {
		t.Errorf("header %q, body (-want +got)\n%s", header, diff)
	}
	if want := "418 teapot: no tea for [key] at [X-Route]"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if problem, ok := errors.AsType[*caller.Error](err); !ok || problem.Status != http.StatusTeapot ||
		problem.Type != "teapot" {
		t.Errorf("got %+v", problem)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"html":    {"<html>\n<body>502 " + strings.Repeat("x", 100_000), "502: <html> <body>502 xxx"},
		"nothing": {"", "502: Bad Gateway"},
		"a text":  {`{"error":"down"}`, "502: down"},
		"detail":  {`{"detail":"no route"}`, "502: no route"},
		"a list":  {`[{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]`, "502 UNAVAILABLE: busy"},
		"anthropic": {
			`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`,
			"502 overloaded_error: Overloaded",
		},
		"no message": {`{"error":{"kind":"odd"}}`, `502: {"kind":"odd"}`},
	} {
		t.Run(name, func(t *testing.T) {
			err := caller.StatusError(&http.Response{
				StatusCode: http.StatusBadGateway, Body: io.NopCloser(strings.NewReader(tt.body)),
			})
			if got := err.Error(); !strings.HasPrefix(got, tt.want) || len(got) > 600 {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// custom is a protocol that nobody can read.
type custom struct{ protocol.OpenAIChat }

func (custom) Name() string { return "custom" }

func TestOptions(t *testing.T) {
	for want, o := range map[string]caller.Options{
		"there is no protocol":             {},
		"answers of custom cannot be read": {Protocol: custom{}},
		"is no JSON object: [1]":           {Protocol: protocol.Gemini{}, Body: "[1]"},
		"is no JSON object: null":          {Protocol: protocol.Gemini{}, Body: "null"},
	} {
		if _, err := caller.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Nothing waits for a server that does not listen, and a call that is over says so.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, err := caller.New(caller.Options{Protocol: protocol.OpenAIChat{}, BaseURL: "http://127.0.0.1:9", Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call(ctx, harness.Request{}, func(harness.Delta) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
