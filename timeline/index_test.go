package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/timeline"
)

// An index finds just what going through all events does, in whatever order the events of the lanes
// come, and is not used for other events.
func TestAnIndexFindsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		plain := timeline.Timeline{Events: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) timeline.Event {
			lane := rapid.SampledFrom([]string{
				timeline.ClientLane(1), timeline.ClientLane(2), timeline.ClientLane(3), "client/call-01",
				timeline.EngineLane, timeline.WorldLane,
				timeline.ProviderLane("a", 1, 1), timeline.ProviderLane("a", 2, 2), timeline.ProviderLane("b", 1, 1),
				timeline.ProviderLane("b", 0, 2), timeline.ProviderLane("b", 0, 0),
			}).Draw(t, "lane")
			kind := rapid.SampledFrom([]timeline.Kind{
				timeline.CallStarted, timeline.TextReceived, timeline.RestartReceived, timeline.CallAnswered,
				timeline.CallHungUp, timeline.CallReturned,
				timeline.RequestReceived, timeline.HeadersSent, timeline.TextSent, timeline.FinishSent,
				timeline.ResponseEnded,
			}).Draw(t, "kind")
			at := time.Duration(rapid.IntRange(0, 50).Draw(t, "s")) * time.Second
			return timeline.Event{At: at, Until: at, Lane: lane, Kind: kind, Text: "x", Count: 1}
		}), 0, 60).Draw(rt, "events")}
		timeline.Sort(plain.Events)
		indexed := plain.Indexed()
		same(rt, plain, indexed)
		if len(plain.Events) > 1 {
			other := indexed
			other.Events = plain.Events[1:]
			same(rt, timeline.Timeline{Events: plain.Events[1:]}, other)
		}
		if diff := cmp.Diff(plain, indexed); diff != "" {
			rt.Errorf("an index makes a difference (-plain +indexed):\n%s", diff)
		}
	})
}

// An index of other events is none, however many there are and wherever they begin.
func TestAnIndexOfOtherEvents(t *testing.T) {
	t.Parallel()
	events := func(call int) []timeline.Event {
		lane := timeline.ProviderLane("a", call, 1)
		return []timeline.Event{
			{Lane: timeline.ClientLane(call), Kind: timeline.CallStarted}, {Lane: lane, Kind: timeline.RequestReceived},
		}
	}
	tl := timeline.Timeline{Events: events(1)}.Indexed()
	for n, want := range map[int]bool{1: true, 2: false} {
		if _, ok := tl.Client(n); ok != want || (len(tl.CallAttempts(n)) == 1) != want {
			t.Errorf("its own: call %d: %v, %d requests", n, ok, len(tl.CallAttempts(n)))
		}
	}
	fewer, other := tl, tl
	fewer.Events, other.Events = tl.Events[:1], events(2)
	if got := len(fewer.Attempts()) + len(fewer.CallAttempts(1)); got != 0 {
		t.Errorf("of fewer events: %d requests", got)
	}
	for n, want := range map[int]bool{1: false, 2: true} {
		if _, ok := other.Client(n); ok != want || (len(other.CallAttempts(n)) == 1) != want {
			t.Errorf("of others: call %d: %v, %d requests", n, ok, len(other.CallAttempts(n)))
		}
	}
}

// same compares what two timelines find.
func same(rt *rapid.T, plain, indexed timeline.Timeline) {
	rt.Helper()
	unexported := cmpopts.IgnoreUnexported(timeline.Client{}, timeline.Attempt{})
	if diff := cmp.Diff(plain.Attempts(), indexed.Attempts(), unexported, cmpopts.EquateEmpty()); diff != "" {
		rt.Errorf("attempts (-plain +indexed):\n%s", diff)
	}
	for n := range 5 {
		want, wanted := plain.Client(n)
		got, ok := indexed.Client(n)
		if diff := cmp.Diff(want, got, unexported); diff != "" || ok != wanted {
			rt.Errorf("client %d: %v, want %v (-plain +indexed):\n%s", n, ok, wanted, diff)
		}
		diff := cmp.Diff(plain.CallAttempts(n), indexed.CallAttempts(n), unexported, cmpopts.EquateEmpty())
		if diff != "" {
			rt.Errorf("requests of call %d (-plain +indexed):\n%s", n, diff)
		}
		outcome, from := plain.Outcome(n)
		if o, f := indexed.Outcome(n); o != outcome || f != from {
			rt.Errorf("outcome %d: %s of %q, want %s of %q", n, o, f, outcome, from)
		}
	}
}
