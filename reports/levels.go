package reports

import (
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Level is one question about an engine, which a set of scenarios answers. Scenarios have the
// names of the catalogue, or fault:NAME for a single fault.
type Level struct {
	// Name is the column of the scorecard. Asks says, in one sentence, what the level demands.
	Name, Asks string
	Scenarios  []string
	// look returns Failed if a run loses the level, Unknown if it cannot tell, else Passed.
	look func(Run) assertions.Verdict
}

// A Standing is the result of an engine on a level: Failed if a run lost it, else Unknown if a run
// that it needs is missing, skipped or unknown, else Passed.
type Standing struct {
	Verdict assertions.Verdict
	// Lost lists the scenarios that lost the level, Open those that could not decide it.
	Lost, Open []string
}

// A Group is a part of the scorecard's scenarios, by what happens.
type Group struct {
	Name      string
	Scenarios []string
}

// Groups returns the scenarios of the scorecard: 27 with a fault, and 5 in which the primary is
// healthy, or healthy enough.
func Groups() []Group {
	return []Group{
		{"silence and stalls", []string{
			"heartbeat-only", "heartbeat-only-tight", "silence-after-headers", "no-response", "empty-deltas",
			"slow-trickle",
			"fault:stall-after-first-token", "fault:pings-after-content",
		}},
		{"errors before the answer", []string{
			"server-error", "overloaded", "rate-limited", "rate-limited-retry-after", "quota-exhausted",
			"error-before-content", "fault:unauthorized",
			"fault:error-inside-200", "html-inside-200", "fault:close-before-headers",
		}},
		{"errors in the middle, and odd endings", []string{
			"mid-stream-drop", "early-end", "fault:error-after-content", "fault:cut-in-frame", "fault:malformed-json",
			"tool-call-truncated", "empty-answer",
		}},
		{"one call after another", []string{"second-call", "primary-returns"}},
		{
			"nothing is wrong",
			[]string{"healthy", "slow-but-healthy", "one-blip", "finish-then-heartbeats", "fault:missing-done"},
		},
	}
}

// Conformance returns the names of the scenarios of all Groups, in their order.
func Conformance() (all []string) {
	for _, g := range Groups() {
		all = append(all, g.Scenarios...)
	}
	return all
}

// Levels returns the levels of the scorecard, in the order of its columns.
func Levels() []Level {
	silent := []string{"heartbeat-only", "silence-after-headers", "no-response", "empty-deltas"}
	errors := []string{
		"server-error", "overloaded", "rate-limited", "rate-limited-retry-after", "quota-exhausted",
		"error-before-content",
	}
	return []Level{
		{
			Name: "never hangs", Scenarios: Conformance(), look: hangs,
			Asks: "Every call ends by itself: none is cut after 20 minutes, or at the scenario's deadline.",
		},
		{
			Name: "never lies", Scenarios: Conformance(), look: lies,
			Asks: "No call reports success with an answer that no provider gave: a part of one, a mix of two, or " +
				"nothing.",
		},
		{
			Name: "falls back in time", Scenarios: slices.Concat(silent, errors), look: holds("time_to_fallback"),
			Asks: "The next provider is asked within the scenario's limit: after five minutes of silence, or seconds " +
				"after an error.",
		},
		{
			Name:      "leaves the healthy alone",
			Scenarios: []string{"healthy", "slow-but-healthy", "one-blip", "finish-then-heartbeats"},
			look:      holds("no_fallback"),
			Asks: "No other provider is asked while the primary is healthy, even if it is slow or loses a " +
				"single connection.",
		},
		{
			Name: "returns", Scenarios: []string{"primary-returns"}, look: returns,
			Asks: "A provider that was left is asked again a quarter of an hour later, when it is healthy.",
		},
		{
			Name:      "bills right",
			Scenarios: slices.Concat(silent, errors, []string{"healthy", "slow-but-healthy", "second-call"}),
			look:      holds("attempts", "connection_closed"),
			Asks: "No provider is asked more often than the scenario allows. An abandoned request is closed, so " +
				"that its tokens cost nothing.",
		},
	}
}

// Stand returns the result of an engine on the level. runs holds the engine's runs, by scenario;
// all repetitions count.
func (l Level) Stand(runs map[string][]Run) Standing {
	return l.stand(func(name string) assertions.Verdict {
		if len(runs[name]) == 0 {
			return assertions.Unknown
		}
		worst := assertions.Passed
		for _, run := range runs[name] {
			worst = worseLook(worst, l.of(run))
		}
		return worst
	})
}

// worseLook returns the worse of two verdicts: Failed, then Unknown, then Passed.
func worseLook(a, b assertions.Verdict) assertions.Verdict {
	for _, v := range []assertions.Verdict{assertions.Failed, assertions.Unknown} {
		if a == v || b == v {
			return v
		}
	}
	return assertions.Passed
}

// stand returns an engine's result from the verdict of each scenario.
func (l Level) stand(seen func(scenario string) assertions.Verdict) Standing {
	var s Standing
	for _, name := range l.Scenarios {
		switch seen(name) { //nolint:exhaustive // these three
		case assertions.Failed:
			s.Lost = append(s.Lost, name)
		case assertions.Unknown:
			s.Open = append(s.Open, name)
		}
	}
	switch {
	case len(s.Lost) > 0:
		s.Verdict = assertions.Failed
	case len(s.Open) > 0:
		s.Verdict = assertions.Unknown
	default:
		s.Verdict = assertions.Passed
	}
	return s
}

// of judges a run, if it was judged at all.
func (l Level) of(run Run) assertions.Verdict {
	premise := slices.ContainsFunc(run.Expectations, func(e Expectation) bool {
		return e.Name == assertions.PremiseName && e.Verdict == assertions.Unknown
	})
	if run.Verdict == assertions.Skipped || premise || len(run.Calls) == 0 {
		return assertions.Unknown
	}
	return l.look(run)
}

// longCell is how long a call must last to count as a hang, unless the scenario's deadline cuts it
// before.
const longCell = 20 * time.Minute

// hangs looks for calls that did not end. A call that was cut early is Unknown.
func hangs(run Run) assertions.Verdict {
	found := assertions.Passed
	for _, c := range run.Calls {
		switch {
		case c.Outcome == 0:
			return assertions.Unknown
		case c.Outcome != timeline.Hung:
		case run.CallLimit > 0 && run.CallLimit.Duration() < longCell:
			found = assertions.Unknown
		default:
			return assertions.Failed
		}
	}
	return found
}

// lies looks for calls whose answer no provider gave.
func lies(run Run) assertions.Verdict {
	for _, c := range run.Calls {
		switch c.Outcome {
		case 0:
			return assertions.Unknown
		case timeline.Answered, timeline.FailedClearly, timeline.Hung, timeline.HungUp:
		case timeline.Truncated, timeline.Spliced, timeline.Duplicated, timeline.Reordered, timeline.Empty,
			timeline.Altered, timeline.Invalid:
			return assertions.Failed
		}
	}
	return assertions.Passed
}

// holds returns a function that judges a run by the expectations with these names.
func holds(names ...string) func(Run) assertions.Verdict {
	return func(run Run) assertions.Verdict {
		seen, worst := false, assertions.Passed
		for _, e := range run.Expectations {
			if !slices.Contains(names, e.Name) || e.Verdict == assertions.Skipped {
				continue
			}
			seen = true
			switch e.Verdict { //nolint:exhaustive // the others hold
			case assertions.Failed:
				return assertions.Failed
			case assertions.Unknown:
				worst = assertions.Unknown
			}
		}
		if !seen {
			return assertions.Unknown
		}
		return worst
	}
}

// returns checks that the second call went back to the primary after the first one had left it. A
// run in which the engine never left the primary is Unknown.
func returns(run Run) assertions.Verdict {
	if len(run.Calls) < 2 || len(run.Providers) == 0 || run.Calls[0].Measures.TimeToFallback == nil {
		return assertions.Unknown
	}
	if second := run.Calls[1]; second.Outcome == timeline.Answered && second.AnsweredBy == run.Providers[0].Name {
		return assertions.Passed
	}
	return assertions.Failed
}
