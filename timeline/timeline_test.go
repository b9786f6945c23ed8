package timeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/timeline"
)

func TestRecorderCountsHeartbeatsOfARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := timeline.NewRecorder(timeline.RecorderOptions{})
		lane := timeline.ProviderLane("primary", 1, 2)
		r.Record(lane, timeline.RequestReceived, "POST")
		for range 3 {
			time.Sleep(10 * time.Second)
			r.Record(lane, timeline.HeartbeatSent, ":")
		}
		r.Record(lane, timeline.TextSent, "a")
		r.Record(lane, timeline.TextSent, "a")
		want := []timeline.Event{
			{Lane: lane, Seq: 1, Attempt: 2, Kind: timeline.RequestReceived, Text: "POST", Count: 1},
			{
				At: 10 * time.Second, Until: 30 * time.Second, Lane: lane, Seq: 2, Attempt: 2,
				Kind: timeline.HeartbeatSent, Text: ":", Count: 3,
			},
			{
				At: 30 * time.Second, Until: 30 * time.Second, Lane: lane, Seq: 3, Attempt: 2, Kind: timeline.TextSent,
				Text: "a", Count: 1,
			},
			{
				At: 30 * time.Second, Until: 30 * time.Second, Lane: lane, Seq: 4, Attempt: 2, Kind: timeline.TextSent,
				Text: "a", Count: 1,
			},
		}
		if diff := cmp.Diff(r.Events(), want); diff != "" {
			t.Errorf("events (-got +want):\n%s", diff)
		}
	})
}

func TestRecorderIsBounded(t *testing.T) {
	r := timeline.NewRecorder(timeline.RecorderOptions{Limit: 10})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				r.Record(timeline.EngineLane, timeline.Decided, "again")
			}
		})
	}
	wg.Wait()
	select {
	case <-r.Full():
	default:
		t.Error("Full is not closed after 40 events with a limit of 10")
	}
	if got := len(r.Events()); got != 10 {
		t.Errorf("kept %d events, want 10", got)
	}
	if !r.Overflowed() {
		t.Error("Overflowed is false")
	}
}

func TestRecorderScalesOffsets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := timeline.NewRecorder(timeline.RecorderOptions{Scale: 60})
		time.Sleep(time.Second)
		r.Record(timeline.WorldLane, timeline.HarnessFailed, "")
		if got := r.Events()[0].At; got != time.Minute {
			t.Errorf("one second at x60 is %s, want 1m", got)
		}
	})
}

// run builds a timeline from a terse script: offset, lane, kind, text.
func run(events ...timeline.Event) timeline.Timeline {
	seq := map[string]int{}
	for i := range events {
		e := &events[i]
		seq[e.Lane]++
		e.Seq = seq[e.Lane]
		e.Count, e.Until = max(1, e.Count), max(e.At, e.Until)
	}
	timeline.Sort(events)
	return timeline.Timeline{Run: timeline.Run{
		Providers: []timeline.Provider{{Name: "primary"}, {Name: "secondary"}},
		Calls:     []timeline.Call{{ContextTokens: 1000}},
	}, Events: events}
}

func at(s float64, lane string, kind timeline.Kind, text string) timeline.Event {
	return timeline.Event{At: time.Duration(s * float64(time.Second)), Lane: lane, Kind: kind, Text: text}
}

var (
	client = timeline.ClientLane(1)
	first  = timeline.ProviderLane("primary", 1, 1)
	second = timeline.ProviderLane("secondary", 1, 1)
)

func TestMeasures(t *testing.T) {
	tl := run(
		at(0, client, timeline.CallStarted, "hi"),
		at(1, first, timeline.RequestReceived, ""),
		at(2, first, timeline.HeadersSent, "200"),
		at(182, first, timeline.ClientDisconnected, ""),
		at(184.5, second, timeline.RequestReceived, ""),
		at(184.6, second, timeline.HeadersSent, "200"),
		at(185, second, timeline.TextSent, "hello"), at(185, client, timeline.TextReceived, "hello"),
		at(186, second, timeline.FinishSent, "stop"), at(186, second, timeline.ResponseEnded, ""),
		at(186, client, timeline.CallAnswered, ""),
	)
	s := func(v float64) *timeline.Seconds {
		d := timeline.Seconds(v * float64(time.Second))
		return &d
	}
	want := timeline.Measures{
		TimeToFallback: s(184.5), TimeToFirstContent: s(185), TimeToAnswer: s(186),
		Attempts: map[string]int{"primary": 1, "secondary": 1}, RetryAmplification: 2, PromptTokensResent: 1000,
		WhereTimeWent: timeline.Phases{
			Connect: *s(1), Headers: *s(1) + *s(0.1), Stall: *s(180), Backoff: *s(2.5), FirstContent: *s(0.4),
			Answer: *s(1),
		},
	}
	if diff := cmp.Diff(tl.Measures(1), want); diff != "" {
		t.Errorf("measures (-got +want):\n%s", diff)
	}
}

