package assertions

import (
	"fmt"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// cutEarly says how a call was cut before the scenario's deadline, or returns "". What had not
// happened by then might have happened still.
func cutEarly(t timeline.Timeline, c timeline.Client) string {
	if c.Ending != timeline.CallCut || t.Run.CallLimit <= 0 ||
		(t.Run.Deadline > 0 && t.Run.CallLimit >= t.Run.Deadline) {
		return ""
	}
	by := map[timeline.CallLimitBy]string{
		timeline.LimitByTarget: "by the target's limits.call", timeline.LimitByOption: "by --limit call",
		timeline.LimitOfCell: "by the limit of a cell",
	}[t.Run.CallLimitBy]
	return fmt.Sprintf("the call was cut after %s %s", (c.End - c.Start).Round(time.Millisecond), by)
}

// toSeeMore says what to do about a call that cutEarly speaks of.
func toSeeMore(t timeline.Timeline) string {
	if t.Run.Deadline <= 0 {
		return ""
	}
	said := "; --limit call=" + short(t.Run.Deadline.Duration()) + " shows more"
	if t.Run.CallLimitBy == timeline.LimitOfCell && t.Run.Clock != virtualClock {
		said += ", and --clock virtual does for an engine that chaosrun starts"
	}
	return said
}

// virtualClock is the name of the clock on which long waits cost nothing.
const virtualClock = "virtual"

// short formats a duration without the zeros at its end: "2h" and not "2h0m0s".
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// anyCutEarly returns what cutEarly says of the first call that was cut, or "".
func anyCutEarly(t timeline.Timeline) string {
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return ""
		}
		if how := cutEarly(t, client); how != "" {
			return how
		}
	}
}
