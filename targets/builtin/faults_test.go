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
	"thinking-only": "long thinking is left alone, because it cannot be told from thinking that will end: the call's deadline ends it",
	"repetition":    "tokens flow at the usual pace, and only a budget for them, which is the caller's, would end it sooner than the call's deadline",
}

// gaps are the faults with which even recommended does not cope yet, what its caller gets, and why. A fault that leaves the list has
// to leave it here: the outcome is held to the letter.
var gaps = map[string]struct {
	outcome timeline.Outcome
	why     string
}{
	"duplicated-events": {timeline.Spliced, "openai-chat gives its chunks no numbers, so an event that comes twice cannot be told from a word said twice"},
	"replayed-prefix":   {timeline.Duplicated, "likewise for a beginning that comes twice"},
	"schema-drift":      {timeline.Spliced, "openai-go delivers what is no text as its raw JSON, without an error"},
	"model-refusal":     {timeline.Spliced, "a refusal is delivered as the model's words, which are not those of an answer: Answer.Finish tells, and stream.fail_filtered is the knob"},
}

// expecting is the smallest scenario around a fault with what recommended has to make of it.
func expecting(info fakeprovider.PresetInfo) scenarios.Scenario {
	s := scenarios.OfFault(info.Name, info.Default)
	gap, known := gaps[info.Name]
	switch {
	case ends[info.Name] != "":
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: timeline.FailedClearly.String()}, assertions.NoLeaks{})
	case known:
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: gap.outcome.String()}, assertions.NoLeaks{})
	}
	return s
}

// TestEveryFault lets the policy that we would run ourselves meet every fault: its caller gets one whole answer, and nothing is
// left behind.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	for _, info := range fakeprovider.Presets() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			harness.Run(t, expecting(info), builtin.Factory(policy)).Check(t)
		})
	}
}

// x60 makes a minute pass in a second.
const x60 = 60

// again is how fast time passes when the worlds seem to differ, look after look: a busy machine, or one with a race detector, takes
// scenario seconds for a handshake, and fewer of them the slower time passes. A difference that is left at the end is one.
var again = []float64{x60, x60, 30, 15, 8}

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
			// A busy machine may be so late that a wait is over which was not, in virtual time; that goes away, and a difference stays.
			for _, speed := range again {
				if summary(accelerated) == summary(virtual) {
					break
				}
				accelerated = harness.Run(t, s, builtin.Factory(policy), harness.WithClock(harness.Accelerated(speed)))
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
func findings(trial *harness.Trial) string {
	var b strings.Builder
	for _, r := range trial.Judgement.Results {
		if r.Verdict != assertions.Passed {
			fmt.Fprintf(&b, "; %s %s: %s", r.Name, r.Verdict, r.Message)
		}
	}
	return b.String()
}
