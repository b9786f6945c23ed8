package reports

import (
	"cmp"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// worthTelling is the shortest time of which a sentence says where it went.
const worthTelling = timeline.Seconds(time.Second)

// timed reports whether a sentence about a failure should say where the time went: its expectation
// is about time, or the call hung.
func (t teller) timed(e Expectation, call int) bool {
	switch e.Name {
	case (assertions.TimeToFallback{}).Name(), (assertions.TimeToFirstContent{}).Name(),
		(assertions.TimeToAnswer{}).Name():
		return true
	}
	return e.Name == (assertions.Answer{}).Name() && call > 0 && t.run.Calls[call-1].Outcome == timeline.Hung
}

// A wait is the time that a call spent in one phase, until its fallback or its end.
type wait struct {
	phase timeline.Phase
	took  timeline.Seconds
	// beats counts the heartbeats, and on the requests that the call waited for. Both are 0 if
	// there is no timeline.
	beats int
	on    []int
}

// timeTo says where the time to the fallback of a call went, or the time to its end without a
// fallback. It is "" for a short time, and for call 0.
func (t teller) timeTo(call int) string {
	if call == 0 {
		return ""
	}
	waits := t.waits(call)
	slices.SortStableFunc(waits, func(a, b wait) int { return cmp.Compare(b.took, a.took) })
	if len(waits) == 0 || waits[0].took < worthTelling {
		return ""
	}
	said := brief(waits[0].took) + " of it " + waits[0].String()
	const share = 4 // the second one is worth telling from a quarter of the first on
	if len(waits) > 1 && waits[1].took >= max(worthTelling, waits[0].took/share) {
		said += ", " + brief(waits[1].took) + " " + waits[1].String()
	}
	return said
}

// waits returns the waits of a call.
func (t teller) waits(call int) (all []wait) {
	i := slices.IndexFunc(t.lanes, func(l swimLane) bool { return l.Kind == laneOfCaller && l.Call == call })
	if i < 0 {
		p := t.run.Calls[call-1].Measures.WhereTimeWent
		return []wait{
			{phase: timeline.Connect, took: p.Connect},
			{phase: timeline.Headers, took: p.Headers},
			{phase: timeline.FirstContent, took: p.FirstContent},
			{phase: timeline.Stall, took: p.Stall},
			{phase: timeline.Backoff, took: p.Backoff},
			{phase: timeline.Answering, took: p.Answer},
		}
	}
	lane := t.lanes[i]
	for _, bar := range lane.Bars {
		if lane.Fallback != nil && bar.From >= *lane.Fallback {
			break
		}
		n := slices.IndexFunc(all, func(w wait) bool { return w.phase == bar.Phase })
		if n < 0 {
			n, all = len(all), append(all, wait{phase: bar.Phase})
		}
		all[n].took += bar.To - bar.From
		if bar.Lane >= 0 && !slices.Contains(all[n].on, bar.Lane) {
			all[n].on = append(all[n].on, bar.Lane)
			all[n].beats += t.beats(bar.Lane, bar.Phase)
		}
	}
	return all
}

// beats counts the heartbeats of a request in one phase.
func (t teller) beats(lane int, phase timeline.Phase) (n int) {
	for _, bar := range t.lanes[lane].Bars {
		if bar.Phase == phase {
			n += bar.Beats
		}
	}
	return n
}

// String names what was waited for.
func (w wait) String() string {
	on := ""
	if n := len(w.on); n > 0 {
		on = " on " + some(n, "attempt")
	}
	switch w.phase {
	case timeline.Connect:
		return "connecting" + on
	case timeline.Headers:
		return "waiting for headers" + on
	case timeline.FirstContent:
		return "waiting for the first content" + on
	case timeline.Stall:
		if w.beats > 0 {
			return "silence behind " + some(w.beats, "heartbeat") + on
		}
		return "silence" + on
	case timeline.Backoff:
		return "waiting between attempts"
	case timeline.Answering:
		if w.beats > 0 {
			return "content and " + some(w.beats, "heartbeat") + on
		}
		return "content" + on
	}
	return string(w.phase)
}
