package timeline_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/timeline"
)

// Every outcome has a name of its own that is read back. Nothing else has one.
func TestOutcomeNames(t *testing.T) {
	want := []string{
		"answered", "failed", "hung", "truncated", "spliced", "duplicated", "empty", "reordered", "altered", "invalid",
		"hung_up",
	}
	if diff := cmp.Diff(timeline.OutcomeNames(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for i, name := range want {
		o := timeline.Outcome(i + 1)
		text, err := o.MarshalText()
		var back timeline.Outcome
		if err != nil || string(text) != name || o.String() != name || back.UnmarshalText(text) != nil || back != o {
			t.Errorf("%d is %q and %q, %v, read as %d", i+1, text, o, err, back)
		}
	}
	for o, name := range map[timeline.Outcome]string{
		0: "outcome(0)", timeline.Outcome(len(want) + 1): "outcome(12)", 200: "outcome(200)",
	} {
		if _, err := o.MarshalText(); err == nil || o.String() != name {
			t.Errorf("%d is %q, %v", uint8(o), o, err)
		}
	}
	for _, name := range []string{"", "Answered", "outcome(0)"} {
		o := timeline.Outcome(7)
		if err := o.UnmarshalText([]byte(name)); err == nil || o != 7 {
			t.Errorf("%q is %s, %v", name, o, err)
		}
	}
}

// Every kind has a name of its own that is read back. Nothing else has one.
func TestKindNames(t *testing.T) {
	known := map[string]timeline.Kind{}
	for n := range 256 {
		k := timeline.Kind(n)
		text, err := k.MarshalText()
		if err != nil {
			if name := k.String(); !strings.HasPrefix(name, "kind(") || !strings.Contains(err.Error(), "no such kind") {
				t.Errorf("%d is %q, %v", n, name, err)
			}
			continue
		}
		var back timeline.Kind
		if k.String() != string(text) || back.UnmarshalText(text) != nil || back != k || known[string(text)] != 0 {
			t.Errorf("%d is %q and %q, read as %d", n, text, k, back)
		}
		known[string(text)] = k
	}
	if len(known) != 46 || known["refusal-sent"] != timeline.RefusalSent ||
		known["clock-failed"] != timeline.ClockFailed {
		t.Errorf("got %d kinds", len(known))
	}
	k := timeline.TextSent
	if err := k.UnmarshalText([]byte("kind(0)")); err == nil || k != timeline.TextSent {
		t.Errorf("got %s, %v", k, err)
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1.5": 1500 * time.Millisecond, "0.000000001": 1, "1e-9": 1, "0.0000000014": 1, "0.0000000016": 2,
		"-2":         -2 * time.Second,
		"9223372036": 9223372036 * time.Second, "-9223372036": -9223372036 * time.Second,
	} {
		var got timeline.Seconds
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Duration() != want ||
			got.String() != want.String() {
			t.Errorf("%s is %s, %v", text, got, err)
		}
		data, err := json.Marshal(got)
		var back timeline.Seconds
		if err != nil || json.Unmarshal(data, &back) != nil || back != got || strings.Contains(string(data), "e") {
			t.Errorf("%s is written as %s, %v", text, data, err)
		}
	}
	for text, want := range map[string]string{
		`"1s"`: "invalid syntax", "9223372037": "out of range", "9223372036.854775807": "out of range",
		"-9223372037": "out of range", "1e300": "out of range",
		"null": "invalid syntax",
	} {
		got := timeline.Seconds(7)
		if err := got.UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || got != 7 {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	if err := new(timeline.Seconds).UnmarshalJSON([]byte("NaN")); err == nil {
		t.Error("NaN is a number of seconds")
	}
}

func TestEventJSON(t *testing.T) {
	one := timeline.Event{
		At: s(1), Until: s(1), Lane: "world", Seq: 1, Kind: timeline.HarnessFailed, Text: "x", Count: 1,
	}
	many := timeline.Event{
		At: s(1), Until: s(9), Lane: first, Seq: 2, Attempt: 1, Kind: timeline.HeartbeatSent, Count: 2, Gap: s(3),
		Part: 4, Asked: &timeline.Asked{KeyOf: "a"},
	}
	for want, e := range map[string]timeline.Event{
		`{"at_s":1,"lane":"world","seq":1,"attempt":0,"kind":"harness-failed","text":"x"}`: one,
		`{"at_s":1,"lane":"provider/primary/call-1/attempt-1","seq":2,"attempt":1,"kind":"heartbeat-sent",` +
			`"text":"","part":4,` +
			`"asked":{"key_of":"a"},"count":2,"until_s":9,"gap_s":3}`: many,
	} {
		data, err := json.Marshal(e)
		if err != nil || string(data) != want {
			t.Errorf("got %s, %v\nwant %s", data, err, want)
		}
		var back timeline.Event
		if err := json.Unmarshal(data, &back); err != nil || !cmp.Equal(back, e) {
			t.Errorf("%s is read as %+v, %v", data, back, err)
		}
	}
	var early timeline.Event
	err := json.Unmarshal([]byte(`{"at_s":5,"lane":"a","kind":"decided","until_s":2,"count":-1}`), &early)
	if err != nil || early.Until != s(5) || early.Count != 1 {
		t.Errorf("an end before the beginning: %+v, %v", early, err)
	}
	for text, want := range map[string]string{
		`{"at_s":1}`: "event without a kind", `{"kind":"never"}`: "timeline: event: ",
		`{"kind":7}`: "timeline: event: ",
	} {
		if err := early.UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if data, err := (timeline.Event{}).MarshalJSON(); err == nil || data != nil ||
		!strings.Contains(err.Error(), "timeline: event: ") {
		t.Errorf("without a kind: %s, %v", data, err)
	}
}

func TestTimelineJSON(t *testing.T) {
	data, err := json.Marshal(timeline.Timeline{Run: timeline.Run{Scenario: "x"}})
	if err != nil || !strings.Contains(string(data), `"events":[]`) ||
		!strings.Contains(string(data), `"schema":"chaosrun.timeline/v1"`) {
		t.Errorf("without events: %s, %v", data, err)
	}
	if data, err := (timeline.Timeline{Events: []timeline.Event{{}}}).MarshalJSON(); err == nil || data != nil {
		t.Errorf("an event without a kind: %s, %v", data, err)
	}
	var tl timeline.Timeline
	other := &timeline.SchemaError{}
	err = json.Unmarshal([]byte(`{"schema":"chaosrun.timeline/v2"}`), &tl)
	if !errors.As(err, &other) ||
		other.Error() != `timeline: schema is "chaosrun.timeline/v2", want "chaosrun.timeline/v1"` {
		t.Errorf("another version: %v", err)
	}
	if err := tl.UnmarshalJSON([]byte(`[]`)); err == nil ||
		errors.As(err, &other) && strings.Contains(err.Error(), "schema") {
		t.Errorf("a list: %v", err)
	}
}

func TestTimelineString(t *testing.T) {
	got := run(at(0, client, timeline.CallStarted, ""), at(1.5, client, timeline.TextReceived, "a \"b\""),
		many(at(2, first, timeline.HeartbeatSent, ":"), 2, 3.0000004, 0)).String()
	want := strings.Join([]string{
		"          0s  client/call-1                                1  call-started",
		`        1.5s  client/call-1                                2  text-received "a \"b\""`,
		`          2s  provider/primary/call-1/attempt-1            1  heartbeat-sent ":" ×2 until 3s`,
	}, "\n") + "\n"
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Events are sorted by time, then lane, then position, whatever the distances are.
func TestSort(t *testing.T) {
	want := []timeline.Event{
		{At: -time.Hour, Lane: "z", Seq: 9},
		{At: 0, Lane: "a", Seq: 2},
		{At: 0, Lane: "a", Seq: 10},
		{At: 0, Lane: "b", Seq: 1},
		{At: 1, Lane: "a", Seq: 1},
		{At: 1 << 62, Lane: "a", Seq: 1},
	}
	for i := range want {
		for j := range want {
			got := slices.Clone(want)
			got[i], got[j] = got[j], got[i]
			slices.Reverse(got[min(i, j):])
			timeline.Sort(got)
			if diff := cmp.Diff(got, want); diff != "" {
				t.Fatalf("(-got +want):\n%s", diff)
			}
		}
	}
}