func TestMeasuresOfWhatNeverHappened(t *testing.T) {
	m := run(at(0, client, timeline.CallStarted, ""), at(5, client, timeline.CallCut, "")).Measures(1)
	if m.TimeToFallback != nil || m.TimeToFirstContent != nil || m.TimeToAnswer != nil {
		t.Errorf("measured what never happened: %+v", m)
	}
	if diff := cmp.Diff(m.Attempts, map[string]int{"primary": 0, "secondary": 0}); diff != "" {
		t.Errorf("attempts (-got +want):\n%s", diff)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	if v, ok := fields["time_to_fallback_s"]; !ok || v != nil {
		t.Errorf("time_to_fallback_s is %v, want null", v)
	}
}

func TestOutcome(t *testing.T) {
	sent := func(lane, text string, finished bool) []timeline.Event {
		events := []timeline.Event{at(1, lane, timeline.RequestReceived, ""), at(2, lane, timeline.TextSent, text)}
		if finished {
			events = append(events, at(3, lane, timeline.FinishSent, "stop"))
		}
		return events
	}
	got := func(pieces ...string) []timeline.Event {
		var events []timeline.Event
		for _, p := range pieces {
			kind := timeline.TextReceived
			if p == "RESTART" {
				kind, p = timeline.RestartReceived, ""
			}
			events = append(events, at(4, client, kind, p))
		}
		return events
	}
	calls := func(lane string, kind timeline.Kind, pieces ...string) []timeline.Event {
		var events []timeline.Event
		for _, p := range pieces {
			events = append(events, at(3, lane, kind, p))
		}
		return events
	}
	called := func(pieces ...string) []timeline.Event {
		events := append([]timeline.Event{at(1, first, timeline.RequestReceived, "")},
			calls(first, timeline.ToolCallSent, pieces...)...)
		return append(events, at(3, first, timeline.FinishSent, "tool_calls"))
	}
	refused := func() []timeline.Event {
		return append(sent(first, "hm, ", false), at(3, first, timeline.RefusalSent, "I can't"),
			at(3, first, timeline.FinishSent, "stop"))
	}
	problem := func() []timeline.Event {
		return append(sent(first, "hello", false), at(3, first, timeline.ProblemSent, "500 overloaded"))
	}
	holds := func(pieces ...string) []timeline.Event { return calls(client, timeline.ToolCallReceived, pieces...) }
	tests := []struct {
		name     string
		sent     []timeline.Event
		received []timeline.Event
		ending   timeline.Kind
		want     timeline.Outcome
		from     string
	}{
		{"whole", sent(first, "hello", true), got("hel", "lo"), timeline.CallAnswered, timeline.Answered, "primary"},
		{"part", sent(first, "hello", false), got("hel"), timeline.CallAnswered, timeline.Truncated, "primary"},
		{
			"all that came of an unfinished answer", sent(first, "hello", false), got("hello"), timeline.CallAnswered,
			timeline.Truncated, "primary",
		},
		{
			"two answers in one", append(sent(first, "abc", false), sent(second, "xyz", true)...), got("abc", "xyz"),
			timeline.CallAnswered, timeline.Spliced, "",
		},
		{
			"restarted", append(sent(first, "abc", false), sent(second, "xyz", true)...), got("abc", "RESTART", "xyz"),
			timeline.CallAnswered, timeline.Answered, "secondary",
		},
		{
			"twice", sent(first, "hello", true), got("hello", "hello"), timeline.CallAnswered, timeline.Duplicated,
			"primary",
		},
		{
			"prefix again", sent(first, "hello", true), got("he", "hello"), timeline.CallAnswered, timeline.Duplicated,
			"primary",
		},
		{
			"something behind the end", append(sent(first, "hello", true), at(4, first, timeline.TextSent, "!")),
			got("hello"), timeline.CallAnswered, timeline.Answered, "primary",
		},
		{
			"more than the answer", append(sent(first, "hello", true), at(4, first, timeline.TextSent, "!")),
			got("hello", "!"), timeline.CallAnswered, timeline.Altered, "primary",
		},
		{"a refusal delivered", refused(), got("hm, ", "I can't"), timeline.CallAnswered, timeline.Answered, "primary"},
		{"a refusal told apart", refused(), got("hm, "), timeline.CallAnswered, timeline.Answered, "primary"},
		{"a part of a refusal", refused(), got("hm, I"), timeline.CallAnswered, timeline.Truncated, "primary"},
		{
			"pieces in another order", sent(first, "hello", true), got("lo", "hel"), timeline.CallAnswered,
			timeline.Reordered, "primary",
		},
		{
			"its letters, and one too many", sent(first, "hello", true), got("lo", "hell"), timeline.CallAnswered,
			timeline.Duplicated, "primary",
		},
		{
			"an error inside the stream, passed on", problem(), got("hel"), timeline.CallFailed, timeline.FailedClearly,
			"",
		},
		{
			"an error inside the stream, taken for the end", problem(), got("hel"), timeline.CallAnswered,
			timeline.Truncated, "primary",
		},
		{
			"an error inside the stream, behind all of the answer", problem(), got("hello"), timeline.CallAnswered,
			timeline.Truncated, "primary",
		},
		{"nothing", sent(first, "", false), nil, timeline.CallAnswered, timeline.Empty, ""},
		{
			"a call", called("f", `{"a":`, ` 1}`), holds("f", `{"a":1}`), timeline.CallAnswered, timeline.Answered,
			"primary",
		},
		{
			"two calls", called("f", `{}`, "g", `{"a": 1}`), holds("f", `{}`, "g", `{"a": 1}`), timeline.CallAnswered,
			timeline.Answered, "primary",
		},
		{
			"a part of a call", called("f", `{"a": 1}`), holds("f", `{"a`), timeline.CallAnswered, timeline.Truncated,
			"primary",
		},
		{
			"two calls in the other order", called("f", `{}`, "g", `{"a": 1}`), holds("g", `{"a": 1}`, "f", `{}`),
			timeline.CallAnswered, timeline.Reordered, "primary",
		},
		{
			"a call that is no JSON", called("f", `{"a":`), holds("f", `{"a":`), timeline.CallAnswered,
			timeline.Invalid, "primary",
		},
		{
			"a call that nobody made", called("f", `{"a": 1}`), holds("f", `{"a": 2}`), timeline.CallAnswered,
			timeline.Altered, "primary",
		},
		{
			"a call that was taken back", called("f", `{"a": 1}`), append(holds("f"), got("RESTART")...),
			timeline.CallAnswered, timeline.Empty, "",
		},
		{"error", sent(first, "hello", true), got("hello"), timeline.CallFailed, timeline.FailedClearly, ""},
		{"cut", sent(first, "hello", true), got("hello"), timeline.CallCut, timeline.Hung, ""},
		{"blocked", nil, nil, timeline.CallBlocked, timeline.Hung, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			events := append([]timeline.Event{at(0, client, timeline.CallStarted, "")}, tt.sent...)
			events = append(append(events, tt.received...), at(5, client, tt.ending, ""))
			outcome, from := run(events...).Outcome(1)
			if outcome != tt.want || from != tt.from {
				t.Errorf("got %s from %q, want %s from %q", outcome, from, tt.want, tt.from)
			}
		})
	}
}

