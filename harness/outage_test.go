package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// sharedOutage is a chain of two healthy providers that are refused together for the first minute.
func sharedOutage(probability float64) scenarios.Scenario {
	s := scenarios.OfFault("shared-outage", fakeprovider.Healthy{Text: "hello from the primary"})
	s.Outages = []scenarios.Outage{{Fault: fault.Refused{}, Between: fakeprovider.Window{0, time.Minute}, Probability: probability}}
	return s
}

// attempts says how often each provider was asked, and how that ended.
func attempts(trial *harness.Trial) (refused, answered int) {
	for _, a := range trial.Timeline.Attempts() {
		if a.Arrived < 0 {
			refused++
		} else {
			answered++
		}
	}
	return refused, answered
}

// TestASharedOutage wants every provider down at once, and back afterwards.
func TestASharedOutage(t *testing.T) {
	t.Parallel()
	s := sharedOutage(0)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	trial := harness.Run(t, s, target.Factory(policy(t, "sdk-defaults")))
	refused, answered := attempts(trial)
	if refused < 2 || answered != 0 {
		t.Errorf("%d attempts were refused and %d answered, want both providers refused:\n%s", refused, answered, trial.Timeline)
	}
	s.Outages[0].Between = fakeprovider.Window{time.Minute}
	trial = harness.Run(t, s, target.Factory(policy(t, "sdk-defaults")))
	if refused, answered := attempts(trial); refused != 0 || answered != 1 {
		t.Errorf("before the outage %d attempts were refused and %d answered, want none and one", refused, answered)
	}
}

// TestAnOutageIsDrawnForAll wants an outage of some probability to hit all of its providers or none, and to do so in some runs only.
func TestAnOutageIsDrawnForAll(t *testing.T) {
	t.Parallel()
	hit, runs := 0, 60
	for seed := range runs {
		trial := harness.Run(t, sharedOutage(0.5), target.Factory(policy(t, "sdk-defaults")), harness.WithSeed(uint64(seed)))
		refused, answered := attempts(trial)
		switch {
		case refused >= 2 && answered == 0:
			hit++
		case refused > 0 || answered != 1:
			t.Fatalf("seed %d: %d attempts refused, %d answered", seed, refused, answered)
		}
	}
	if hit < runs/5 || hit > runs*4/5 {
		t.Errorf("the outage happened in %d of %d runs, want about half", hit, runs)
	}
}

// TestSchedulingError wants virtual time exact, and the wall's error told beside the measures.
func TestSchedulingError(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("slow", fakeprovider.Healthy{Text: "hello", TTFT: 10 * time.Second})
	s.Limits = assertions.Limits{"time_to_answer": time.Minute}
	s.Expect = scenarios.Expecting(assertions.TimeToAnswer{}.WithLimit(time.Minute))
	virtual := harness.Run(t, s, target.Factory(policy(t, "recommended")))
	if e := virtual.Timeline.Run.SchedulingError; e != 0 {
		t.Errorf("virtual time is off by %v", e)
	}
	wall := harness.Run(t, s, target.Factory(policy(t, "recommended")), harness.WithClock(harness.Accelerated(60)))
	if e := wall.Timeline.Run.SchedulingError; e <= 0 {
		t.Errorf("the wall is off by %v: nothing was measured", e)
	}
	if message := wall.Judgement.Results[0].Message; !strings.Contains(message, "±") {
		t.Errorf("the measure stands without its error: %s", message)
	}
}
