package assertions

import (
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// TimeToFallback expects the first request at a provider other than the primary within Max of the
// call's start.
type TimeToFallback struct {
	// Max is the longest time allowed, inclusive.
	Max time.Duration `yaml:"-"`
}

var _ Limited = TimeToFallback{}

// Name returns "time_to_fallback".
func (TimeToFallback) Name() string { return "time_to_fallback" }

// Title returns what the expectation is, in one line.
func (TimeToFallback) Title() string {
	return "From the call's start to the first request at another provider, against a limit"
}

// Measure returns "time_to_fallback".
func (TimeToFallback) Measure() string { return "time_to_fallback" }

// Limit returns Max.
func (e TimeToFallback) Limit() time.Duration { return e.Max }

// WithLimit returns the expectation with another limit.
func (TimeToFallback) WithLimit(limit time.Duration) Expectation { return TimeToFallback{Max: limit} }

// Args returns max_s.
func (e TimeToFallback) Args() map[string]any { return limitArgs(e.Max) }

// Judge compares the slowest call's time to fallback with Max. A call without fallback fails,
// unless it was cut before the limit could pass, which is unknown. If no fallback was possible,
// because text had reached a caller that cannot start over, the time to the error counts.
func (e TimeToFallback) Judge(t timeline.Timeline) Finding {
	evidence := func(c timeline.Client) int {
		for _, a := range t.CallAttempts(c.Call) {
			if a.Provider != t.Run.Primary() {
				return a.Received
			}
		}
		return c.Ended
	}
	return judgeCalls(t, e.Max, evidence, func(c timeline.Client) Finding {
		took := t.Measures(c.Call).TimeToFallback
		if f, ok := strandedFallback(t, c, e.Max); ok && took == nil {
			return f
		}
		return judgeCallLimit(t, c, e.Max, "fallback", took)
	})
}

// Advise tells how the fallback comes sooner, or how the engine gets to one.
func (e TimeToFallback) Advise(t timeline.Timeline, f Finding) string {
	c, ok := callOf(t, f)
	if !ok {
		return ""
	}
	if took := t.Measures(c.Call).TimeToFallback; took != nil {
		return adviseFaster(t, c, t.Origin(c.Call)+took.Duration(), e.Max)
	}
	switch outcome, _ := t.Outcome(c.Call); {
	case c.Ending == timeline.CallFailed:
		return adviseGoOn(t, c)
	case c.Ending == timeline.CallAnswered && !t.Run.CallerUnseen:
		return adviseAnswer(t, c, outcome)
	}
	return adviseFaster(t, c, c.End, e.Max)
}
