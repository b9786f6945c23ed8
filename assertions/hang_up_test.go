package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// hungUp is a run whose caller hangs up after five seconds, whose request is closed after closed
// and whose call returns after returned.
func hungUp(closed, returned float64) timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, "hi"),
		at(0, first, timeline.RequestReceived, ""), at(0, first, timeline.HeadersSent, "200"),
		at(1, first, timeline.TextSent, "hel"),
		at(1, client, timeline.TextReceived, "hel"),
		at(5, client, timeline.CallHungUp, ""), at(closed, first, timeline.ClientDisconnected, ""),
		at(returned, client, timeline.CallReturned, "context canceled"),
	)
}

// onClock is a run by another clock.
func onClock(t timeline.Timeline, clock string) timeline.Timeline {
	t.Run.Clock = clock
	return t
}

func TestHangUp(t *testing.T) {
	soon := assertions.HangUp{Within: 2 * time.Second}
	asks := func(at0, at1 float64) timeline.Timeline {
		return with(hungUp(5, 5), at(at0, second, timeline.RequestReceived, ""),
			at(at1, second, timeline.ClientDisconnected, ""))
	}
	judges(t,
		row{
			"stops at once", hungUp(5, 5), soon, assertions.Passed,
			"the caller hung up after 5s, and the engine returned 0s later, limit 2s",
		},
		row{"stops in time", hungUp(5, 7), soon, assertions.Passed, "the engine returned 2s later"},
		row{"returns late", hungUp(5, 7.5), soon, assertions.Failed, "the engine returned 2.5s later, limit 2s"},
		row{
			"closes late", hungUp(8, 5), soon, assertions.Failed,
			"the engine closed request 1 of primary 3s later, limit 2s",
		},
		row{
			"never closes", without(hungUp(5, 5), first, timeline.ClientDisconnected), soon, assertions.Failed,
			"request 1 of primary was never closed",
		},
		row{
			"the run ends before", without(hungUp(5, 5), client, timeline.CallReturned), soon, assertions.Unknown,
			"the run was over before the engine returned",
		},
		row{
			"asks another", onClock(asks(5, 5.05), "virtual"), soon, assertions.Failed,
			"the caller hung up after 5s, and 0s later request 1 of secondary began",
		},
		row{
			"asks another later", onClock(asks(6, 6.05), "wall"), soon, assertions.Failed,
			"1s later request 1 of secondary began",
		},
		row{"was about to ask another", onClock(asks(5.05, 5.06), "wall"), soon, assertions.Passed, ""},
		row{
			"was about to ask another, in fast time", onClock(asks(7, 7), "x60"),
			assertions.HangUp{Within: 3 * time.Second},
			assertions.Passed, "",
		},
		row{
			"asked another in fast time", onClock(asks(15, 15), "x60"), soon, assertions.Failed,
			"10s later request 1 of secondary began",
		},
		row{"nobody hangs up", healthy(), soon, assertions.Unknown, "no caller hung up"},
	)
	if (assertions.HangUp{}).Validate() == nil || soon.Validate() != nil {
		t.Error("a limit of zero is refused, and no other")
	}
	if soon.Unseen(timeline.Run{CallerUnseen: true}) == "" {
		t.Error("a caller that is not seen does not hang up")
	}
}

// A call that its caller has left is not failed for what had not happened by then.
func TestWhatAHangUpSaysOfOtherExpectations(t *testing.T) {
	two := func(second timeline.Kind) timeline.Timeline {
		return with(hungUp(5, 5), at(6, timeline.ClientLane(2), timeline.CallStarted, "hi"),
			at(7, timeline.ClientLane(2), second, "no more"))
	}
	for _, tt := range []struct {
		name   string
		run    timeline.Timeline
		expect assertions.Expectation
		want   assertions.Verdict
	}{
		{"no answer", hungUp(5, 5), assertions.Answer{}, assertions.Unknown},
		{"no answer of that call", hungUp(5, 5), assertions.Answer{Call: 1}, assertions.Unknown},
		{
			"as it should be", hungUp(5, 5),
			assertions.Answer{Outcome: assertions.Outcomes{"hung_up"}},
			assertions.Passed,
		},
		{
			"it should have hung up", healthy(),
			assertions.Answer{Outcome: assertions.Outcomes{"hung_up"}},
			assertions.Failed,
		},
		{
			"the other call decides", two(timeline.CallFailed),
			assertions.Answer{Outcome: assertions.Outcomes{"failed"}},
			assertions.Passed,
		},
		{"the other call is wrong", two(timeline.CallFailed), assertions.Answer{}, assertions.Failed},
		{"before the limit", hungUp(5, 5), assertions.TimeToFallback{Max: 6 * time.Second}, assertions.Unknown},
		{"past the limit", hungUp(5, 5), assertions.TimeToFallback{Max: 4 * time.Second}, assertions.Failed},
		{
			"the other call has a limit", two(timeline.CallAnswered),
			assertions.TimeToAnswer{Max: 6 * time.Second},
			assertions.Passed,
		},
		{
			"closed in time", hungUp(5.5, 5.5),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			assertions.Passed,
		},
		{
			"closed late", hungUp(6.5, 5.5),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			assertions.Failed,
		},
	} {
		if f := tt.expect.Judge(tt.run); f.Verdict != tt.want {
			t.Errorf("%s: %s, want %s: %s", tt.name, f.Verdict, tt.want, f.Message)
		}
	}
}

// What a call did cannot be judged if a request may be any call's.
func TestRequestsOfNoCall(t *testing.T) {
	stray := with(healthy(), at(0, timeline.ProviderLane("primary", 0, 2), timeline.RequestReceived, ""))
	expected := assertions.Must(assertions.Answer{})
	if j := assertions.Judge(stray, expected); j.Verdict != assertions.Passed {
		t.Errorf("one call: %+v", j)
	}
	stray.Run.Calls = []timeline.Call{{AtOnce: 2}}
	j := assertions.Judge(stray, expected)
	if j.Verdict != assertions.Unknown || j.Results[0].Name != assertions.PremiseName {
		t.Errorf("two calls at once: %+v", j)
	}
}
