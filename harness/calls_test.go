package harness_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A requestSeen is one request in a test: p, s and t are the providers in the order of the chain.
type requestSeen struct {
	provider   string
	start, end int // in seconds
	answer     string
	finished   bool
}

// timelineOf returns the timeline of a command that made these requests.
func timelineOf(requests ...requestSeen) timeline.Timeline {
	t := timeline.Timeline{Run: timeline.Run{
		Scenario: "s", CallerUnseen: true, Outside: true, Calls: []timeline.Call{{Prompt: "hi"}},
		Providers: []timeline.Provider{{Name: "p"}, {Name: "s"}, {Name: "t"}},
	}}
	add := func(lane string, seq, at int, kind timeline.Kind, text string, attempt int) {
		d := time.Duration(at) * time.Second
		t.Events = append(t.Events, timeline.Event{
			At: d, Until: d, Lane: lane, Seq: seq, Kind: kind, Text: text, Count: 1, Attempt: attempt,
		})
	}
	add(timeline.ClientLane(1), 1, 0, timeline.CallStarted, "hi", 0)
	counts, last := map[string]int{}, 0
	for _, r := range requests {
		counts[r.provider]++
		n := counts[r.provider]
		lane := timeline.ProviderLane(r.provider, 1, n)
		add(lane, 1, r.start, timeline.RequestReceived, "POST", n)
		add(lane, 2, r.start, timeline.HeadersSent, "200", n)
		if r.answer != "" {
			add(lane, 3, r.end, timeline.TextSent, r.answer, n)
		}
		if r.finished {
			add(lane, 4, r.end, timeline.FinishSent, "stop", n)
			add(lane, 5, r.end, timeline.ResponseEnded, "", n)
		} else {
			add(lane, 5, r.end, timeline.ClientDisconnected, "", n)
		}
		last = max(last, r.end)
	}
	add(timeline.ClientLane(1), 2, last, timeline.CallFailed, "exit code 1", 0)
	timeline.Sort(t.Events)
	return t
}

func silent(provider string, start, end int) requestSeen {
	return requestSeen{provider: provider, start: start, end: end}
}

func whole(provider string, start, end int) requestSeen {
	return requestSeen{provider: provider, start: start, end: end, answer: "hello", finished: true}
}

