package assertions_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A call's end is judged against a limit at it, just below it and just above it.
func TestLimitsOfWhatNeverHappened(t *testing.T) {
	ended := func(kind timeline.Kind, text string, end float64) timeline.Timeline {
		return run(at(10, client, timeline.CallStarted, ""), at(10, first, timeline.RequestReceived, ""),
			at(end, client, kind, text))
	}
	option := func(end, limit, deadline float64) timeline.Timeline {
		tl := ended(timeline.CallCut, "", end)
		tl.Run.CallLimit, tl.Run.CallLimitBy = timeline.Seconds(limit*1e9), timeline.LimitByOption
		tl.Run.Deadline = timeline.Seconds(deadline * 1e9)
		return tl
	}
	unseen := ended(timeline.CallCut, "the last connection closed", 20)
	unseen.Run.CallerUnseen = true
	silent := ended(timeline.CallCut, "", 20)
	silent.Run.CallerUnseen = true
	e := assertions.TimeToAnswer{Max: 10 * time.Second}
	const cutAt = "the answer never happened: the call was cut at its deadline after 10s, limit 10s"
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{
			"failed", ended(timeline.CallFailed, "no", 20), assertions.Failed,
			"the answer never happened in a call of 10s (it returned: no), limit 10s",
		},
		{
			"hung up before", ended(timeline.CallHungUp, "", 19.999), assertions.Unknown,
			"the caller hung up after 9.999s, before the answer and before the limit of 10s",
		},
		{
			"hung up at it", ended(timeline.CallHungUp, "", 20), assertions.Failed,
			"the answer never happened in a call of 10s (its caller hung up), limit 10s",
		},
		{
			"cut before", ended(timeline.CallCut, "", 19.999), assertions.Unknown,
			"the answer did not happen before the " +
				"call was cut after 9.999s, which is before the limit of 10s",
		},
		{"cut at it", ended(timeline.CallCut, "", 20), assertions.Failed, cutAt},
		{"cut, with a text nobody asks for", ended(timeline.CallCut, "x", 20), assertions.Failed, cutAt},
		{
			"cut early before", option(19.999, 9.999, 60), assertions.Unknown,
			"the call was cut after 9.999s by --limit " +
				"call, before the answer and before the limit of 10s; --limit call=1m shows more",
		},
		{
			"cut early at it", option(20, 10, 60), assertions.Failed,
			"the answer never happened: the call was cut after 10s by --limit call, limit 10s",
		},
		{"a limit of the deadline cuts nothing early", option(20, 60, 60), assertions.Failed, cutAt},
		{
			"a limit without a deadline", option(19, 9, 0), assertions.Unknown,
			"the call was cut after 9s by --limit call, before the answer and before the limit of 10s",
		},
		{
			"of an unseen caller", unseen, assertions.Failed,
			"the answer never happened in 10s: the last connection closed, limit 10s",
		},
		{"of an unseen caller, without a reason", silent, assertions.Failed, cutAt},
	} {
		says(t, tt.name, e, tt.run, tt.want, tt.says)
	}
	open := run(at(10, client, timeline.CallStarted, ""), at(12, first, timeline.RequestReceived, ""),
		at(15, client, timeline.TextReceived, ""))
	says(t, "no end", e, open, assertions.Failed,
		"the answer never happened in a call of 5s (its end was not seen), limit 10s")
	says(t, "success without text", assertions.TimeToFirstContent{Max: time.Second},
		run(at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
			at(2, client, timeline.CallAnswered, "")), assertions.Failed,
		"the first content never happened in a call of 2s (it returned success), limit 1s")
}

// The end of a deadline is written short.
func TestWhatShowsMore(t *testing.T) {
	for deadline, want := range map[time.Duration]string{
		2 * time.Hour: "2h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s", 61 * time.Minute: "1h1m",
		time.Hour + time.Second: "1h0m1s", 10 * time.Minute: "10m", 30 * time.Second: "30s",
	} {
		tl := cut(5)
		tl.Run.CallLimit, tl.Run.Deadline = timeline.Seconds(5*time.Second), timeline.Seconds(deadline)
		says(t, want, assertions.NoFallback{}, tl, assertions.Unknown, "the call was cut after 5s by the target's "+
			"limits.call, before the engine could fall back; --limit call="+want+" shows more")
	}
}

