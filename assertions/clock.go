package assertions

import (
	"fmt"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// doubt turns a finding about a time into Unknown if the time is nearer to its limit than the run's
// clock is true.
func doubt(t timeline.Timeline, call int, f Finding) Finding {
	got, ok := f.Got.(timeline.Seconds)
	limit, limited := f.Limit.(timeline.Seconds)
	if !ok || !limited || f.Verdict != Passed && f.Verdict != Failed {
		return f
	}
	by, why := inexact(t.Run, call, got)
	if by == 0 || (got-limit).Duration().Abs() > by {
		return f
	}
	f.Verdict, f.Clock = Unknown, t.Run.Clock != "wall" // which has no referee but itself
	f.Message += fmt.Sprintf("; the two are nearer than %s, so this decides nothing: %s", round(timeline.Seconds(by)),
		why)
	return f
}

// inexact returns by how much a time of a call may be off because of the run's clock, and why. It
// returns 0 for a clock that is exact.
func inexact(r timeline.Run, call int, got timeline.Seconds) (by time.Duration, why string) {
	if e := r.Evidence; e != nil && !strings.HasPrefix(r.Clock, "x") {
		share := min(e.CallCPU(call), got) // a part of the time is not longer than all of it
		return share.Duration(),
			fmt.Sprintf("up to %s of the time is that of the processor, and another machine takes longer or less",
				round(share))
	}
	if strings.HasPrefix(r.Clock, "x") && r.Distortion > r.SchedulingError {
		return r.Distortion.Duration(),
			fmt.Sprintf("at %s a healthy call took %s longer than its script", r.Clock, round(r.Distortion))
	}
	return r.SchedulingError.Duration(),
		fmt.Sprintf("on the clock %s the harness was late by up to %s", r.Clock, round(r.SchedulingError))
}
