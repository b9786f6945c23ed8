package harness

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// ownStorm is how many pieces a provider has to send in one response for a storm of events to be
// its own: a quarter of all that are kept of one call.
const ownStorm = timeline.DefaultEventLimit / 4

// stormed adds to the events of a run of that many calls, which were too many, whose doing that
// was: the provider's whose script sends without end, or else the engine's.
func stormed(events []timeline.Event, calls int) []timeline.Event {
	sent := map[string]int{}
	for _, e := range events {
		if strings.HasPrefix(e.Lane, "provider/") {
			sent[e.Lane]++
		}
		if sent[e.Lane] >= ownStorm {
			return appendEvent(events, timeline.WorldLane, timeline.HarnessFailed, fmt.Sprintf(
				"the script of %s has sent more than %d pieces: a storm of its own", e.Lane, ownStorm))
		}
	}
	return appendEvent(events, underWay(events), timeline.CallBlocked,
		fmt.Sprintf("it caused a storm of more than %d requests or %d events", laneLimit(calls), eventLimit(calls)))
}