// TestPhasesAddUp draws calls at random: the phases always add up to the call's time.
func TestPhasesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := []timeline.Event{at(0, client, timeline.CallStarted, "")}
		now := 0.0
		step := func() float64 { now += rapid.Float64Range(0, 100).Draw(t, "step"); return now }
		for i := range rapid.IntRange(0, 5).Draw(t, "attempts") {
			lane := timeline.ProviderLane(rapid.SampledFrom([]string{"primary", "secondary"}).Draw(t, "provider"), 1,
				i+1)
			events = append(events, at(step(), lane, timeline.RequestReceived, ""))
			for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]timeline.Kind{
				timeline.HeadersSent, timeline.TextSent, timeline.FinishSent, timeline.ClientDisconnected,
			}), 0, 5).Draw(t, "kinds") {
				events = append(events, at(step(), lane, kind, "x"))
			}
		}
		end := step()
		tl := run(append(events, at(end, client, timeline.CallAnswered, ""))...)
		c, _ := tl.Client(1)
		p := tl.Measures(1).WhereTimeWent
		got, want := p.Connect+p.Headers+p.FirstContent+p.Stall+p.Backoff+p.Answer, timeline.Seconds(c.End)
		if got != want {
			t.Fatalf("phases add up to %s, the call took %s: %+v\n%s", got, want, p, tl)
		}
		at := tl.Origin(1)
		for i, span := range tl.Spans(1) {
			if span.From != at || span.To <= span.From {
				t.Fatalf("span %d begins at %s and ends at %s, the one before it ends at %s\n%s", i, span.From, span.To,
					at, tl)
			}
			at = span.To
		}
		if at != c.End {
			t.Fatalf("the spans end at %s, the call at %s\n%s", at, c.End, tl)
		}
	})
}

