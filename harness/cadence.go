package harness

import (
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Pace returns the longest pause between the heartbeats of a scenario's faults, or 0 if none of
// them holds a stream open that way.
func Pace(s scenarios.Scenario) (longest time.Duration) {
	for entry := range everyFault(s) {
		longest = max(longest, fakeprovider.PaceOf(entry))
	}
	return longest
}

// withCadence returns the scenario with pauses of d at most. applied is d if that shortened one,
// else 0. A d of 0 changes nothing.
func withCadence(s scenarios.Scenario, d time.Duration) (paced scenarios.Scenario, applied time.Duration) {
	if d <= 0 || Pace(s) <= d {
		return s, 0
	}
	s.Providers = slices.Clone(s.Providers)
	for i := range s.Providers {
		p := &s.Providers[i]
		p.OnRequest = slices.Clone(p.OnRequest)
		for k, entry := range p.OnRequest {
			p.OnRequest[k] = fakeprovider.AtPace(entry, d)
		}
	}
	s.Outages = slices.Clone(s.Outages)
	for i, o := range s.Outages {
		s.Outages[i].Fault = fakeprovider.AtPace(o.Fault, d)
	}
	return s, d
}
