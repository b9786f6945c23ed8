package builtin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
	"github.com/chaosrun/chaosrun/timeline"
)

// recommended is the policy that has to cope with every fault.
func recommended(t *testing.T) failover.Policy {
	t.Helper()
	policy, err := failover.FindPolicy("recommended")
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// ends says of the faults that end the call with an error, in bounded time, why no answer is right.
var ends = map[string]string{
	"slow-trickle": "a token each second is slow, and no sign that the next provider would be faster: the call's deadline ends it",
	// The stream of events, and what is said in it.
	"repetition": "tokens keep coming, and only a budget for them, which is the caller's, would end it sooner than the call's deadline",
}

// TestEveryFault lets the policy that we would run ourselves meet every fault: its caller gets one whole answer, and nothing is
// left behind.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	for _, info := range fakeprovider.Presets() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault(info.Name, info.Default)
			if ends[info.Name] != "" {
				s.Expect = scenarios.Expecting(assertions.Answer{Outcome: timeline.FailedClearly.String()}, assertions.NoLeaks{})
			}
			harness.Run(t, s, builtin.Factory(policy)).Check(t)
		})
	}
}

// x60 makes a minute pass in a second.
const x60 = 60

// TestBothWorldsAgree runs the same faults in virtual time and, sixty times faster than the wall, over loopback TCP: the
// verdict, the outcome and every provider's attempts have to be the same. It takes real time because that is what it compares.
func TestBothWorldsAgree(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	for _, info := range fakeprovider.Presets() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault(info.Name, info.Default)
			virtual := harness.Run(t, s, builtin.Factory(policy))
			accelerated := harness.Run(t, s, builtin.Factory(policy), harness.WithClock(harness.Accelerated(x60)))
			if why := fakeprovider.Cannot(info.Default, fakeprovider.WorldLoopback); why != nil {
				if accelerated.Verdict() != assertions.Unknown || !strings.Contains(findings(accelerated), why.Error()) {
					t.Errorf("it cannot be had on loopback, which has to be unknown with the reason, not %s%s", summary(accelerated), findings(accelerated))
				}
				return
			}
			if got, want := summary(accelerated), summary(virtual); got != want {
				t.Errorf("accelerated: %s%s\nvirtual:     %s%s", got, findings(accelerated), want, findings(virtual))
			}
		})
	}
}

// summary is what has to be the same in both worlds.
func summary(trial *harness.Trial) string {
	outcome, from := trial.Timeline.Outcome(1)
	return fmt.Sprintf("%s, %s by %q, attempts %v", trial.Verdict(), outcome, from, trial.Timeline.Measures(1).Attempts)
}

// findings is what was not as it should be.
func findings(trial *harness.Trial) (text string) {
	for _, r := range trial.Judgement.Results {
		if r.Verdict != assertions.Passed {
			text += fmt.Sprintf("; %s %s: %s", r.Name, r.Verdict, r.Message)
		}
	}
	return text
}
