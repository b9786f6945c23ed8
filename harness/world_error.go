package harness

import (
	"errors"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/timeline"
)

// explain converts an error of the world into events, so that the timeline is enough to judge the
// run.
func explain(events []timeline.Event, err error) []timeline.Event {
	if err == nil {
		return events
	}
	var (
		panicked *bubble.PanicError
		leaked   *bubble.LeakError
		deadlock *bubble.DeadlockError
		stuck    *bubble.StuckError
	)
	switch {
	case errors.As(err, &leaked):
		for _, g := range leaked.Goroutines {
			if i := blockedCall(events, g); i >= 0 {
				events[i].Text += ": " + g.Place()
				continue
			}
			events = appendEvent(events, timeline.WorldLane, timeline.GoroutineLeaked, "goroutine "+g.Place())
		}
	case errors.As(err, &stuck):
		events = stopped(events, stuck)
	case errors.As(err, &deadlock):
		events = appendEvent(events, underWay(events), timeline.CallBlocked, err.Error())
	case errors.As(err, &panicked):
		events = appendEvent(events, timeline.WorldLane, timeline.HarnessFailed, err.Error())
	default:
		events = appendEvent(events, timeline.WorldLane, timeline.HarnessFailed, err.Error())
	}
	timeline.Sort(events)
	return events
}

// blockedCall returns the index of the event for a call that never returned and has no place yet,
// if g runs such a call. Otherwise it returns -1.
func blockedCall(events []timeline.Event, g bubble.Goroutine) int {
	if !strings.Contains(g.Stack, "(*stage).invoke") {
		return -1
	}
	return slices.IndexFunc(events, func(e timeline.Event) bool {
		return e.Kind == timeline.CallBlocked && strings.HasSuffix(e.Text, stillRunning)
	})
}

// underWay returns the client's lane of the first call that has not ended, or of the last call.
func underWay(events []timeline.Event) (lane string) {
	lane = timeline.ClientLane(1)
	var open []string
	for _, e := range events {
		switch e.Kind { //nolint:exhaustive // what begins and ends a call
		case timeline.CallStarted:
			lane, open = e.Lane, append(open, e.Lane)
		case timeline.CallAnswered, timeline.CallFailed, timeline.CallCut, timeline.CallHungUp, timeline.CallPanicked,
			timeline.CallBlocked:
			open = slices.DeleteFunc(open, func(started string) bool { return started == e.Lane })
		}
	}
	if len(open) > 0 {
		return open[0]
	}
	return lane
}

// appendEvent appends an event at the last recorded instant.
func appendEvent(events []timeline.Event, lane string, kind timeline.Kind, text string) []timeline.Event {
	e := timeline.Event{Lane: lane, Seq: 1, Kind: kind, Text: text, Count: 1}
	for _, seen := range events {
		e.At = max(e.At, seen.Until)
		if seen.Lane == lane {
			e.Seq = max(e.Seq, seen.Seq+1)
		}
	}
	e.Until = e.At
	return append(events, e)
}
