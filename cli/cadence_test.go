package cli_test

import (
	"flag"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets"
)

// wall runs the tests that take many seconds of real time.
var wall = flag.Bool("wall", false, "also run what takes many seconds of real time")

// idlers are engines with an idle timer, for a worker to serve: one that counts heartbeats, and one
// that counts content.
func idlers() campaign.Targets {
	var all campaign.Targets
	for _, idle := range []time.Duration{time.Second, 5 * time.Second} {
		all = append(all,
			campaign.Target{Name: "counts-heartbeats-" + idle.String(), Factory: wrong.CountsHeartbeats(idle)},
			campaign.Target{
				Name:    "counts-content-" + idle.String(),
				Factory: harnesstest.NewPlain(harnesstest.Options{FirstContent: idle, Stall: idle}),
			})
	}
	return all
}

// TestIdleIsNotContentInAWorker runs the engines in processes of their own, on the wall clock.
// Their timers are found there too, which takes the timer's time, and an engine that counts
// heartbeats waits until it is cut.
func TestIdleIsNotContentInAWorker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ idle, cadence, cut time.Duration }{
		{time.Second, 500 * time.Millisecond, 4 * time.Second},
		{5 * time.Second, 2500 * time.Millisecond, 12 * time.Second},
	} {
		t.Run(c.idle.String(), func(t *testing.T) {
			t.Parallel()
			if c.idle > time.Second && !*wall {
				t.Skip("it takes 20 s of real time: go test ./cli -wall")
			}
			chosen, err := fragile().Targets.Choose([]string{
				"counts-heartbeats-" + c.idle.String(), "counts-content-" + c.idle.String(),
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range chosen {
				v = targets.Isolate(v)
				v.Inside, v.CallLimit = nil, c.cut
				v.Options = append(v.Options, harness.WithOutside(harness.Outside{PromptLimit: 1, WarmUp: 2}),
					harness.WithProtocols("openai-chat"))
				chosen[i] = v
			}
			plan, err := campaign.NewPlan(chosen, campaign.Options{
				Scenarios: []string{"heartbeat-only"},
				Limits:    assertions.Limits{"time_to_fallback": c.cut - time.Second},
			})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]assertions.Verdict{chosen[0].Name: assertions.Failed, chosen[1].Name: assertions.Passed}
			_, err = plan.Execute(t.Context(), func(run reports.Run) error {
				if run.Verdict != want[run.Target] {
					t.Errorf("%s: %s, want %s: %+v", run.Target, run.Verdict, want[run.Target], run.Expectations)
				}
				if got := run.Cadence.Duration(); got < c.cadence*4/5 || got > c.cadence*3/2 {
					t.Errorf("%s: a heartbeat every %s, want about %s", run.Target, got, c.cadence)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