// Of many calls the worst decides, and of equal ones the slowest. A call that its caller left says
// nothing beside another one.
func TestWhichCallDecides(t *testing.T) {
	calls := func(ends ...float64) timeline.Timeline { // below 0: hung up
		events := []timeline.Event{at(0, first, timeline.RequestReceived, "")}
		for i, end := range ends {
			kind := timeline.CallAnswered
			if end < 0 {
				kind, end = timeline.CallHungUp, -end
			}
			lane := timeline.ClientLane(i + 1)
			events = append(events, at(0, lane, timeline.CallStarted, ""), at(end, lane, kind, ""))
		}
		return run(events...)
	}
	e := assertions.TimeToAnswer{Max: 10 * time.Second}
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{"the slowest", calls(3, 5, 4), assertions.Passed, "the answer took 5s, limit 10s"},
		{"the first of equals", calls(5, 3), assertions.Passed, "the answer took 5s, limit 10s"},
		{"the failed one", calls(5, 11, 4), assertions.Failed, "the answer took 11s, limit 10s"},
		{"the slower of two failed", calls(12, 11, 13, 4), assertions.Failed, "the answer took 13s, limit 10s"},
		{"the one that nobody left", calls(-2, 3), assertions.Passed, "the answer took 3s, limit 10s"},
		{"the one that nobody left, before", calls(3, -2), assertions.Passed, "the answer took 3s, limit 10s"},
		{
			"the one that was left too late", calls(3, -10), assertions.Failed,
			"the answer never happened in a call of 10s (its caller hung up), limit 10s",
		},
		{
			"one that was left too late, then one that was not", calls(-10, 3), assertions.Failed,
			"the answer never happened in a call of 10s (its caller hung up), limit 10s",
		},
		{
			"none that nobody left", calls(-2, -3), assertions.Unknown,
			"the caller hung up after 3s, before the answer and before the limit of 10s",
		},
		{"none at all", calls(), assertions.Unknown, "no call was made"},
	} {
		f := says(t, tt.name, e, tt.run, tt.want, tt.says)
		if f.Limit != timeline.Seconds(10*time.Second) {
			t.Errorf("%s: the limit is %v", tt.name, f.Limit)
		}
	}
	lateBy := late(calls(3), 2*time.Second)
	says(t, "a late harness", e, lateBy, assertions.Passed,
		"the answer took 3s, limit 10s (±2s: the harness was late by up to that)")
	says(t, "a late harness without a time", e, late(calls(-2), time.Second), assertions.Unknown,
		"the caller hung up after 2s, before the answer and before the limit of 10s")
}

// The evidence of a time is the event at which it ends.
func TestEvidenceOfTimes(t *testing.T) {
	tl := run(
		at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(2, client, timeline.RestartReceived, ""), at(3, second, timeline.RequestReceived, ""),
		at(4, client, timeline.TextReceived, "a"), at(5, client, timeline.CallAnswered, ""),
	)
	never := run(at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""),
		at(2, client, timeline.CallFailed, ""))
	for _, tt := range []struct {
		expect      assertions.Expectation
		tl, without []int
	}{
		{assertions.TimeToFallback{}, []int{0, 3}, []int{0, 2}},
		{assertions.TimeToFirstContent{}, []int{0, 4}, []int{0, 2}},
		{assertions.TimeToAnswer{}, []int{0, 5}, []int{0, 2}},
	} {
		if diff := cmp.Diff(tt.expect.Judge(tl).Events, tt.tl); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.expect.Name(), diff)
		}
		if diff := cmp.Diff(tt.expect.Judge(never).Events, tt.without); diff != "" {
			t.Errorf("%s, which never happened (-got +want):\n%s", tt.expect.Name(), diff)
		}
	}
}

