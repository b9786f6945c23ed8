package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestTimeToFallback(t *testing.T) {
	judges(t,
		row{
			"fallback in time", fellBack(10),
			assertions.TimeToFallback{Max: 10 * time.Second},
			assertions.Passed,
			"took 10s",
		},
		row{
			"fallback too late", fellBack(10.5),
			assertions.TimeToFallback{Max: 10 * time.Second},
			assertions.Failed,
			"took 10.5s, limit 10s",
		},
		row{"no fallback", healthy(), assertions.TimeToFallback{Max: time.Minute}, assertions.Failed, "never happened"},
		row{
			"hung past the limit", cut(60),
			assertions.TimeToFallback{Max: time.Minute},
			assertions.Failed,
			"cut at its deadline after 1m0s",
		},
		row{
			"cut before the limit", cut(59),
			assertions.TimeToFallback{Max: time.Minute},
			assertions.Unknown,
			"before the limit",
		},
		row{
			"stranded, and told in time", stranded(),
			assertions.TimeToFallback{Max: 3 * time.Second},
			assertions.Passed,
			"no fallback was possible once text of primary had reached a caller that cannot start over; the error " +
				"took 3s, limit 3s",
		},
		row{
			"stranded, and told too late", stranded(),
			assertions.TimeToFallback{Max: 2 * time.Second},
			assertions.Failed, "the error took 3s, limit 2s",
		},
		row{
			"not stranded", restartable(),
			assertions.TimeToFallback{Max: 3 * time.Second},
			assertions.Failed,
			"never happened",
		},
		row{
			"cut by the target past the limit", cutByTarget(cut(60), 60),
			assertions.TimeToFallback{Max: time.Minute},
			assertions.Failed, "cut after 1m0s by the target's limits.call, limit 1m0s",
		},
		row{
			"cut at the limit of a cell before the limit", cutBy(cut(60), 60, timeline.LimitOfCell, "wall"),
			assertions.TimeToFallback{Max: 5 * time.Minute},
			assertions.Unknown,
			"the call was cut after 1m0s by the limit of a cell, before fallback and before the limit of 5m0s; " +
				"--limit call=2h shows more, and --clock virtual does for an engine that chaosrun starts",
		},
		row{
			"the same in virtual time", cutBy(cut(60), 60, timeline.LimitOfCell, "virtual"),
			assertions.TimeToFallback{Max: 5 * time.Minute},
			assertions.Unknown,
			"before the limit of 5m0s; --limit call=2h shows more",
		},
		row{
			"cut by the command line before the limit", cutBy(cut(60), 60, timeline.LimitByOption, "wall"),
			assertions.TimeToFallback{Max: 5 * time.Minute},
			assertions.Unknown,
			"the call was cut after 1m0s by --limit call, before fallback and before the limit of 5m0s; --limit " +
				"call=2h shows more",
		},
		row{
			"cut at the limit of a cell past the limit", cutBy(cut(60), 60, timeline.LimitOfCell, "wall"),
			assertions.TimeToFallback{Max: time.Minute},
			assertions.Failed,
			"cut after 1m0s by the limit of a cell, limit 1m0s",
		},
		row{
			"cut by the target before the limit", cutByTarget(cut(60), 60),
			assertions.TimeToFallback{Max: 5 * time.Minute},
			assertions.Unknown,
			"by the target's limits.call, before fallback and before the limit of 5m0s",
		},
	)
}
