package main

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
)

const (
	// longestWait is where the search for a policy's patience ends.
	longestWait = time.Hour
	// waitStep is how fine it is.
	waitStep = time.Second
)

// patience finds how late the first token of a healthy stream may come before a policy abandons it, by running
// streams that are later and later: a bisection, because a policy that abandons a stream after some wait also abandons a
// longer one.
func patience(p failover.Policy, like scenarios.Scenario, seed uint64) string {
	low, high := time.Duration(0), longestWait
	if !abandons(p, like, high, seed) {
		return fmt.Sprintf("%s and longer", longestWait)
	}
	for high-low > waitStep {
		middle := ((low + high) / 2).Round(waitStep)
		if abandons(p, like, middle, seed) {
			high = middle
		} else {
			low = middle
		}
	}
	return "up to " + low.String()
}

// abandons says whether a policy leaves a stream whose first token comes after wait, kept open by heartbeats until then.
func abandons(p failover.Policy, like scenarios.Scenario, wait time.Duration, seed uint64) bool {
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
	t := harness.Conduct(s, builtin.Factory(p), harness.WithSeed(seed))
	return t.Timeline.Measures(1).TimeToFallback != nil
}