// A request is abandoned when its call asks the same provider again, when text of a later request
// arrives, or when the call ends, whichever is first.
func TestWhenARequestIsAbandoned(t *testing.T) {
	lane := func(n int) string { return timeline.ProviderLane("primary", 1, n) }
	base := func(more ...timeline.Event) timeline.Timeline {
		return run(append([]timeline.Event{
			at(0, client, timeline.CallStarted, ""), at(20, client, timeline.CallFailed, ""),
			at(1, lane(1), timeline.RequestReceived, ""),
		}, more...)...)
	}
	closed := func(s float64) timeline.Event { return at(s, lane(1), timeline.ClientDisconnected, "") }
	other := []timeline.Event{at(5, second, timeline.RequestReceived, ""), at(6, second, timeline.TextSent, "x")}
	hedge := append(other, at(9, client, timeline.RestartReceived, ""), at(10, client, timeline.TextReceived, "x"))
	e := assertions.ConnectionClosed{Provider: "primary", Within: time.Second}
	const fine = "every request of primary was over within 1s of being abandoned"
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{"by the end, in time", base(closed(21)), assertions.Passed, fine},
		{
			"by the end, late", base(closed(21.001)), assertions.Failed,
			"request 1 of primary was closed 1.001s after it was abandoned, limit 1s",
		},
		{"it ended before", base(closed(3)), assertions.Passed, fine},
		{"by a second one, in time", base(closed(6), at(5, lane(2), timeline.RequestReceived, ""),
			at(20, lane(2), timeline.ResponseEnded, "")), assertions.Passed, fine},
		{
			"by a second one, late", base(closed(7), at(5, lane(2), timeline.RequestReceived, ""),
				at(20, lane(2), timeline.ResponseEnded, "")), assertions.Failed,
			"request 1 of primary was closed 2s after it was abandoned, limit 1s",
		},
		{"a hedge may run beside it", base(append(other, closed(20.5))...), assertions.Passed, fine},
		{"by what the hedge delivers, in time", base(append(hedge, closed(11))...), assertions.Passed, fine},
		{
			"by what the hedge delivers, late", base(append(hedge, closed(11.5))...), assertions.Failed,
			"request 1 of primary was closed 1.5s after it was abandoned, limit 1s",
		},
		{"text from before the hedge had any", base(append(other, closed(20.5),
			at(5.5, client, timeline.TextReceived, "y"))...), assertions.Passed, fine},
		{
			"text at the instant at which the hedge had some", base(append(other, closed(8),
				at(6, client, timeline.TextReceived, "x"))...), assertions.Failed,
			"request 1 of primary was closed 2s after it was abandoned, limit 1s",
		},
		{"a silent hedge delivers nothing", base(closed(20.5), at(5, second, timeline.RequestReceived, ""),
			at(6, client, timeline.TextReceived, "y")), assertions.Passed, fine},
		{"of several, the second request at the provider counts", base(closed(9),
			at(5, second, timeline.RequestReceived, ""), at(8, lane(2), timeline.RequestReceived, ""),
			at(20, lane(2), timeline.ResponseEnded, "")), assertions.Passed, fine},
		{
			"never", base(at(5, lane(2), timeline.RequestReceived, ""), at(20, lane(2), timeline.ResponseEnded, "")),
			assertions.Failed, "request 1 of primary, abandoned at 5s, was never closed",
		},
		{
			"the worst decides", base(closed(8), at(5, lane(2), timeline.RequestReceived, ""),
				at(30, lane(2), timeline.ClientDisconnected, "")), assertions.Failed,
			"request 2 of primary was closed 10s after it was abandoned, limit 1s",
		},
		{
			"the worst decides, whatever comes behind it", base(closed(9), at(5, lane(2), timeline.RequestReceived, ""),
				at(20, lane(2), timeline.ClientDisconnected, "")), assertions.Failed,
			"request 1 of primary was closed 4s after it was abandoned, limit 1s",
		},
		{
			"refused requests are none", base(closed(20), at(5, lane(0), timeline.RequestReceived, "")),
			assertions.Passed, fine,
		},
	} {
		says(t, tt.name, e, tt.run, tt.want, tt.says)
	}
	e.Provider = "tertiary"
	says(t, "an unknown provider", e, base(), assertions.Unknown, "the run has no provider tertiary")
	// A call without an end abandons nothing by it.
	e.Provider = "primary"
	open := run(at(0, client, timeline.CallStarted, ""), at(1, first, timeline.RequestReceived, ""), closed(9))
	says(t, "no end", e, open, assertions.Passed, fine)
}

