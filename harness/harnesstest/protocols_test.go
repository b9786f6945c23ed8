package harnesstest_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// only returns the plain engine as one that speaks a single protocol.
func only(protocol string) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		for _, u := range lab.Upstreams() {
			if u.Protocol != protocol {
				return harness.Skip{Reason: "it does not speak " + u.Protocol}
			}
		}
		return harnesstest.Plain(lab)
	}
}

// wordless are the scenarios, beside those about a vendor's wire, that a protocol has no words for.
func wordless() map[string]map[string]string {
	return map[string]map[string]string{
		"openai-chat": {"long-thinking": "primary says thinking, which cannot be said in openai-chat"},
		"openai-responses": {"finish-then-heartbeats": "primary finishes its answer without a terminal mark, and in " +
			"openai-responses the mark is the finish"},
		"gemini": {"model-refusal": "the fault model-refusal cannot be had in gemini: a frame of the kind refusal: " +
			"fakeprovider: the protocol has no such frame"},
	}
}

// foreign returns the reason why a scenario about another vendor's wire is skipped, or "".
func foreign(s scenarios.Scenario, protocol string) string {
	if p := s.Providers[0].Protocol; slices.Contains(s.Tags, "wire") && p != protocol {
		return fmt.Sprintf("it is about a vendor's wire, %s, and the target speaks only %s", p, protocol)
	}
	return ""
}

// An engine that speaks one vendor's wire runs the whole catalogue, but for what is about another
// vendor's wire or cannot be said on its own. It gets the verdict that it gets without a limit.
func TestOneProtocolRunsTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"openai-chat", "openai-responses", "anthropic-messages", "gemini"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			for _, s := range scenarios.Catalogue() {
				run := harness.RunScenario(s, only(protocol), harness.WithProtocols(protocol))
				why := cmp.Or(foreign(s, protocol), wordless()[protocol][s.Name])
				want := assertions.Skipped
				if why == "" {
					want = harness.RunScenario(s, harnesstest.Plain).Verdict()
				}
				if run.Verdict() != want || run.Skipped() != why || want == assertions.Unknown {
					t.Errorf("%s: got %s %q, want %s %q\n%s", s.Name, run.Verdict(), run.Skipped(), want, why,
						run.Timeline)
				}
				for _, p := range run.Timeline.Run.Providers {
					if p.Protocol != protocol && why == "" {
						t.Errorf("%s: %s speaks %s", s.Name, p.Name, p.Protocol)
					}
				}
			}
		})
	}
}
