package docs_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// newEngine is the engine of the README: that of WRITING_A_TARGET.md.
func newEngine(lab harness.Lab) harness.Target {
	return relay{lab.Upstreams(), 20 * time.Second}
}

func TestFallsBack(t *testing.T) {
	harness.Run(t, "heartbeat-only", newEngine,
		harness.WithProtocols("openai-chat"),
		harness.WithLimits(assertions.Limits{"time_to_fallback": 30 * time.Second}),
	).Check(t)
}

// TestFallsBackHasTeeth fails an engine that waits too long.
func TestFallsBackHasTeeth(t *testing.T) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		t.Fatal(err)
	}
	run := harness.RunScenario(s, func(lab harness.Lab) harness.Target {
		return relay{lab.Upstreams(), time.Minute}
	}, harness.WithProtocols("openai-chat"),
		harness.WithLimits(assertions.Limits{"time_to_fallback": 30 * time.Second}))
	if run.Verdict() != assertions.Failed {
		t.Errorf("got %s", run.Verdict())
	}
}
