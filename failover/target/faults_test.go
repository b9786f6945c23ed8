package target_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// recommended returns the policy that must handle every fault.
func recommended(t *testing.T) failover.Policy {
	t.Helper()
	policy, err := failover.FindPolicy("recommended")
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// A gap is a fault that recommended does not handle yet, with the outcome and the reason. The test
// requires exactly this outcome, so a gap that is closed must be removed.
type gap struct {
	outcome timeline.Outcome
	why     string
}

// gaps lists the gaps by fault and protocol. All of them concern streams.
var gaps = map[string]map[string]gap{
	"duplicated-events": {
		failover.AnthropicMessages: {
			timeline.Duplicated,
			"the pieces of a block have no numbers: one that comes twice cannot be told from a word said twice",
		},
		failover.OpenRouter: {timeline.Duplicated, "chunks have neither numbers nor padding"},
		failover.AzureOpenAI: {
			timeline.Duplicated,
			"the padding of the chunk that comes twice is too short, by chance, to tell it from a word said twice",
		},
	},
	"replayed-prefix": {
		failover.OpenRouter: {timeline.Duplicated, "chunks have neither numbers nor padding"},
	},
	"reordered-events": {
		failover.OpenAIChat:        {timeline.Reordered, "padding tells chunks apart, and nothing tells their order"},
		failover.AzureOpenAI:       {timeline.Reordered, "likewise"},
		failover.OpenRouter:        {timeline.Reordered, "nothing tells the order of chunks"},
		failover.AnthropicMessages: {timeline.Reordered, "nothing tells the order of the pieces of a block"},
	},
}

// expecting returns the smallest scenario around a fault, over one protocol. It expects what
// recommended achieves: the right reaction, or a gap.
func expecting(info fakeprovider.Info, protocol string, streamed bool) scenarios.Scenario {
	s := over(scenarios.OfFault(info.Name, info.Default), protocol)
	for i := range s.Calls {
		s.Calls[i].Stream = streamed
	}
	s.Expect = scenarios.Right(info.Right, streamed)
	if known, open := gaps[info.Name][protocol]; open && streamed {
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: assertions.Outcomes{known.outcome.String()}},
			assertions.NoLeaks{})
	}
	return s
}

// TestEveryFault runs the recommended policy against every fault, over every protocol, streamed
// and not. The caller must get one whole answer, without leaks. A fault that a protocol cannot
// express is unknown there, and so is a stream fault without a stream. The answering provider may
// differ, because SDKs and stream endings differ.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	for _, info := range fault.All() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			passed := 0
			for _, protocol := range protocols() {
				for _, streamed := range []bool{true, false} {
					trial := harness.Run(t, expecting(info, protocol, streamed), target.Factory(policy))
					switch {
					case trial.Verdict() == assertions.Passed:
						passed++
					case trial.Verdict() != assertions.Unknown || !wordless(findings(trial)):
						t.Errorf("%s, streamed %v: %s%s", protocol, streamed, summary(trial), findings(trial))
					}
				}
			}
			if passed == 0 {
				t.Error("it was nowhere to be had")
			}
		})
	}
}

// wordless reports whether a message says that the fault cannot be expressed.
func wordless(why string) bool {
	return slices.ContainsFunc([]string{
		fakeprovider.ErrNoSuchFrame.Error(), "cannot be had in ", "is of streams only",
	}, func(reason string) bool {
		return strings.Contains(why, reason)
	})
}

// TestEveryFaultFindsWrongEngines checks that the faults detect wrong engines. Each engine differs
// from recommended in one knob.
func TestEveryFaultFindsWrongEngines(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		knob, fault string
		over        []string
		outcome     timeline.Outcome
	}{
		{
			"stream: {accept_repeats: true}", "duplicated-events",
			[]string{failover.OpenAIChat, failover.OpenAIResponses, failover.Gemini},
			timeline.Duplicated,
		},
		{"stream: {accept_repeats: true}", "replayed-prefix", []string{
			failover.OpenAIChat, failover.AzureOpenAI, failover.OpenAIResponses, failover.Gemini,
			failover.AnthropicMessages,
		}, timeline.Duplicated},
		{
			"stream: {accept_repeats: true}", "reordered-events",
			[]string{failover.OpenAIResponses, failover.Gemini},
			timeline.Reordered,
		},
		{
			"stream: {accept_after_end: true, accept_repeats: true}", "events-after-terminal",
			[]string{failover.OpenAIResponses, failover.Gemini, failover.AnthropicMessages},
			timeline.Duplicated,
		},
		{
			"stream: {accept_after_end: true}", "early-terminal",
			[]string{failover.OpenAIResponses, failover.Gemini, failover.AnthropicMessages},
			timeline.Altered,
		},
		{"sdk: {as_is: true}", "mixed-endings", []string{failover.AnthropicMessages}, timeline.Truncated},
		{
			"sdk: {as_is: true}", "redirect-elsewhere",
			[]string{failover.AnthropicMessages, failover.Gemini},
			timeline.Answered,
		},
		{
			"sdk: {as_is: true}", "lone-cr",
			[]string{failover.OpenAIChat, failover.OpenAIResponses, failover.AnthropicMessages, failover.Gemini},
			timeline.Answered,
		},
		{"sdk: {as_is: true}", "bom", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "multi-line-data", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "comments-between", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "schema-drift", []string{
			failover.OpenAIChat, failover.OpenRouter, failover.AzureOpenAI, failover.OpenAIResponses,
			failover.AnthropicMessages,
		}, timeline.Altered},
	} {
		wrong, err := failover.LoadPolicy("wrong.yaml", []byte("{policy: wrong, extends: recommended, "+row.knob+"}"))
		if err != nil {
			t.Fatal(err)
		}
		info, err := fault.ByName(row.fault)
		if err != nil {
			t.Fatal(err)
		}
		for _, protocol := range row.over {
			trial := harness.Run(t, expecting(info, protocol, true), target.Factory(wrong))
			if outcome, _ := trial.Timeline.Outcome(1); trial.Verdict() != assertions.Failed || outcome != row.outcome {
				t.Errorf("%s, %s over %s: %s, want failed and %s", row.knob, row.fault, protocol, summary(trial),
					row.outcome)
			}
		}
	}
}