// Each wrong answer gets the word of what is wrong with it, whichever others the run knows.
func TestWrongAnswersAreToldApart(t *testing.T) {
	sent := []timeline.Event{
		at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(1, first, timeline.TextSent, "one two three"),
		at(1, first, timeline.FinishSent, "stop"), at(1, second, timeline.RequestReceived, ""),
		at(1, second, timeline.TextSent, "uno dos tres"),
		at(1, second, timeline.FinishSent, "stop"),
	}
	for want, text := range map[timeline.Outcome]string{
		timeline.Answered: "one two three", timeline.Truncated: "one two", timeline.Duplicated: "one two one two three",
		timeline.Spliced: "one two dos tres", timeline.Reordered: "two one three", timeline.Empty: "",
	} {
		events := append(slices.Clone(sent), at(2, client, timeline.TextReceived, text),
			at(3, client, timeline.CallAnswered, ""))
		if got, _ := run(events...).Outcome(1); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// What the caller is told about the answer stands beside it, and is no part of it.
func TestWhatTheCallerIsTold(t *testing.T) {
	tl := run(at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(1, first, timeline.TextSent, "hello"),
		at(1, first, timeline.FinishSent, "stop"), at(1, client, timeline.ModelReceived, "alias"),
		at(1, client, timeline.TextReceived, "hello"),
		at(1, client, timeline.ModelReceived, "large"), at(2, client, timeline.UsageReceived, "3 in, 5 out"),
		at(2, client, timeline.FinishReceived, "stop"), at(2, client, timeline.CallAnswered, ""))
	c, _ := tl.Client(1)
	if c.Model != "large" || c.Usage != "3 in, 5 out" || c.Finish != "stop" || c.Text() != "hello" {
		t.Errorf("got %q, %q, %q beside %q", c.Model, c.Usage, c.Finish, c.Text())
	}
	if outcome, from := tl.Outcome(1); outcome != timeline.Answered || from != "primary" {
		t.Errorf("it is %s from %q", outcome, from)
	}
}

// If the caller was not seen, the call began with its first request.
func TestMeasuresWithoutACaller(t *testing.T) {
	events := []timeline.Event{
		at(0, client, timeline.CallStarted, ""), at(5, first, timeline.RequestReceived, ""),
		at(15, first, timeline.ClientDisconnected, ""),
		at(15, second, timeline.RequestReceived, ""), at(16, client, timeline.CallAnswered, ""),
	}
	for unseen, want := range map[bool]timeline.Seconds{
		false: timeline.Seconds(15 * time.Second), true: timeline.Seconds(10 * time.Second),
	} {
		tl := run(events...)
		tl.Run.CallerUnseen = unseen
		m := tl.Measures(1)
		if m.TimeToFallback == nil || *m.TimeToFallback != want {
			t.Errorf("unseen %v: time to fallback is %v, want %s", unseen, m.TimeToFallback, want)
		}
		if (m.TimeToAnswer == nil) != unseen {
			t.Errorf("unseen %v: time to answer is %v", unseen, m.TimeToAnswer)
		}
		if connect := m.WhereTimeWent.Connect; (connect == 0) != unseen {
			t.Errorf("unseen %v: connecting took %s", unseen, connect)
		}
	}
}

func TestLaneOfAProviderWithOddNames(t *testing.T) {
	for _, name := range []string{"a", "a/call-1", "x/call-1/attempt-2", "ü"} {
		tl := run(at(1, timeline.ProviderLane(name, 3, 4), timeline.RequestReceived, ""))
		a := tl.Attempts()
		if len(a) != 1 || a[0].Provider != name || a[0].Call != 3 || a[0].N != 4 {
			t.Errorf("%q came back as %+v", name, a)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		duration := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "ns"))
		})
		kinds := rapid.SampledFrom([]timeline.Kind{
			timeline.CallStarted, timeline.HeartbeatSent, timeline.Decided, timeline.ProblemSent,
		})
		events := rapid.SliceOf(rapid.Custom(func(t *rapid.T) timeline.Event {
			e := timeline.Event{
				At: duration.Draw(t, "at"), Lane: rapid.StringN(1, 10, -1).Draw(t, "lane"),
				Seq:     rapid.IntRange(1, 9).Draw(t, "seq"),
				Attempt: rapid.IntRange(0, 9).Draw(t, "attempt"), Kind: kinds.Draw(t, "kind"),
				Text:  rapid.String().Draw(t, "text"),
				Count: rapid.IntRange(1, 3).Draw(t, "count"),
			}
			e.Until = e.At
			if e.Count > 1 {
				e.Until += duration.Draw(t, "until")
			}
			return e
		})).Draw(t, "events")
		want := timeline.Timeline{
			Run: timeline.Run{Scenario: "s", Deadline: timeline.Seconds(duration.Draw(t, "deadline"))}, Events: events,
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got timeline.Timeline
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if len(want.Events) == 0 {
			want.Events, got.Events = nil, nil
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("round trip (-got +want):\n%s", diff)
		}
	})
}

