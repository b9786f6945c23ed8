package harness

import (
	"fmt"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// JudgeEachCall judges a trial whose caller was not seen again, with a call for each answer that
// was asked for; see [CallsOf]. A suite of two tests makes two calls, and nobody says where the
// second one begins. The scenario makes n calls, 1 or more: twice as many may make twice as many
// attempts, and if there were fewer, what passes is unknown.
func (t *Trial) JudgeEachCall(n int) {
	if t.Skipped() != "" {
		return
	}
	split, made, judged := splitCalls(t.Timeline, expects(t, "time_to_fallback"))
	t.Timeline = split
	t.Judgement = assertions.Judge(split, perCall(t.Scenario.Expected(), judged, max(1, n)))
	if made < n && t.Judgement.Verdict.Holds() {
		few := assertions.Finding{
			Verdict: assertions.Unknown,
			Message: fmt.Sprintf("the scenario makes %d calls, and the command made %d", n, made),
		}
		t.Judgement = assertions.Judgement{Verdict: assertions.Unknown, Results: []assertions.Result{
			{Name: assertions.PremiseName, Args: map[string]any{}, Finding: few},
		}}
	}
}

// expects reports whether a trial's scenario has an expectation.
func expects(t *Trial, name string) bool {
	return slices.ContainsFunc(t.Scenario.Expectations(),
		func(e assertions.Expectation) bool { return e.Name() == name })
}

// perCall lets the judged calls have as many requests as the scenario allows its own n calls.
func perCall(all []assertions.Expected, judged, n int) []assertions.Expected {
	for i, e := range all {
		attempts, ok := e.Expectation.(assertions.Attempts)
		if !ok {
			continue
		}
		scaled := assertions.Attempts{}
		for provider, r := range attempts {
			if r.Max != nil {
				most := *r.Max * ((judged + n - 1) / n)
				r.Max = &most
			}
			if judged < n {
				r.Min = nil
			}
			scaled[provider] = r
		}
		all[i].Expectation = scaled
	}
	return all
}

// CallsOf returns the number of the call that each request belongs to, from 1, and 0 for requests
// that do not count.
//
// A call ends with a whole answer. A request that begins later, at the provider that gave it or at
// one before it in the chain, begins the next call; one further down the chain is a fallback from
// an answer that the engine did not take. Requests that overlap cannot be told apart, and are of
// one call.
func CallsOf(run timeline.Run, attempts []timeline.Attempt) []int {
	calls, first, n := make([]int, len(attempts)), 0, 1
	for i, a := range attempts {
		if a.N == 0 {
			continue
		}
		next := slices.ContainsFunc(attempts[first:i], func(before timeline.Attempt) bool {
			return before.N > 0 && before.Answered() && before.LastContent <= a.Start &&
				order(run, a) <= order(run, before)
		})
		if next {
			n, first = n+1, i
		}
		calls[i] = n
	}
	return calls
}

// order returns the position of a request's provider in the chain.
func order(run timeline.Run, a timeline.Attempt) int {
	return slices.IndexFunc(run.Providers, func(p timeline.Provider) bool { return p.Name == a.Provider })
}

// splitCalls gives each call of a command its own lanes, and returns how many were made and how
// many have one. If a fallback is expected, calls that met no fault have none: they prove nothing.
func splitCalls(t timeline.Timeline, fallback bool) (split timeline.Timeline, made, judged int) {
	attempts := t.Attempts()
	calls := CallsOf(t.Run, attempts)
	groups := make([][]timeline.Attempt, max(1, slices.Max(append(calls, 1))))
	lanes := map[string]string{} // by which each is replaced
	for i, a := range attempts {
		if calls[i] > 0 {
			groups[calls[i]-1] = append(groups[calls[i]-1], a)
		}
	}
	made = len(groups)
	spans := []span{}
	met := touched(t.Run, groups)
	for i, group := range groups {
		number := 0
		if met[i] || !fallback {
			judged++
			number = judged
			spans = append(spans, spanOf(group))
		}
		for _, a := range group {
			lanes[timeline.ProviderLane(a.Provider, a.Call, a.N)] = timeline.ProviderLane(a.Provider, number, a.N)
		}
	}
	if made == 1 {
		return t, 1, 1
	}
	split = timeline.Timeline{Run: t.Run, Events: clientLanes(t.Events, spans)}
	if len(t.Run.Calls) > 0 {
		split.Run.Calls = slices.Repeat(t.Run.Calls[:1], judged)
	}
	for i, e := range split.Events {
		if lane, ok := lanes[e.Lane]; ok {
			split.Events[i].Lane = lane
		}
	}
	timeline.Sort(split.Events)
	return split, made, judged
}

// touched reports for each call whether it met a fault. One that the primary answered at once did
// not, and neither did one that asked another provider before anybody had asked the primary: a test
// of the fallback alone. If no call did, the first one counts as if it had.
func touched(run timeline.Run, groups [][]timeline.Attempt) []bool {
	met := make([]bool, len(groups))
	asked := false
	for i, group := range groups {
		first := slices.IndexFunc(group, func(a timeline.Attempt) bool { return a.Provider == run.Primary() })
		asked = asked || first >= 0
		met[i] = asked && (len(group) != 1 || first < 0 || !group[0].Answered())
	}
	if !slices.Contains(met, true) {
		met[0] = true
	}
	return met
}

// A span is the time of one call, from its first request to its answer.
type span struct{ start, end time.Duration }

func spanOf(group []timeline.Attempt) (s span) {
	if len(group) == 0 {
		return s
	}
	s.start = group[0].Start
	for _, a := range group {
		if a.Answered() {
			s.end = max(s.end, a.LastContent)
		}
	}
	return s
}

// clientLanes returns the events with a client's lane for each span. The first begins with the
// command and the last ends with it.
func clientLanes(events []timeline.Event, spans []span) []timeline.Event {
	last := timeline.ClientLane(len(spans))
	var all []timeline.Event
	for _, e := range events {
		if e.Lane == timeline.ClientLane(1) && e.Kind != timeline.CallStarted {
			e.Lane = last
		}
		all = append(all, e)
	}
	for i, s := range spans {
		lane := timeline.ClientLane(i + 1)
		if i > 0 {
			all = append(all, timeline.Event{
				At: s.start, Until: s.start, Lane: lane, Seq: 1, Count: 1, Kind: timeline.CallStarted,
			})
		}
		if i < len(spans)-1 {
			all = append(all, timeline.Event{
				At: s.end, Until: s.end, Lane: lane, Seq: 2, Count: 1, Kind: timeline.CallAnswered,
			})
		}
	}
	return all
}
