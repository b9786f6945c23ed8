package assertions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// All holds every expectation once, by its name, and nothing without arguments shows any.
func TestAll(t *testing.T) {
	var names []string
	for _, e := range assertions.All() {
		names = append(names, e.Name())
	}
	want := []string{
		"answer", "attempts", "client_wire", "connection_closed", "hang_up", "no_fallback", "no_leaks",
		"time_to_answer", "time_to_fallback", "time_to_first_content",
	}
	if diff := cmp.Diff(names, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Reports show the arguments that are set, times in seconds.
func TestArgs(t *testing.T) {
	s := func(v float64) timeline.Seconds { return timeline.Seconds(v * float64(time.Second)) }
	type args = map[string]any
	for _, tt := range []struct {
		expect assertions.Expectation
		want   args
	}{
		{assertions.Answer{}, args{}},
		{
			assertions.Answer{From: "a", Outcome: assertions.Outcomes{"answered"}},
			args{"from": "a", "outcome": "answered"},
		},
		{assertions.Answer{
			Outcome: assertions.Outcomes{"failed", "hung"}, Restarts: new(0), Within: time.Second, Call: 1,
		}, args{
			"outcome": []string{"failed", "hung"}, "restarts": 0, "within_s": s(1), "call": 1,
		}},
		{assertions.Attempts{"a": {Min: new(0)}, "b": {Max: new(3)}, "c": {Min: new(1), Max: new(2)}}, args{
			"a": map[string]int{"min": 0}, "b": map[string]int{"max": 3}, "c": map[string]int{"min": 1, "max": 2},
		}},
		{assertions.ClientWire{}, args{}},
		{
			assertions.ClientWire{Status: 200, ContentType: "a/b", TerminalMark: true, Clean: true},
			args{"status": 200, "content_type": "a/b", "terminal_mark": true, "clean": true},
		},
		{assertions.ClientWire{
			Ordered: true, Heartbeats: assertions.Range{Min: new(2)}, Quiet: time.Minute, RetryAfter: true, Call: 1,
		}, args{
			"ordered": true, "heartbeats": map[string]int{"min": 2}, "quiet_s": s(60), "retry_after": true, "call": 1,
		}},
		{
			assertions.ConnectionClosed{Provider: "a", Within: 1500 * time.Millisecond},
			args{"provider": "a", "within_s": s(1.5)},
		},
		{assertions.HangUp{Within: time.Second}, args{"within_s": s(1)}},
		{assertions.NoFallback{}, args{}},
		{assertions.NoLeaks{}, args{}},
		{assertions.TimeToAnswer{Max: time.Second}, args{"max_s": s(1)}},
		{assertions.TimeToFallback{Max: 2 * time.Second}, args{"max_s": s(2)}},
		{assertions.TimeToFirstContent{Max: 3 * time.Second}, args{"max_s": s(3)}},
	} {
		if diff := cmp.Diff(tt.expect.Args(), tt.want); diff != "" {
			t.Errorf("%s %+v (-got +want):\n%s", tt.expect.Name(), tt.expect, diff)
		}
	}
}

// A limit can be replaced by another one, and by nothing else.
func TestLimits(t *testing.T) {
	for name, e := range map[string]assertions.Limited{
		"time_to_answer": assertions.TimeToAnswer{Max: 5}, "time_to_fallback": assertions.TimeToFallback{Max: 5},
		"time_to_first_content": assertions.TimeToFirstContent{Max: 5},
	} {
		other, ok := e.WithLimit(7).(assertions.Limited)
		if !ok || e.Measure() != name || e.Limit() != 5 || other.Limit() != 7 || other.Name() != name {
			t.Errorf("%s: got %q with %d, then %+v", name, e.Measure(), e.Limit(), other)
		}
	}
}

// What nothing can fulfil is refused with what to write instead. Its limits are allowed.
func TestValidate(t *testing.T) {
	type validated interface{ Validate() error }
	for _, tt := range []struct {
		expect validated
		want   string // "" is no error
	}{
		{assertions.Answer{}, ""},
		{assertions.Answer{
			From: "a", Outcome: assertions.Outcomes{"failed", "answered"}, Restarts: new(0), Call: 1, Within: 1,
		}, ""},
		{
			assertions.Answer{Outcome: assertions.Outcomes{"unknown"}},
			`no such outcome: "unknown"; one of answered, failed, `,
		},
		{
			assertions.Answer{Outcome: assertions.Outcomes{"failed", "hung", "failed"}},
			"the outcome failed stands here twice",
		},
		{
			assertions.Answer{From: "a", Outcome: assertions.Outcomes{"failed"}},
			"from names who answered, so it cannot stand beside outcome failed",
		},
		{assertions.Answer{Restarts: new(-1)}, "restarts cannot be negative: -1"},
		{assertions.Answer{Within: -1}, "within cannot be negative: -1ns"},
		{assertions.Answer{Call: -1}, "call cannot be negative: -1"},
		{assertions.Attempts{}, "attempts names no provider"},
		{assertions.Attempts{"a": {}}, "attempts of a: neither min nor max is given"},
		{assertions.Attempts{"a": {Min: new(0)}, "b": {Max: new(0)}, "c": {Min: new(2), Max: new(2)}}, ""},
		{assertions.Attempts{"a": {Min: new(-1)}}, "attempts of a: a number of requests cannot be negative"},
		{assertions.Attempts{"a": {Max: new(-1)}}, "attempts of a: a number of requests cannot be negative"},
		{assertions.Attempts{"a": {Min: new(3), Max: new(2)}}, "attempts of a: min 3 is above max 2"},
		{assertions.Attempts{"a": {Min: new(1), Max: new(2)}, "b": {Min: new(-2)}}, "attempts of b: a number"},
		{assertions.ClientWire{}, "client_wire expects nothing"},
		{assertions.ClientWire{Call: 1}, "client_wire expects nothing"},
		{assertions.ClientWire{Clean: true}, ""},
		{assertions.ClientWire{Status: 100}, ""},
		{assertions.ClientWire{Status: 599}, ""},
		{assertions.ClientWire{Status: 99}, "no such status: 99"},
		{assertions.ClientWire{Status: 600}, "no such status: 600"},
		{assertions.ClientWire{Status: 200, Quiet: -1}, "quiet cannot be negative: -1ns"},
		{assertions.ClientWire{Status: 200, Call: -1}, "call cannot be negative: -1"},
		{assertions.ClientWire{Heartbeats: assertions.Range{Min: new(0), Max: new(0)}}, ""},
		{assertions.ClientWire{Heartbeats: assertions.Range{Min: new(3)}}, ""},
		{assertions.ClientWire{Heartbeats: assertions.Range{Max: new(3)}}, ""},
		{
			assertions.ClientWire{Heartbeats: assertions.Range{Min: new(-1)}},
			"a number of heartbeats cannot be negative",
		},
		{
			assertions.ClientWire{Heartbeats: assertions.Range{Max: new(-1)}},
			"a number of heartbeats cannot be negative",
		},
		{
			assertions.ClientWire{Heartbeats: assertions.Range{Min: new(2), Max: new(1)}},
			"heartbeats: min 2 is above max 1",
		},
		{assertions.ConnectionClosed{Within: 1}, "connection_closed names no provider"},
		{assertions.ConnectionClosed{Provider: "a"}, "connection_closed needs a time above zero"},
		{assertions.ConnectionClosed{Provider: "a", Within: -1}, "connection_closed needs a time above zero"},
		{assertions.ConnectionClosed{Provider: "a", Within: 1}, ""},
		{assertions.HangUp{}, "hang_up needs a time above zero"},
		{assertions.HangUp{Within: -1}, "hang_up needs a time above zero"},
		{assertions.HangUp{Within: 1}, ""},
	} {
		err := tt.expect.Validate()
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.expect, err, tt.want)
		}
	}
	// An answer that nothing can fulfil is judged by nobody.
	if f := (assertions.Answer{Within: -1}).Judge(healthy()); f.Verdict != assertions.Unknown {
		t.Errorf("got %+v", f)
	}
}

