package assertions

import (
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// TimeToAnswer expects the call to succeed within Max of its start.
type TimeToAnswer struct {
	// Max is the longest time allowed, inclusive.
	Max time.Duration `yaml:"-"`
}

var (
	_ Limited = TimeToAnswer{}
	_ Seeing  = TimeToAnswer{}
)

// Name returns "time_to_answer".
func (TimeToAnswer) Name() string { return "time_to_answer" }

// Title returns what the expectation is, in one line.
func (TimeToAnswer) Title() string {
	return "From the call's start to its success, against a limit"
}

// Measure returns "time_to_answer".
func (TimeToAnswer) Measure() string { return "time_to_answer" }

// Limit returns Max.
func (e TimeToAnswer) Limit() time.Duration { return e.Max }

// WithLimit returns the expectation with another limit.
func (TimeToAnswer) WithLimit(limit time.Duration) Expectation { return TimeToAnswer{Max: limit} }

// Args returns max_s.
func (e TimeToAnswer) Args() map[string]any { return limitArgs(e.Max) }

// Unseen returns a reason if the caller was not seen.
func (TimeToAnswer) Unseen(r timeline.Run) string { return callerUnseen(r) }

// Judge compares the slowest call's time to success with Max.
func (e TimeToAnswer) Judge(t timeline.Timeline) Finding {
	return judgeLimit(t, e.Max, "the answer",
		func(m timeline.Measures) *timeline.Seconds { return m.TimeToAnswer },
		func(c timeline.Client) int { return c.Ended })
}

// Advise tells how the answer comes sooner.
func (e TimeToAnswer) Advise(t timeline.Timeline, f Finding) string {
	return adviseSooner(t, f, e.Max, func(m timeline.Measures) *timeline.Seconds { return m.TimeToAnswer })
}
