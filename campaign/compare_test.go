package campaign_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

func TestForIssue(t *testing.T) {
	number, err := campaign.ForIssue("22277")
	if err != nil || len(number) < 2 {
		t.Fatalf("got %d scenarios, %v", len(number), err)
	}
	for i, s := range number[1:] {
		if s.Calls[0].ContextTokens < number[i].Calls[0].ContextTokens {
			t.Errorf("%s comes behind %s, and its conversation is shorter", s.Name, number[i].Name)
		}
	}
	for _, same := range []string{
		"NousResearch/hermes-agent#22277", "nousresearch/hermes-agent#22277", "hermes-agent#22277",
		"https://github.com/NousResearch/hermes-agent/issues/22277",
		"https://github.com/NousResearch/hermes-agent/issues/22277#issuecomment-1",
	} {
		if found, err := campaign.ForIssue(same); err != nil || len(found) != len(number) {
			t.Errorf("%s: got %d scenarios, %v", same, len(found), err)
		}
	}
	for other, want := range map[string]string{
		"22278": "did you mean", "other/repo#22277": "no scenario reproduces issue", "nonsense": "is not an issue",
		"a#": "is not an issue", "": "is not an issue",
	} {
		if _, err := campaign.ForIssue(other); !is[*campaign.UsageError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", other, err, want)
		}
	}
}

// hasty is the plain engine with a time limit.
func hasty(patience time.Duration) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		engine := newPlain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			first, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			if err := engine.Call(first, req, emit); err == nil || first.Err() == nil || ctx.Err() != nil {
				return err
			}
			p := plain{lab}
			return p.ask(ctx, lab.Upstreams()[1], req, emit)
		})
	}
}

// The search is accurate to a second.
func TestPatience(t *testing.T) {
	like := scenarios.Scenario{
		Providers: []scenarios.Provider{{Protocol: "openai-chat"}}, Calls: []scenarios.Call{scenarios.DefaultCall()},
	}
	if wait, whole := campaign.Patience(campaign.Variant{Name: "plain", Factory: newPlain}, like, 1); !whole ||
		wait != time.Hour {
		t.Errorf("got %s, %t for an engine that waits for ever", wait, whole)
	}
	for _, patience := range []time.Duration{10 * time.Second, 7 * time.Minute} {
		wait, whole := campaign.Patience(campaign.Variant{Name: "hasty", Factory: hasty(patience)}, like, 1)
		if whole || wait > patience || wait < patience-2*time.Second {
			t.Errorf("got %s, %t for an engine that waits %s", wait, whole, patience)
		}
	}
}

// A run that fails as declared is no surprise. The reference comes last.
func TestCompare(t *testing.T) {
	plainFails := []string{}
	variants := []campaign.Variant{
		{Name: "a reference", Factory: newPlain, Reference: true},
		{Name: "plain", Target: "mine", Factory: newPlain, Arguments: []string{"--policy", "plain"}},
	}
	c, err := campaign.Compare("22277", variants, campaign.Options{Seed: 5, Program: "mychaos"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Surprises {
		if s.Want != assertions.Passed {
			t.Errorf("%s was declared to be %s", s.Run.Label(), s.Want)
		}
		if s.Run.Policy == "plain" {
			plainFails = append(plainFails, s.Run.Scenario)
			if want := "mychaos run " + s.Run.Scenario + " --policy plain --seed 5"; s.Run.Replay != want {
				t.Errorf("got the replay %q, want %q", s.Run.Replay, want)
			}
		}
	}
	if c.Reference != "a reference" || strings.Join(c.Variants, ", ") != "plain, a reference" || len(plainFails) == 0 {
		t.Errorf("got %q, %q, and failures %q", c.Reference, c.Variants, plainFails)
	}
	variants[1].Declared = plainFails
	if c, err = campaign.Compare("22277", variants, campaign.Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Surprises {
		if s.Run.Policy == "plain" {
			t.Errorf("%s fails as it was declared to, and is a surprise", s.Run.Scenario)
		}
	}
}

// Trials differ in the start of the fault. Trials with equal seeds are equal.
func TestTrials(t *testing.T) {
	s, err := campaign.FaultScenario(scenarios.Shipped(), "heartbeat-only", 20_000)
	if err != nil || s.Calls[0].ContextTokens != 20_000 || s.Calls[0].ContextWindow != 200_000 {
		t.Fatalf("got %+v, %v", s.Calls, err)
	}
	trials := campaign.Trials{
		Scenarios: []scenarios.Scenario{s}, Variants: []campaign.Variant{{Name: "hasty", Factory: hasty(time.Minute)}},
		N: 5, Seed: 3,
	}
	bench, err := trials.Run(t.Context())
	if err != nil || len(bench.Cells) != 1 {
		t.Fatalf("got %+v, %v", bench, err)
	}
	if cell := bench.Cells[0]; cell.Trials != 5 || cell.Policy != "hasty" || cell.Answered != 5 {
		t.Errorf("got %+v", cell)
	}
	trials.N = 0
	if _, err := trials.Run(t.Context()); !is[*campaign.UsageError](err) {
		t.Errorf("got %v", err)
	}
	for _, tokens := range []int{-1, 200_001} {
		if _, err := campaign.FaultScenario(scenarios.Shipped(), "silence", tokens); !is[*campaign.UsageError](err) {
			t.Errorf("%d tokens: got %v", tokens, err)
		}
	}
}