func TestMentions(t *testing.T) {
	type mentions = []assertions.Mention
	for _, tt := range []struct {
		expect assertions.Mentioning
		want   mentions
	}{
		{
			assertions.Answer{From: "a", Call: 2},
			mentions{{Argument: "from", Provider: "a"}, {Argument: "call", Call: 2}},
		},
		{assertions.Attempts{"b": {}, "a": {}}, mentions{{Provider: "a"}, {Provider: "b"}}},
		{assertions.ClientWire{Status: 1}, nil},
		{assertions.ClientWire{Call: 1}, mentions{{Argument: "call", Call: 1}}},
		{assertions.ConnectionClosed{Provider: "a"}, mentions{{Argument: "provider", Provider: "a"}}},
	} {
		if diff := cmp.Diff(tt.expect.Mentions(), tt.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.expect.Name(), diff)
		}
	}
	var one assertions.Outcomes
	if err := one.UnmarshalText([]byte("hung")); err != nil || !slices.Equal(one, assertions.Outcomes{"hung"}) {
		t.Errorf("got %v, %v", one, err)
	}
	words := map[string][]string{"outcome": timeline.OutcomeNames()}
	if diff := cmp.Diff(assertions.Answer{}.Words(), words); diff != "" {
		t.Errorf("words (-got +want):\n%s", diff)
	}
}

func TestRangeInWords(t *testing.T) {
	for want, r := range map[string]assertions.Range{
		"any number": {}, "at least 2": {Min: new(2)}, "at most 2": {Max: new(2)},
		"exactly 2": {Min: new(2), Max: new(2)}, "1 to 2": {Min: new(1), Max: new(2)},
	} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Every verdict has a name that is read back. Nothing else has one.
func TestVerdictNames(t *testing.T) {
	for v, name := range map[assertions.Verdict]string{
		assertions.Skipped: "skipped", assertions.Passed: "passed", assertions.Partial: "partial",
		assertions.Unknown: "unknown", assertions.Failed: "failed",
	} {
		text, err := v.MarshalText()
		var back assertions.Verdict
		if err != nil || string(text) != name || v.String() != name || back.UnmarshalText(text) != nil || back != v {
			t.Errorf("%d is %q, %v, read as %s", uint8(v), text, err, back)
		}
		if v.Holds() != (name == "passed" || name == "partial") {
			t.Errorf("%s holds: %v", v, v.Holds())
		}
	}
	for v, name := range map[assertions.Verdict]string{0: "verdict(0)", assertions.Failed + 1: "verdict(6)"} {
		if text, err := v.MarshalText(); err == nil || text != nil || v.String() != name {
			t.Errorf("%d is %q, %q, %v", uint8(v), v, text, err)
		}
	}
	for _, name := range []string{"", "Passed", "verdict(0)"} {
		v := assertions.Failed
		if err := v.UnmarshalText([]byte(name)); err == nil || v != assertions.Failed {
			t.Errorf("%q is %s, %v", name, v, err)
		}
	}
}