func TestJSONOfAnotherSchemaIsRefused(t *testing.T) {
	var tl timeline.Timeline
	err := json.Unmarshal([]byte(`{"schema":"chaosrun.timeline/v9","events":[]}`), &tl)
	var schema *timeline.SchemaError
	if !errors.As(err, &schema) || schema.Got != "chaosrun.timeline/v9" {
		t.Errorf("got %v, want a SchemaError that names v9", err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	good, err := json.Marshal(run(at(1, first, timeline.HeartbeatSent, "ping")))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":"chaosrun.timeline/v1","events":[{"at_s":1e300}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tl timeline.Timeline
		if json.Unmarshal(data, &tl) != nil {
			return
		}
		// What can be read can be judged, told and written again.
		_ = tl.Measures(1)
		_, _ = tl.Outcome(1)
		_ = fmt.Sprint(tl)
		again, err := json.Marshal(tl)
		if err != nil {
			t.Fatalf("cannot write what was read: %v", err)
		}
		var back timeline.Timeline
		if err := json.Unmarshal(again, &back); err != nil {
			t.Fatalf("cannot read what was written: %v", err)
		}
	})
}

func ExampleTimeline_Measures() {
	tl := run(
		at(0, client, timeline.CallStarted, "say hello"),
		at(0, first, timeline.RequestReceived, ""),
		at(180, first, timeline.ClientDisconnected, ""),
		at(180, second, timeline.RequestReceived, ""),
	)
	fmt.Println(tl.Measures(1).TimeToFallback)
	// Output: 3m0s
}

func TestRestartForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := timeline.NewRecorder(timeline.RecorderOptions{})
		time.Sleep(time.Minute)
		r.Record("world", timeline.Decided, "before")
		r.Late(time.Second)
		r.Restart()
		if got := r.Elapsed() + r.Lateness(); got != 0 {
			t.Errorf("%s is left of what was before", got)
		}
		time.Sleep(time.Second)
		r.Record("world", timeline.Decided, "after")
		want := []timeline.Event{{
			At: time.Second, Until: time.Second, Lane: "world", Seq: 1, Kind: timeline.Decided, Text: "after", Count: 1,
		}}
		if diff := cmp.Diff(r.Events(), want); diff != "" {
			t.Error(diff)
		}
	})
}
