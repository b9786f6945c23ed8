package campaign

import (
	"fmt"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

const (
	// longestWait is the upper limit of the search for a variant's patience.
	longestWait = time.Hour
	// waitStep is the resolution of the search.
	waitStep = time.Second
)

// Patience returns how late the first token of a healthy stream may come before a variant abandons
// it. whole is true if the variant waits for an hour or longer.
//
// Patience searches by bisection, with streams whose first token comes later and later: an engine
// that abandons one stream also abandons later ones. The stream replaces the primary of the
// scenario like.
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

// patience formats the result of Patience.
func patience(v Variant, like scenarios.Scenario, seed uint64) string {
	wait, whole := Patience(v, like, seed)
	if whole {
		return fmt.Sprintf("%s and longer", wait)
	}
	return "up to " + wait.String()
}

// abandons reports whether a variant leaves a stream that only sends heartbeats until its first
// token comes after wait.
func abandons(v Variant, like scenarios.Scenario, wait time.Duration, seed uint64) bool {
	const beat = 5 * time.Second
	slow := fakeprovider.Script{
		fakeprovider.Repeat{
			Times: 1 + int(wait/beat), Every: beat, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}},
		},
		fakeprovider.Wait{For: wait % beat},
		fakeprovider.Text{},
		fakeprovider.Finish{Reason: "stop"},
	}
	s := scenarios.OfFault("first-token", slow)
	s.Deadline = 2 * longestWait
	s.Calls = slices.Clone(like.Calls)
	for i := range s.Calls { // a caller that waits as long as it takes
		s.Calls[i].Count, s.Calls[i].HangUp = 1, 0
	}
	s.Providers[0].Protocol = like.Providers[0].Protocol
	t := harness.RunScenario(s, v.Factory, harness.WithSeed(seed))
	return t.Timeline.Measures(1).TimeToFallback != nil
}
