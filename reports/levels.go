package reports

import (
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Level is one question about an engine, which a set of scenarios answers. The names of scenarios
// are those of the catalogue, or fault:NAME for a single fault.
type Level struct {
	// Name is the column of the scorecard. Asks says what is looked at.
	Name, Asks string
	Scenarios  []string
	// look returns Failed if a run loses the level, Unknown if it cannot tell, else Passed.
	look func(Run) assertions.Verdict
}

// A Standing is how an engine stands on a level: Failed if a run lost it, else Unknown if a run
// that it needs is missing, skipped or unknown, else Passed.
type Standing struct {
	Verdict assertions.Verdict
	// Lost and Open are the scenarios that lost the level, and those that could not tell.
	Lost, Open []string
}

// A Group is a part of the scorecard's scenarios, by what happens.
type Group struct {
	Name      string
	Scenarios []string
}

// Groups returns the scenarios of the scorecard: 27 in which something is wrong, and 5 in which all
// is right, or right enough.
func Groups() []Group {
	return []Group{
		{"silence and stalls", []string{
			"heartbeat-only", "heartbeat-only-tight", "silence-after-headers", "no-response", "empty-deltas", "slow-trickle",
			"fault:stall-after-first-token", "fault:pings-after-content",
		}},
		{"errors before the answer", []string{
			"server-error", "overloaded", "rate-limited", "rate-limited-retry-after", "quota-exhausted", "error-before-content", "fault:unauthorized",
			"fault:error-inside-200", "html-inside-200", "fault:close-before-headers",
		}},
		{"errors in the middle, and odd endings", []string{
			"mid-stream-drop", "early-end", "fault:error-after-content", "fault:cut-in-frame", "fault:malformed-json", "tool-call-truncated", "empty-answer",
		}},
		{"one call after another", []string{"second-call", "primary-returns"}},
		{"nothing is wrong", []string{"healthy", "slow-but-healthy", "one-blip", "finish-then-heartbeats", "fault:missing-done"}},
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
	errors := []string{"server-error", "overloaded", "rate-limited", "rate-limited-retry-after", "quota-exhausted", "error-before-content"}
	return []Level{
		{
			Name: "never hangs", Scenarios: Conformance(), look: hangs,
			Asks: "Every call ends by itself: none has to be cut after 20 minutes, or at the scenario's deadline.",
		},
		{
			Name: "never lies", Scenarios: Conformance(), look: lies,
			Asks: "No call presents something as an answer that no provider gave: a part of one, two in one, or nothing.",
		},
		{
			Name: "falls back in time", Scenarios: slices.Concat(silent, errors), look: holds("time_to_fallback"),
			Asks: "The next provider is asked within the scenario's limit: five minutes of silence, seconds after an error.",
		},
		{
			Name: "leaves the healthy alone", Scenarios: []string{"healthy", "slow-but-healthy", "one-blip", "finish-then-heartbeats"}, look: holds("no_fallback"),
			Asks: "Nobody else is asked while the primary is all right, be it slow, or after a single lost connection.",
		},
		{
			Name: "returns", Scenarios: []string{"primary-returns"}, look: returns,
			Asks: "A provider that was left is asked again when it is well, a quarter of an hour later.",
		},
		{
			Name: "bills right", Scenarios: slices.Concat(silent, errors, []string{"healthy", "slow-but-healthy", "second-call"}), look: holds("attempts", "connection_closed"),
			Asks: "No provider is asked more often than the scenario allows, and a request that was given up is closed, so that nobody pays for its tokens.",
		},
	}
}

// Stand returns how an engine stands on the level. runs are those of the engine, by scenario; all
// repetitions count.
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

// worseLook returns the worse of two looks: what lost a level is lost, whatever else is unknown.
func worseLook(a, b assertions.Verdict) assertions.Verdict {
	for _, v := range []assertions.Verdict{assertions.Failed, assertions.Unknown} {
		if a == v || b == v {
			return v
		}
	}
	return assertions.Passed
}

// stand returns how an engine stands, from what was seen in each scenario.
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

// of looks at a run, if there is something to look at.
func (l Level) of(run Run) assertions.Verdict {
	premise := slices.ContainsFunc(run.Expectations, func(e Expectation) bool {
		return e.Name == assertions.PremiseName && e.Verdict == assertions.Unknown
	})
	if run.Verdict == assertions.Skipped || premise || len(run.Calls) == 0 {
		return assertions.Unknown
	}
	return l.look(run)
}

// longCell is how long a call has to last to be called a hang, if the scenario's deadline does not
// cut it before.
const longCell = 20 * time.Minute

// hangs looks for calls that did not end. A call that was cut early says nothing.
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
		case timeline.Truncated, timeline.Spliced, timeline.Duplicated, timeline.Reordered, timeline.Empty, timeline.Altered, timeline.Invalid:
			return assertions.Failed
		}
	}
	return assertions.Passed
}

// holds returns what looks at the expectations of these names.
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

// returns looks at the second call: it is the primary's, if the first one had left it. An engine
// that never left says nothing.
func returns(run Run) assertions.Verdict {
	if len(run.Calls) < 2 || len(run.Providers) == 0 || run.Calls[0].Measures.TimeToFallback == nil {
		return assertions.Unknown
	}
	if second := run.Calls[1]; second.Outcome == timeline.Answered && second.AnsweredBy == run.Providers[0].Name {
		return assertions.Passed
	}
	return assertions.Failed
}