// The finding of a hang-up names the request that decides, and its evidence.
func TestEvidenceOfAHangUp(t *testing.T) {
	e := assertions.HangUp{Within: time.Second}
	another := with(onClock(hungUp(5, 5), "virtual"), at(6, second, timeline.RequestReceived, ""))
	another.Run.Clock = "virtual"
	f := says(t, "another request", e, another, assertions.Failed,
		"the caller hung up after 5s, and 1s later request 1 of secondary began")
	if diff := cmp.Diff(f.Events, []int{0, 5, 8}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	f = says(t, "never closed", e, without(hungUp(5, 5), first, timeline.ClientDisconnected), assertions.Failed,
		"the caller hung up after 5s, and request 1 of primary was never closed")
	if diff := cmp.Diff(f.Events, []int{0, 5, 1}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	f = says(t, "late", e, hungUp(5, 7), assertions.Failed,
		"the caller hung up after 5s, and the engine returned 2s later, limit 1s")
	if f.Got != timeline.Seconds(2*time.Second) || f.Limit != timeline.Seconds(time.Second) {
		t.Errorf("got %v, limit %v", f.Got, f.Limit)
	}
	// Of two callers the one who waited longer decides.
	two := timeline.ClientLane(2)
	later := func(returned float64) timeline.Timeline {
		return with(hungUp(5, 5.5), at(5, two, timeline.CallStarted, ""), at(6, two, timeline.CallHungUp, ""),
			at(returned, two, timeline.CallReturned, ""))
	}
	says(t, "the second is worse", e, later(8), assertions.Failed,
		"the caller hung up after 1s, and the engine returned 2s later, limit 1s")
	says(t, "the first is worse", e, later(6.2), assertions.Passed,
		"the caller hung up after 5s, and the engine returned 500ms later, limit 1s")
}

// A request that a provider got just behind a hang-up was on its way, on a clock of real time.
func TestOnTheWay(t *testing.T) {
	e := assertions.HangUp{Within: time.Second}
	asked := func(clock string, outside bool, began float64, ending timeline.Kind) assertions.Verdict {
		tl := with(hungUp(5, 5), at(began, second, timeline.RequestReceived, ""), at(began, second, ending, ""))
		tl.Run.Clock, tl.Run.Outside = clock, outside
		return e.Judge(tl).Verdict
	}
	for _, tt := range []struct {
		name    string
		clock   string
		outside bool
		began   float64
		ending  timeline.Kind
		want    assertions.Verdict
	}{
		{"at the bound", "wall", false, 5.1, timeline.ClientDisconnected, assertions.Passed},
		{"past it", "wall", false, 5.101, timeline.ClientDisconnected, assertions.Failed},
		{"answered", "wall", false, 5.05, timeline.ResponseEnded, assertions.Failed},
		{"in virtual time", "virtual", false, 5.05, timeline.ClientDisconnected, assertions.Failed},
		{"in virtual time, in another process", "virtual", true, 5.05, timeline.ClientDisconnected, assertions.Passed},
		{"in fast time", "x5", false, 5.5, timeline.ClientDisconnected, assertions.Passed},
		{"in fast time, past it", "x5", false, 5.501, timeline.ClientDisconnected, assertions.Failed},
	} {
		if got := asked(tt.clock, tt.outside, tt.began, tt.ending); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
