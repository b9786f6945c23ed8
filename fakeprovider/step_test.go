package fakeprovider_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]fakeprovider.Validator{
		"status is 700":                fakeprovider.Respond{Status: 700},
		`kind is "tokens", want`:       fakeprovider.SendFrame{Kind: "tokens"},
		"more than a text":             fakeprovider.SendFrame{Kind: "tool-call"},
		"itl is -1s":                   fakeprovider.Text{ITL: -time.Second},
		"tokens is -1":                 fakeprovider.Text{Tokens: -1},
		"more than one line":           fakeprovider.Comment{Text: "a\nb"},
		"tool_call: name is missing":   fakeprovider.CallTool{Arguments: "{}"},
		"pieces is -1":                 fakeprovider.CallTool{Name: "f", Pieces: -1},
		"tool_call: itl is -1s":        fakeprovider.CallTool{Name: "f", ITL: -time.Second},
		"thinking: value is empty":     fakeprovider.Think{},
		"thinking: itl is -1s":         fakeprovider.Think{Value: "hm", ITL: -time.Second},
		"refusal: value is empty":      fakeprovider.Refuse{},
		"refusal: tokens is -1":        fakeprovider.Refuse{Value: "no", Tokens: -1},
		"wait: -1s is negative":        fakeprovider.Wait{For: -time.Second},
		"times is -1":                  fakeprovider.Repeat{Times: -1, Steps: fakeprovider.Script{fakeprovider.Wait{For: 1}}},
		"repeat: every is -1s":         fakeprovider.Repeat{Times: 1, Every: -time.Second, Steps: fakeprovider.Script{fakeprovider.Wait{}}},
		"steps is empty":               fakeprovider.Repeat{Times: 1},
		"for ever needs every":         fakeprovider.Repeat{Steps: fakeprovider.Script{fakeprovider.Heartbeat{}, fakeprovider.Wait{}, fakeprovider.Text{ITL: 1, Value: "word"}}},
		`reason is "done"`:             fakeprovider.Finish{Reason: "done"},
		"problem: status is 200":       fakeprovider.Fail{Status: 200},
		"stands among the headers too": fakeprovider.Fail{Status: 429, RetryAfter: "1", Headers: map[string]string{"retry-after": "2"}},
		"how is not one of eof":        fakeprovider.End{},
		"ttft is -1s":                  fakeprovider.Healthy{TTFT: -time.Second},
		"heartbeat-only: every is -1s": fault.HeartbeatOnly{Every: -time.Second},
		"slow-trickle: every is -1s":   fault.SlowTrickle{Every: -time.Second},
		"after is -1":                  fault.MidStreamDrop{After: -1},
		"mid-stream-drop: end: how":    fault.MidStreamDrop{How: 9},
		"wait: -2s is negative":        fakeprovider.Script{fakeprovider.Repeat{Times: 1, Steps: fakeprovider.Script{fakeprovider.Wait{For: -2 * time.Second}}}},
	}
	for want, v := range tests {
		if err := v.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%#v: got %v, want %q", v, err, want)
		}
	}
}

