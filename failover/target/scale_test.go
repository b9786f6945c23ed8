package target_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A factory can be used for any number of runs. Each run scales the original policy, not that of
// the previous run.
func TestOneFactoryForThreeAcceleratedRuns(t *testing.T) {
	t.Parallel()
	p := recommended(t)
	factory := target.Factory(p)
	s := scenarios.OfFault("stalled", fault.HeartbeatOnly{Every: 10 * time.Second})
	for run := range 3 {
		trial := harness.RunScenario(s, factory, harness.WithClock(harness.Accelerated(60)))
		took := trial.Timeline.Measures(1).TimeToFallback
		if took == nil {
			t.Fatalf("run %d never fell back\n%s", run+1, trial.Timeline)
		}
		// 42 s take 0.7 s of the wall, and a busy machine is late by a part of that. Scaled twice
		// they would take 0.7 s of the scenario.
		if got := took.Duration(); got < p.Hedge.After*9/10 || got > p.Hedge.After*2 {
			t.Errorf("run %d fell back after %s of scenario time, want about %s", run+1, got, p.Hedge.After)
		}
	}
}
