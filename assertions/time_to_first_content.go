package assertions

import (
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// TimeToFirstContent expects the first text to reach the caller within Max of the call's start.
type TimeToFirstContent struct {
	// Max is the longest time allowed, inclusive.
	Max time.Duration `yaml:"-"`
}

var (
	_ Limited = TimeToFirstContent{}
	_ Seeing  = TimeToFirstContent{}
)

// Name returns "time_to_first_content".
func (TimeToFirstContent) Name() string { return "time_to_first_content" }

// Title returns what the expectation is, in one line.
func (TimeToFirstContent) Title() string {
	return "From the call's start to the first text, against a limit"
}

// Measure returns "time_to_first_content".
func (TimeToFirstContent) Measure() string { return "time_to_first_content" }

// Limit returns Max.
func (e TimeToFirstContent) Limit() time.Duration { return e.Max }

// WithLimit returns the expectation with another limit.
func (TimeToFirstContent) WithLimit(limit time.Duration) Expectation {
	return TimeToFirstContent{Max: limit}
}

// Args returns max_s.
func (e TimeToFirstContent) Args() map[string]any { return limitArgs(e.Max) }

// Unseen returns a reason if the caller was not seen.
func (TimeToFirstContent) Unseen(r timeline.Run) string { return callerUnseen(r) }

// Judge compares the slowest call's time to its first text with Max.
func (e TimeToFirstContent) Judge(t timeline.Timeline) Finding {
	return judgeLimit(t, e.Max, "the first content",
		func(m timeline.Measures) *timeline.Seconds { return m.TimeToFirstContent },
		func(c timeline.Client) int {
			for _, d := range c.Deliveries {
				if !d.Restart {
					return d.Event
				}
			}
			return c.Ended
		})
}

// Advise tells how the first content comes sooner.
func (e TimeToFirstContent) Advise(t timeline.Timeline, f Finding) string {
	return adviseSooner(t, f, e.Max, func(m timeline.Measures) *timeline.Seconds { return m.TimeToFirstContent })
}
