package wrong

import (
	"context"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// unproven are engines of which a run proves less than it seems to, and which are not failed for
// it.
func unproven() []Engine {
	thrice := scenarios.OfFault("thrice", fault.ServerError{})
	thrice.Providers[1].OnRequest = []fakeprovider.Fault{fault.HeartbeatOnly{}}
	thrice.Providers = append(thrice.Providers, scenarios.Provider{
		Name: "tertiary", OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}},
	})
	thrice.Expect = scenarios.Expecting(assertions.Answer{From: "tertiary"})
	frugal := scenarios.OfFault("frugal", fakeprovider.Healthy{})
	frugal.Expect = []scenarios.Expect{
		{Expectation: assertions.Answer{From: "primary"}},
		{Expectation: assertions.Attempts{"primary": {Max: new(1)}}, Advisory: true},
	}
	wires := scenarios.OfFault("wires", fault.ServerError{})
	wires.Providers[1].Protocol = "anthropic-messages"
	named := scenarios.OfFault("named", fault.ServerError{})
	return []Engine{
		{
			Name:    "leaves-one-out",
			Wrong:   "It leaves out the second provider of its chain, so that nothing is seen of that one's fault.",
			Factory: LeavesOneOut(), Scenario: thrice, Finding: assertions.ReachedName, Verdict: assertions.Unknown,
			Says: []string{"secondary's heartbeat-only was never reached"},
		},
		{
			Name: "asks-twice", Wrong: "It asks for each answer twice, and throws one away.",
			Factory: AsksTwice(), Scenario: frugal, Finding: assertions.Attempts{}.Name(), Verdict: assertions.Partial,
			Says: []string{"primary received 2 requests, expected at most 1"},
		},
		{
			Name: "begins-with-its-second", Wrong: "It is configured with its chain in another order.",
			Rule:    harnesstest.RuleAnswers,
			Factory: BeginsWithItsSecond(), Scenario: scenarios.OfFault("order", fault.ServerError{}),
			Finding: assertions.PremiseName,
			Outside: &harness.Outside{}, Verdict: assertions.Unknown,
			Says: []string{"never sent a request to primary", "is it in rotation?"},
		},
		{
			Name: "speaks-one-wire", Wrong: "It asks every provider in the words of one vendor.",
			Factory: SpeaksOneWire(), Scenario: wires, Finding: assertions.PremiseName,
			Outside: &harness.Outside{}, Verdict: assertions.Unknown,
			Says: []string{"secondary speaks anthropic-messages, was asked at /v1/chat/completions"},
		},
		{
			Name: "names-its-primary", Wrong: "It tells its caller that its primary's model answered, whoever did.",
			Factory: NamesItsPrimary(), Scenario: named, Finding: assertions.ModelSeenName,
			Outside: &harness.Outside{ModelSeen: "secondary"}, Verdict: assertions.Partial,
			Says: []string{
				"secondary answered, but the caller was told that primary-model did, expected secondary-model",
			},
		},
	}
}

// over returns a factory of plain engines that know other providers than the scenario has.
func over(chain func([]harness.Upstream) []harness.Upstream) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harnesstest.Plain(harness.NewLab(harness.LabOptions{
			Context: lab.Context(), Scenario: lab.Scenario(), Upstreams: chain(lab.Upstreams()),
			HTTPClient: lab.HTTPClient(),
			Seed:       lab.Seed(), Scale: lab.Scale(), Explain: lab.Explain,
		}))
	}
}

// LeavesOneOut leaves out the second provider of its chain.
func LeavesOneOut() harness.Factory {
	return over(func(all []harness.Upstream) []harness.Upstream {
		return slices.Concat(all[:1], all[min(2, len(all)):])
	})
}

// BeginsWithItsSecond has its chain in another order.
func BeginsWithItsSecond() harness.Factory {
	return over(func(all []harness.Upstream) []harness.Upstream {
		slices.Reverse(all)
		return all
	})
}

// SpeaksOneWire asks every provider in the words of one vendor.
func SpeaksOneWire() harness.Factory {
	return over(func(all []harness.Upstream) []harness.Upstream {
		for i := range all {
			all[i].Protocol, all[i].BaseURL = "openai-chat", all[i].URL+"/v1"
		}
		return all
	})
}

// AsksTwice asks for each answer twice, and throws the first one away.
func AsksTwice() harness.Factory {
	return around(func(ctx context.Context, req harness.Request, emit func(harness.Delta),
		plain harness.TargetFunc,
	) error {
		if err := plain(ctx, req, func(harness.Delta) {}); err != nil {
			return err
		}
		return plain(ctx, req, emit)
	})
}

// NamesItsPrimary tells its caller that its primary's model answered, whoever did.
func NamesItsPrimary() harness.Factory {
	return func(lab harness.Lab) harness.Target {
		plain := harnesstest.Plain(lab)
		if skip, ok := plain.(harness.Skip); ok {
			return skip
		}
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			err := plain.Call(ctx, req, func(d harness.Delta) {
				if d.Kind != harness.DeltaModel {
					emit(d)
				}
			})
			emit(harness.Delta{Kind: harness.DeltaModel, Text: lab.Upstreams()[0].Model})
			return err
		})
	}
}
