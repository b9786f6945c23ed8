package campaign

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

const (
	// longestWait is where the search for a variant's patience ends.
	longestWait = time.Hour
	// waitStep is how fine it is.
	waitStep = time.Second
)

// Patience returns how late the first token of a healthy stream may come before a variant abandons
// it; whole is true if it waits for an hour and longer. It runs streams that are later and later: a
// bisection, because an engine that abandons a stream after some wait also abandons a longer one.
// The stream stands in the place of the primary of the scenario like.
func Patience(v Variant, like scenarios.Scenario, seed uint64) (wait time.Duration, whole bool) {
	low, high := time.Duration(0), longestWait
	if !abandons(v, like, high, seed) {
		return longestWait, true
	}
	for high-low > waitStep {
		middle := ((low + high) / 2).Round(waitStep)
		if abandons(v, like, middle, seed) {
			high = middle
		} else {
			low = middle
		}
	}
	return low, false
}

// patience is Patience in words.
func patience(v Variant, like scenarios.Scenario, seed uint64) string {
	wait, whole := Patience(v, like, seed)
	if whole {
		return fmt.Sprintf("%s and longer", wait)
	}
	return "up to " + wait.String()
}

// abandons reports whether a variant leaves a stream whose first token comes after wait, kept open
// by heartbeats until then.
func abandons(v Variant, like scenarios.Scenario, wait time.Duration, seed uint64) bool {
	const beat = 5 * time.Second
	slow := fakeprovider.Script{
		fakeprovider.Repeat{Times: 1 + int(wait/beat), Every: beat, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}}},
		fakeprovider.Wait{For: wait % beat},
		fakeprovider.Text{},
		fakeprovider.Finish{Reason: "stop"},
	}
	s := scenarios.OfFault("first-token", slow)
	s.Deadline = 2 * longestWait
	s.Calls = like.Calls
	s.Providers[0].Protocol = like.Providers[0].Protocol
	t := harness.RunScenario(s, v.Factory, harness.WithSeed(seed))
	return t.Timeline.Measures(1).TimeToFallback != nil
}
