package campaign_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
	"github.com/chaosrun/chaosrun/reports"
)

// idle returns two engines with an idle timer: one that counts heartbeats, and one that counts
// content.
func idle(d time.Duration) []campaign.Variant {
	chat := []harness.Option{harness.WithProtocols("openai-chat")}
	return []campaign.Variant{
		{Name: "counts-heartbeats", Factory: wrong.CountsHeartbeats(d), Options: chat},
		{
			Name: "counts-content", Factory: harnesstest.NewPlain(harnesstest.Options{FirstContent: d, Stall: d}),
			Options: chat,
		},
	}
}

// execute makes the runs of a plan and returns their reports by label.
func execute(t *testing.T, variants []campaign.Variant, o campaign.Options) map[string]reports.Run {
	t.Helper()
	plan, err := campaign.NewPlan(variants, o)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]reports.Run{}
	_, err = plan.Execute(t.Context(), func(run reports.Run) error {
		runs[run.Label()] = run
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestIdleIsNotContentAtAnyTimeout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		idle, cadence time.Duration
	}{
		{time.Second, 500 * time.Millisecond},
		{5 * time.Second, 2500 * time.Millisecond},
		{30 * time.Second, 0},
		{300 * time.Second, 0}, // the scenario's own 10 s find them
	} {
		t.Run(c.idle.String(), func(t *testing.T) {
			t.Parallel()
			runs := execute(t, idle(c.idle), campaign.Options{Scenarios: []string{"heartbeat-only"}})
			bad, good := runs["heartbeat-only / counts-heartbeats"], runs["heartbeat-only / counts-content"]
			if bad.Verdict != assertions.Failed || good.Verdict != assertions.Passed {
				t.Errorf("one that counts heartbeats %s, one that counts content %s: %+v", bad.Verdict, good.Verdict,
					good.Expectations)
			}
			for _, run := range []reports.Run{bad, good} {
				if got := run.Cadence.Duration(); got.Round(10*time.Millisecond) != c.cadence {
					t.Errorf("%s: a heartbeat every %s, want %s", run.Label(), got, c.cadence)
				}
				says := "--cadence " + run.Cadence.Duration().String()
				if (c.cadence > 0) != strings.Contains(run.Replay, says) {
					t.Errorf("a cadence of %s is replayed with %q", run.Cadence.Duration(), run.Replay)
				}
			}
		})
	}
}

// TestLuck shows what the cadence is for: with pauses of 10 s, an engine with an idle timer of 5 s
// passes, although it counts heartbeats.
func TestLuck(t *testing.T) {
	t.Parallel()
	variants := idle(5 * time.Second)[:1]
	for cadence, want := range map[campaign.Cadence]assertions.Verdict{
		campaign.AsWritten(): assertions.Passed, campaign.Every(20 * time.Second): assertions.Passed,
		campaign.Every(4 * time.Second): assertions.Failed, {}: assertions.Failed,
	} {
		run := execute(t, variants, campaign.Options{
			Scenarios: []string{"heartbeat-only"}, Cadence: cadence,
		})["heartbeat-only / counts-heartbeats"]
		if run.Verdict != want {
			t.Errorf("cadence %s: %s, want %s", cadence, run.Verdict, want)
		}
		if cadence == campaign.AsWritten() && !strings.Contains(run.Replay, "--cadence as-written") {
			t.Errorf("it is replayed with %q", run.Replay)
		}
	}
}

// TestAutoFindsWhatIsWritten checks that a replay with the cadence in the report is the same run.
func TestAutoFindsWhatIsWritten(t *testing.T) {
	t.Parallel()
	o := campaign.Options{Scenarios: []string{"heartbeat-only"}, Timeline: campaign.KeepAll}
	auto := execute(t, idle(5*time.Second), o)
	for label, want := range auto {
		o.Cadence = campaign.Every(want.Cadence.Duration())
		if diff := cmp.Diff(execute(t, idle(5*time.Second), o)[label], want); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCadenceIsFoundOnceForAnEngine(t *testing.T) {
	t.Parallel()
	for scenarios, want := range map[string]int{
		"heartbeat-only-s*": 1 + 3, "heartbeat-only*": 3, "server-error": 1, "heartbeat-only-gemini": 0,
	} {
		built := 0
		v := idle(5 * time.Second)[1]
		factory := v.Factory
		v.Factory = func(lab harness.Lab) harness.Target { built++; return factory(lab) }
		runs := execute(t, []campaign.Variant{v}, campaign.Options{Scenarios: []string{scenarios}, Parallel: 1})
		if strings.HasPrefix(scenarios, "heartbeat-only*") {
			for _, run := range runs {
				if run.Verdict != assertions.Skipped {
					want++
				}
			}
		}
		if built != want {
			t.Errorf("%s: %d engines were built for %d runs, want %d", scenarios, built, len(runs), want)
		}
	}
}

func TestParseCadence(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"auto", "as-written", "500ms"} {
		if c, err := campaign.ParseCadence(text); err != nil || c.String() != text {
			t.Errorf("%s came back as %s, %v", text, c, err)
		}
	}
	for _, text := range []string{"0s", "-1s", "often", "5"} {
		if _, err := campaign.ParseCadence(text); err == nil ||
			!strings.Contains(err.Error(), fmt.Sprintf("cadence %q", text)) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
