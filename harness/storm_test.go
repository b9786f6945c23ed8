package harness_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/scenarios"
)

// storm is a script that goes round with next to no pause.
func storm(step fakeprovider.Step) fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Repeat{Every: time.Nanosecond, Steps: fakeprovider.Script{step}}}
}

// A storm of a script's own is not the engine's doing, and one of the engine's is.
func TestWhoseStorm(t *testing.T) {
	t.Parallel()
	heartbeats, texts := storm(fakeprovider.Heartbeat{}), storm(fakeprovider.Text{Value: "word "})
	for _, tt := range []struct {
		name    string
		fault   fakeprovider.Fault
		factory harness.Factory
		want    assertions.Verdict
		says    string
	}{
		{"heartbeats of a script", heartbeats, harnesstest.Plain, assertions.Unknown, "a storm of their own"},
		{"texts of a script", texts, harnesstest.Plain, assertions.Unknown, "a storm of its own"},
		{
			"requests of an engine",
			fakeprovider.Healthy{},
			wrong.AsksInAHotLoop(), assertions.Failed,
			"it caused a storm",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := harness.RunScenario(scenarios.OfFault("storm", tt.fault), tt.factory)
			if said := run.Judgement.Results[0].Message; run.Verdict() != tt.want || !strings.Contains(said, tt.says) {
				t.Errorf("got %s: %s", run.Verdict(), said)
			}
		})
	}
}

// In virtual time too an interrupt ends a run at once: one whose script goes round, and one whose
// engine computes.
func TestInterruptInVirtualTime(t *testing.T) {
	t.Parallel()
	var over atomic.Bool // ends the engine that the run has left behind
	t.Cleanup(func() { over.Store(true) })
	busy := primary(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		for !over.Load() {
			runtime.Gosched()
		}
		return nil
	})
	for name, tt := range map[string]struct {
		fault   fakeprovider.Fault
		factory harness.Factory
	}{
		"a script that goes round": {storm(fakeprovider.Heartbeat{}), harnesstest.Plain},
		"an engine that computes":  {fakeprovider.Healthy{}, busy},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		start := time.Now()
		run := harness.RunScenario(scenarios.OfFault("busy", tt.fault), tt.factory, harness.WithContext(ctx))
		took := time.Since(start)
		cancel()
		if !run.Interrupted || run.Verdict() != assertions.Unknown || took > 5*time.Second {
			t.Errorf("%s: interrupted %v, %s after %s: %+v", name, run.Interrupted, run.Verdict(), took,
				run.Judgement.Results)
		}
	}
}
