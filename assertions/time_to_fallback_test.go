package assertions_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
)

func TestTimeToFallback(t *testing.T) {
	judges(t,
		row{"fallback in time", fellBack(10), assertions.TimeToFallback{Max: 10 * time.Second}, assertions.Passed, "took 10s"},
		row{"fallback too late", fellBack(10.5), assertions.TimeToFallback{Max: 10 * time.Second}, assertions.Failed, "took 10.5s, limit 10s"},
		row{"no fallback", healthy(), assertions.TimeToFallback{Max: time.Minute}, assertions.Failed, "never happened"},
		row{"hung past the limit", cut(60), assertions.TimeToFallback{Max: time.Minute}, assertions.Failed, "cut at its deadline after 1m0s"},
		row{"cut before the limit", cut(59), assertions.TimeToFallback{Max: time.Minute}, assertions.Unknown, "before the limit"},
		row{"cut by the target past the limit", cutByTarget(cut(60), 60), assertions.TimeToFallback{Max: time.Minute}, assertions.Failed, "cut after 1m0s by the target's limits.call, limit 1m0s"},
		row{"cut by the target before the limit", cutByTarget(cut(60), 60), assertions.TimeToFallback{Max: 5 * time.Minute}, assertions.Unknown, "by the target's limits.call, before fallback and before the limit of 5m0s"},
	)
}