// TestARefusalIsHandedOnWhole checks both settings of the knob: the refusal is the answer, or the
// fallback answers.
func TestARefusalIsHandedOnWhole(t *testing.T) {
	t.Parallel()
	frank := recommended(t)
	frank.Stream.FailFiltered = false
	info, err := fault.ByName("model-refusal")
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{
		failover.OpenAIChat, failover.OpenRouter, failover.AzureOpenAI, failover.OpenAIResponses,
	} {
		for _, streamed := range []bool{true, false} {
			s := expecting(info, protocol, streamed)
			for policy, from := range map[*failover.Policy]string{&frank: "primary", new(recommended(t)): "secondary"} {
				s.Expect = scenarios.Expecting(assertions.Answer{From: from}, assertions.NoLeaks{})
				harness.Run(t, s, target.Factory(*policy)).Check(t)
			}
		}
	}
}

// x60 accelerates time: a minute passes in a second.
const x60 = 60

// again lists the speeds of the repetitions after a difference. On a busy machine or with a race
// detector, a handshake takes scenario seconds, and fewer at lower speed. A difference that
// remains at the last speed is real.
var again = []float64{x60, x60, 30, 15, 8}

// TestBothWorldsAgree runs the same faults in virtual time and over loopback TCP, sixty times
// faster than real time. Verdict, outcome and attempts per provider must be equal. It uses real
// time, because that is the comparison.
func TestBothWorldsAgree(t *testing.T) {
	t.Parallel()
	if !*tcp {
		t.Skip("it takes real time for each of the faults; go test ./failover/target -tcp, as .ci/run does")
	}
	policy := recommended(t)
	for _, info := range fault.All() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault(info.Name, info.Default)
			virtual := harness.Run(t, s, target.Factory(policy))
			accelerated := harness.Run(t, s, target.Factory(policy), harness.WithClock(harness.Accelerated(x60)))
			if why := fakeprovider.Cannot(info.Default, fakeprovider.WorldLoopback); why != nil {
				if accelerated.Verdict() != assertions.Unknown ||
					!strings.Contains(findings(accelerated), why.Error()) {
					t.Errorf("it cannot be had on loopback, which has to be unknown with the reason, not %s%s",
						summary(accelerated), findings(accelerated))
				}
				return
			}
			// On a busy machine a deadline may expire that does not expire in virtual time. A
			// repetition tells that apart from a real difference.
			for _, speed := range again {
				if summary(accelerated) == summary(virtual) {
					break
				}
				accelerated = harness.Run(t, s, target.Factory(policy), harness.WithClock(harness.Accelerated(speed)))
			}
			if got, want := summary(accelerated), summary(virtual); got != want {
				t.Errorf("accelerated: %s%s\nvirtual:     %s%s", got, findings(accelerated), want, findings(virtual))
			}
		})
	}
}

// summary formats what must be the same in both worlds.
func summary(trial *harness.Trial) string {
	outcome, from := trial.Timeline.Outcome(1)
	return fmt.Sprintf("%s, %s by %q, attempts %v", trial.Verdict(), outcome, from, trial.Timeline.Measures(1).Attempts)
}

// findings formats the findings that did not pass.
func findings(trial *harness.Trial) string {
	var b strings.Builder
	for _, r := range trial.Judgement.Results {
		if r.Verdict != assertions.Passed {
			fmt.Fprintf(&b, "; %s %s: %s", r.Name, r.Verdict, r.Message)
		}
	}
	return b.String()
}
