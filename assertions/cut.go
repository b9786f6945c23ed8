package assertions

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// cutByTarget says how a call was cut before the scenario's deadline because the target's
// limits.call says so, or returns "". What had not happened by then might have happened still.
func cutByTarget(t timeline.Timeline, c timeline.Client) string {
	if c.Ending != timeline.CallCut || t.Run.CallLimit <= 0 || (t.Run.Deadline > 0 && t.Run.CallLimit >= t.Run.Deadline) {
		return ""
	}
	return fmt.Sprintf("the call was cut after %s by the target's limits.call", (c.End - c.Start).Round(time.Millisecond))
}

// anyCutByTarget returns what cutByTarget says of the first call that was cut, or "".
func anyCutByTarget(t timeline.Timeline) string {
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return ""
		}
		if how := cutByTarget(t, client); how != "" {
			return how
		}
	}
}
