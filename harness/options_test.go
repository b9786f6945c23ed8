package harness_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

func TestParseClock(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"virtual", "wall", "x60", "x1.5"} {
		c, err := harness.ParseClock(good)
		if err != nil || c.String() != good {
			t.Errorf("%q came back as %q, %v", good, c, err)
		}
	}
	for _, bad := range []string{"", "x", "x0", "x-3", "x1001", "xNaN", "slow"} {
		if _, err := harness.ParseClock(bad); err == nil || !strings.Contains(err.Error(), "x60") {
			t.Errorf("%q gave %v, want an error with an example", bad, err)
		}
	}
}

// BenchmarkRun is one whole run of the flagship: built, played and judged.
func BenchmarkRun(b *testing.B) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if harness.RunScenario(s, harnesstest.Plain).Verdict() != assertions.Passed {
			b.Fatal("the plain engine does not fall back any more")
		}
	}
}
