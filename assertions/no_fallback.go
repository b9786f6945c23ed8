package assertions

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// NoFallback expects that only the primary received requests. It is for a provider that is slow
// but not broken: abandoning it is a false alarm.
type NoFallback struct{}

var _ Expectation = NoFallback{}

// Name returns "no_fallback".
func (NoFallback) Name() string { return "no_fallback" }

// Title returns what the expectation is, in one line.
func (NoFallback) Title() string {
	return "Only the primary was asked: a fallback would have been a false alarm"
}

// Args returns an empty map.
func (NoFallback) Args() map[string]any { return map[string]any{} }

// Judge fails on the first request at another provider.
func (NoFallback) Judge(t timeline.Timeline) Finding {
	for _, a := range t.Attempts() {
		if a.Provider != t.Run.Primary() && a.N > 0 {
			return Finding{
				Verdict: Failed, Got: a.Provider, Events: []int{a.Received},
				Message: fmt.Sprintf("expected no fallback, but %s received a request after %s", a.Provider,
					a.Start.Round(time.Millisecond)),
			}
		}
	}
	if how := anyCutEarly(t); how != "" {
		return Finding{Verdict: Unknown, Message: how + ", before the engine could fall back" + toSeeMore(t)}
	}
	return Finding{Verdict: Passed, Message: "only " + t.Run.Primary() + " received requests"}
}

// Advise tells why to stay: the fault that the primary had is one to live with, or the engine was
// impatient.
func (NoFallback) Advise(t timeline.Timeline, _ Finding) string {
	for _, a := range t.Attempts() {
		if a.Provider != t.Run.Primary() {
			break
		}
		if said := right(t, a); said != "" {
			return said
		}
		if a.Ending == timeline.ClientDisconnected && !a.Finished {
			return adviseStay(a)
		}
	}
	return "stay with " + t.Run.Primary() + ": it answers, and nobody else has to be asked"
}
