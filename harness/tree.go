package harness

import (
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/timeline"
)

// A treeWatch collects how a run knows that the times of its process tree are true. The zero value
// watches nothing.
type treeWatch struct {
	canary *proctime.Canary
	// begun are the counters at the start of the first call, and calls the processor time of each.
	begun proctime.Counters
	calls []timeline.Seconds
}

// watchTree makes the run unknown if the clock of the process tree did not hold: something was
// left in real time, had a peer outside of the tree, or saw a false jump. done ends the watch.
func (st *stage) watchTree() (done func()) {
	if !st.options.clock.tree {
		return func() {}
	}
	proctime.Left() // what was left before the run is not the run's
	w := &st.tree
	w.canary = proctime.StartCanary()
	w.begun, _ = proctime.Count()
	return func() {
		song := w.canary.Stop()
		left := proctime.Left()
		if now, ok := proctime.Count(); ok {
			st.evidence = evidence(now.Since(w.begun), song, left, w.calls)
		}
		for _, why := range []string{song.Trouble(), strings.Join(left, "; ")} {
			if why != "" {
				st.recorder.Record(timeline.WorldLane, timeline.ClockFailed, why)
			}
		}
	}
}

// evidence returns what stands in the report.
func evidence(c proctime.Counters, song proctime.Song, left []string,
	calls []timeline.Seconds,
) *timeline.ClockEvidence {
	return &timeline.ClockEvidence{
		Passed: timeline.Seconds(c.Passed), CPU: timeline.Seconds(c.CPU), CallsCPU: calls,
		Jumps: c.Jumps, Looks: c.Looks, Busy: c.Busy, Late: c.Late, Held: c.Held, QuickAck: c.QuickAck,
		CanaryRounds: song.Rounds, CanaryLate: song.Timeouts + song.Leaps, Left: left,
	}
}

// beginCalls lets the evidence begin: what an engine needs to start is not the run's.
func (w *treeWatch) beginCalls() {
	if w.canary != nil {
		w.begun, _ = proctime.Count()
	}
}

// aroundCalls makes n calls at once, with a round of the canary before and after them.
func (w *treeWatch) aroundCalls(n int, calls func() bool) bool {
	if w.canary == nil {
		return calls()
	}
	w.canary.Play()
	before, _ := proctime.Count()
	ok := calls()
	after, _ := proctime.Count()
	w.calls = append(w.calls, slices.Repeat([]timeline.Seconds{timeline.Seconds(after.CPU - before.CPU)}, n)...)
	w.canary.Play()
	return ok
}