func TestCallsOf(t *testing.T) {
	for _, tt := range []struct {
		name     string
		requests []requestSeen
		want     []int
	}{
		{"none", nil, []int{}},
		{"a fallback", []requestSeen{silent("p", 1, 2), whole("s", 2, 3)}, []int{1, 1}},
		{"retries", []requestSeen{silent("p", 1, 2), silent("p", 3, 4), whole("s", 5, 6)}, []int{1, 1, 1}},
		{
			"two fallbacks",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 5), whole("s", 5, 6)},
			[]int{1, 1, 2, 2},
		},
		{"a primary in cooldown", []requestSeen{silent("p", 1, 2), whole("s", 2, 3), whole("s", 4, 5)}, []int{1, 1, 2}},
		{
			"an answer that was not taken",
			[]requestSeen{whole("p", 1, 2), whole("s", 3, 4), whole("t", 5, 6)},
			[]int{1, 1, 1},
		},
		{
			"an answer with nothing in it",
			[]requestSeen{{provider: "p", start: 1, end: 2, finished: true}, whole("p", 3, 4)},
			[]int{1, 1},
		},
		{
			"a part of an answer",
			[]requestSeen{{provider: "p", start: 1, end: 2, answer: "hel"}, whole("p", 3, 4)},
			[]int{1, 1},
		},
		{"a hedge", []requestSeen{whole("p", 1, 9), whole("s", 2, 4)}, []int{1, 1}},
		{"at once", []requestSeen{whole("p", 1, 9), whole("p", 2, 9), whole("p", 10, 11)}, []int{1, 1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := timelineOf(tt.requests...)
			if diff := cmp.Diff(tt.want, harness.CallsOf(seen.Run, seen.Attempts())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	probe := timelineOf(whole("p", 1, 2))
	attempts := probe.Attempts()
	attempts[0].N = 0
	if got := harness.CallsOf(probe.Run, attempts); got[0] != 0 {
		t.Errorf("a probe belongs to call %d", got[0])
	}
}

// Each call is judged for itself, and may make as many requests as the scenario allows one.
func TestJudgeEachCall(t *testing.T) {
	one := 1
	expect := scenarios.Expecting(
		assertions.TimeToFallback{Max: 2 * time.Second},
		assertions.Attempts{"p": {Max: &one}, "s": {Max: &one}},
	)
	for _, tt := range []struct {
		name     string
		requests []requestSeen
		calls    int
		want     []assertions.Verdict
	}{
		{
			"two that fall back",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 5), whole("s", 5, 6)},
			2,
			[]assertions.Verdict{assertions.Passed, assertions.Passed},
		},
		{
			"the second hangs",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 9)},
			2,
			[]assertions.Verdict{assertions.Failed, assertions.Passed},
		},
		{
			"the second is late",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 7), whole("s", 7, 8)},
			2,
			[]assertions.Verdict{assertions.Failed, assertions.Passed},
		},
		{
			"the second met no fault",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), whole("p", 4, 5)},
			1,
			[]assertions.Verdict{assertions.Passed, assertions.Passed},
		},
		{
			"the first tests the fallback alone",
			[]requestSeen{whole("s", 1, 2), silent("p", 3, 4), whole("s", 4, 5)},
			1,
			[]assertions.Verdict{assertions.Passed, assertions.Passed},
		},
		{
			"the first tests the fallback alone, the second hangs",
			[]requestSeen{whole("s", 1, 2), silent("p", 3, 9)},
			1,
			[]assertions.Verdict{assertions.Failed, assertions.Passed},
		},
		{"only the fallback was asked", []requestSeen{whole("s", 1, 2)}, 1, []assertions.Verdict{assertions.Unknown}},
		{
			"a retry too many",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 5), silent("p", 5, 6), whole("s", 6, 7)},
			2,
			[]assertions.Verdict{assertions.Passed, assertions.Failed},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := &harness.Trial{
				Scenario: scenarios.Scenario{Name: "s", Expect: expect}, Timeline: timelineOf(tt.requests...),
			}
			trial.JudgeEachCall(1)
			var got []assertions.Verdict
			for _, r := range trial.Judgement.Results {
				got = append(got, r.Verdict)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, trial.Judgement)
			}
			if n := len(trial.Timeline.Run.Calls); n != tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
			}
		})
	}
	if *expect[1].Expectation.(assertions.Attempts)["p"].Max != 1 { //nolint:forcetypeassert // it is one
		t.Error("the scenario's own expectation was changed")
	}
}

// A scenario of two calls says nothing of a command that makes one, unless it hangs.
func TestJudgeEachCallOfTwo(t *testing.T) {
	one, two := 1, 2
	expect := scenarios.Expecting(
		assertions.TimeToFallback{Max: 2 * time.Second},
		assertions.Attempts{"p": {Max: &one}, "s": {Min: &two, Max: &two}},
	)
	for _, tt := range []struct {
		name     string
		requests []requestSeen
		want     assertions.Verdict
	}{
		{"two calls", []requestSeen{silent("p", 1, 2), whole("s", 2, 3), whole("s", 4, 5)}, assertions.Passed},
		{
			"the primary again",
			[]requestSeen{silent("p", 1, 2), whole("s", 2, 3), silent("p", 4, 5), whole("s", 5, 6)},
			assertions.Failed,
		},
		{"one call", []requestSeen{silent("p", 1, 2), whole("s", 2, 3)}, assertions.Unknown},
		{"one call that hangs", []requestSeen{silent("p", 1, 9)}, assertions.Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := &harness.Trial{
				Scenario: scenarios.Scenario{Name: "s", Expect: expect}, Timeline: timelineOf(tt.requests...),
			}
			trial.JudgeEachCall(2)
			if got := trial.Judgement.Verdict; got != tt.want {
				t.Errorf("%s, want %s: %v", got, tt.want, trial.Judgement)
			}
		})
	}
}
