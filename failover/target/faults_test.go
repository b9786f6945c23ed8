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

// recommended is the policy that has to cope with every fault.
func recommended(t *testing.T) failover.Policy {
	t.Helper()
	policy, err := failover.FindPolicy("recommended")
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// A gap is what the caller of recommended gets where even recommended does not cope with a fault
// yet, and why. A fault that leaves the list has to leave it here: the outcome is held to the
// letter.
type gap struct {
	outcome timeline.Outcome
	why     string
}

// gaps are the gaps, by fault and protocol. All are of streams.
var gaps = map[string]map[string]gap{
	"duplicated-events": {
		failover.AnthropicMessages: {timeline.Spliced, "the pieces of a block have no numbers: one that comes twice cannot be told from a word said twice"},
		failover.OpenRouter:        {timeline.Spliced, "chunks have neither numbers nor padding"},
		failover.AzureOpenAI:       {timeline.Spliced, "the padding of the chunk that comes twice is too short, by chance, to tell it from a word said twice"},
	},
	"replayed-prefix": {
		failover.OpenRouter: {timeline.Duplicated, "chunks have neither numbers nor padding"},
	},
	"reordered-events": {
		failover.OpenAIChat:        {timeline.Spliced, "padding tells chunks apart, and nothing tells their order"},
		failover.AzureOpenAI:       {timeline.Spliced, "likewise"},
		failover.OpenRouter:        {timeline.Spliced, "nothing tells the order of chunks"},
		failover.AnthropicMessages: {timeline.Spliced, "nothing tells the order of the pieces of a block"},
	},
}

// expecting returns the smallest scenario around a fault, over one protocol, with what recommended
// has to make of it: what is right, or a gap.
func expecting(info fakeprovider.Info, protocol string, streamed bool) scenarios.Scenario {
	s := over(scenarios.OfFault(info.Name, info.Default), protocol)
	for i := range s.Calls {
		s.Calls[i].Stream = streamed
	}
	s.Expect = scenarios.Right(info.Right, streamed)
	if known, open := gaps[info.Name][protocol]; open && streamed {
		s.Expect = scenarios.Expecting(assertions.Answer{Outcome: known.outcome.String()}, assertions.NoLeaks{})
	}
	return s
}

// TestEveryFault lets the policy that we would run ourselves meet every fault, over every protocol,
// streamed and not: its caller gets one whole answer, and nothing is left behind. Faults for which
// a vendor has no words are unknown over its protocol, and those of the stream of events where
// there is none. Who answers may differ, because the vendors' SDKs and the ends of their streams
// do.
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

// wordless says that a fault could not be played because there are no words for it.
func wordless(why string) bool {
	return slices.ContainsFunc([]string{fakeprovider.ErrNoSuchFrame.Error(), "cannot be had in ", "is of streams only"}, func(reason string) bool {
		return strings.Contains(why, reason)
	})
}

// The teeth of the above: each of these engines, one knob away, is found out by a fault that
// recommended copes with.
func TestEveryFaultFindsWrongEngines(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		knob, fault string
		over        []string
		outcome     timeline.Outcome
	}{
		{"stream: {accept_repeats: true}", "duplicated-events", []string{failover.OpenAIChat, failover.OpenAIResponses, failover.Gemini}, timeline.Spliced},
		{"stream: {accept_repeats: true}", "replayed-prefix", []string{failover.OpenAIChat, failover.AzureOpenAI, failover.OpenAIResponses, failover.Gemini, failover.AnthropicMessages}, timeline.Duplicated},
		{"stream: {accept_repeats: true}", "reordered-events", []string{failover.OpenAIResponses, failover.Gemini}, timeline.Spliced},
		{"stream: {accept_after_end: true, accept_repeats: true}", "events-after-terminal", []string{failover.OpenAIResponses, failover.Gemini, failover.AnthropicMessages}, timeline.Spliced},
		{"stream: {accept_after_end: true}", "early-terminal", []string{failover.OpenAIResponses, failover.Gemini, failover.AnthropicMessages}, timeline.Spliced},
		{"sdk: {as_is: true}", "mixed-endings", []string{failover.AnthropicMessages}, timeline.Spliced},
		{"sdk: {as_is: true}", "redirect-elsewhere", []string{failover.AnthropicMessages, failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "lone-cr", []string{failover.OpenAIChat, failover.OpenAIResponses, failover.AnthropicMessages, failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "bom", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "multi-line-data", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "comments-between", []string{failover.Gemini}, timeline.Answered},
		{"sdk: {as_is: true}", "schema-drift", []string{failover.OpenAIChat, failover.OpenRouter, failover.AzureOpenAI, failover.OpenAIResponses, failover.AnthropicMessages}, timeline.Spliced},
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
				t.Errorf("%s, %s over %s: %s, want failed and %s", row.knob, row.fault, protocol, summary(trial), row.outcome)
			}
		}
	}
}

// A refusal is handed on, or it is not, but it is no answer of the fallback's either way.
func TestARefusalIsHandedOnWhole(t *testing.T) {
	t.Parallel()
	frank := recommended(t)
	frank.Stream.FailFiltered = false
	info, err := fault.ByName("model-refusal")
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{failover.OpenAIChat, failover.OpenRouter, failover.AzureOpenAI, failover.OpenAIResponses} {
		for _, streamed := range []bool{true, false} {
			s := expecting(info, protocol, streamed)
			for policy, from := range map[*failover.Policy]string{&frank: "primary", new(recommended(t)): "secondary"} {
				s.Expect = scenarios.Expecting(assertions.Answer{From: from}, assertions.NoLeaks{})
				harness.Run(t, s, target.Factory(*policy)).Check(t)
			}
		}
	}
}

// x60 makes a minute pass in a second.
const x60 = 60

// again is how fast time passes when the worlds seem to differ, look after look: a busy machine, or
// one with a race detector, takes scenario seconds for a handshake, and fewer of them the slower
// time passes. A difference that is left at the end is one.
var again = []float64{x60, x60, 30, 15, 8}

// TestBothWorldsAgree runs the same faults in virtual time and, sixty times faster than the wall,
// over loopback TCP: the verdict, the outcome and every provider's attempts have to be the same. It
// takes real time because that is what it compares.
func TestBothWorldsAgree(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	for _, info := range fault.All() {
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			s := scenarios.OfFault(info.Name, info.Default)
			virtual := harness.Run(t, s, target.Factory(policy))
			accelerated := harness.Run(t, s, target.Factory(policy), harness.WithClock(harness.Accelerated(x60)))
			if why := fakeprovider.Cannot(info.Default, fakeprovider.WorldLoopback); why != nil {
				if accelerated.Verdict() != assertions.Unknown || !strings.Contains(findings(accelerated), why.Error()) {
					t.Errorf("it cannot be had on loopback, which has to be unknown with the reason, not %s%s", summary(accelerated), findings(accelerated))
				}
				return
			}
			// A busy machine may be so late that a wait is over which was not, in virtual time; that
			// goes away, and a difference stays.
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