func TestFaultsAreSound(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		if info.Title == "" || info.Why == "" || len(info.Issues) == 0 {
			t.Errorf("%s is not documented", info.Name)
		}
		for _, issue := range info.Issues {
			if !strings.HasPrefix(issue, "https://github.com/") {
				t.Errorf("%s: %s is no link", info.Name, issue)
			}
		}
		if v, ok := info.Default.(fakeprovider.Validator); ok && v.Validate() != nil {
			t.Errorf("%s: default: %v", info.Name, v.Validate())
		}
		if err := info.Default.Script().Validate(); err != nil {
			t.Errorf("%s: script: %v", info.Name, err)
		}
		got, err := fault.ByName(info.Name)
		if err != nil || got.Title != info.Title {
			t.Errorf("%s is not found by its name: %v", info.Name, err)
		}
	}
	// A zero field means the default, so a fault without any is the default one.
	for _, info := range fault.All() {
		zero, ok := reflect.TypeAssert[fakeprovider.Fault](reflect.Zero(reflect.TypeOf(info.Default)))
		if !ok {
			t.Fatalf("%s: %T is no fault", info.Name, info.Default)
		}
		if diff := cmp.Diff(virtually(t, info.Default), virtually(t, zero)); diff != "" {
			t.Errorf("%s: (-default +zero):\n%s", info.Name, diff)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	t.Parallel()
	for _, name := range fakeprovider.FrameNames() {
		var kind fakeprovider.FrameKind
		if err := kind.UnmarshalText([]byte(name)); err != nil || kind.String() != name {
			t.Errorf("frame %s: %v, %v", name, kind, err)
		}
	}
	for _, name := range fakeprovider.EndingNames() {
		var e fakeprovider.Ending
		if err := e.UnmarshalText([]byte(name)); err != nil || e.String() != name {
			t.Errorf("ending %s: %v, %v", name, e, err)
		}
	}
	if err := new(fakeprovider.Ending).UnmarshalText([]byte("bang")); err == nil {
		t.Error("an ending that does not exist was read")
	}
	if _, err := protocol.ByName("morse"); err == nil {
		t.Error("a protocol that does not exist was found")
	}
}

// sent plays steps and returns the tokens that left, with their times after the first.
func sent(t *testing.T, steps ...fakeprovider.Step) (tokens []string, times []time.Duration) {
	t.Helper()
	return played(t, timeline.TextSent, steps...)
}

// played plays steps and returns what left of one kind, with the times after the first.
func played(t *testing.T, kind timeline.Kind, steps ...fakeprovider.Step) (tokens []string, times []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client := serveInMemory(t, fakeprovider.Options{Name: "primary", OnRequest: script(steps...)})
		if _, _, err := exchange(t, client, ask(t.Context(), t, server.URL()+"/v1/chat/completions", true)); err != nil {
			t.Fatal(err)
		}
		var first time.Duration
		for _, e := range server.Recorder().Events() {
			if e.Kind == kind {
				if len(tokens) == 0 {
					first = e.At
				}
				tokens, times = append(tokens, e.Text), append(times, e.At-first)
			}
		}
	})
	return tokens, times
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text fakeprovider.Text
		want []string
	}{
		{fakeprovider.Text{Value: "one"}, []string{"one"}},
		{fakeprovider.Text{Value: " one  two\nthree "}, []string{" one", "  two", "\nthree", " "}},
		{fakeprovider.Text{Value: "one two three", Tokens: 2}, []string{"one", " two"}},
		{fakeprovider.Text{Value: "one two", Tokens: 5}, []string{"one", " two", " one", " two", " one"}},
		{fakeprovider.Text{Value: " "}, []string{" "}},
		{fakeprovider.Text{Tokens: 3}, []string{"Hello,", " this", " is"}},
	}
	for _, test := range tests {
		if got, _ := sent(t, test.text); !cmp.Equal(got, test.want) {
			t.Errorf("%+v: got %q, want %q", test.text, got, test.want)
		}
	}
	whole, _ := sent(t, fakeprovider.Text{})
	if got := strings.Join(whole, ""); got != fakeprovider.Canary("primary") || !strings.Contains(got, "primary") {
		t.Errorf("the canary is %q", got)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	_, got := sent(t,
		fakeprovider.Text{Value: "a b", ITL: time.Second},
		fakeprovider.Wait{For: time.Minute},
		fakeprovider.Repeat{Times: 3, Every: time.Hour, Steps: fakeprovider.Script{fakeprovider.SendFrame{Kind: "text", Text: "c"}}},
		fakeprovider.Text{Value: "d"},
	)
	base := time.Minute + time.Second
	want := []time.Duration{0, time.Second, base, base + time.Hour, base + 2*time.Hour, base + 2*time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
}

func TestRawBytesAndFramesOutOfOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := serveInMemory(t, fakeprovider.Options{OnRequest: script(
			fakeprovider.SendFrame{Kind: "done"}, fakeprovider.Raw{Value: "data: {\r\n" + strings.Repeat("x", 100)},
			fakeprovider.SendFrame{Kind: "error", Text: "oops"}, fakeprovider.SendFrame{Kind: "done"},
		)})
		_, body, err := exchange(t, client, ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
			t.Fatal(err)
		}
		want := "data: [DONE]\n\ndata: {\r\n" + strings.Repeat("x", 100) +
			`data: {"error":{"message":"oops","type":"server_error","param":null,"code":null}}` + "\n\ndata: [DONE]\n\n"
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if got := texts(server.Recorder().Events(), timeline.BytesSent); len(got) != 1 || !strings.HasSuffix(got[0], "… 109 bytes") {
			t.Errorf("recorded %q", got)
		}
	})
}
