package proctime

import (
	"fmt"
	"time"
)

// A Song is the report of a [Canary].
type Song struct {
	// Rounds is how often it played.
	Rounds int
	// Timeouts counts the answers that took longer than CanaryPatience, although they take no time.
	Timeouts int
	// Leaps counts the rounds in which the clock jumped by more than CanaryLeap although data was
	// in flight all the time.
	Leaps int
}

const (
	// CanaryPatience is how long a canary waits for an answer that takes some microseconds.
	CanaryPatience = 10 * time.Second
	// CanaryLeap is how far the clock may leap in a round. Go's own scheduler may leave a thread
	// asleep for 10 ms at a time, until its monitor looks.
	CanaryLeap = time.Second
)

// Trouble says what is wrong with the clock, or "".
func (s Song) Trouble() string {
	switch {
	case s.Timeouts > 0:
		return fmt.Sprintf("%d of the canary's answers, which are there at once, took longer than %s: the clock "+
			"jumped while data was under way", s.Timeouts, CanaryPatience)
	case s.Leaps > 0:
		return fmt.Sprintf("in %d of the canary's %d rounds the clock leapt by more than %s while data was under way",
			s.Leaps, s.Rounds, CanaryLeap)
	}
	return ""
}
