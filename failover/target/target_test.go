package target_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

func policy(tb testing.TB, name string) failover.Policy {
	tb.Helper()
	p, err := failover.FindPolicy(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// over returns the scenario with all providers on one protocol.
func over(s scenarios.Scenario, protocol string) scenarios.Scenario {
	s.Providers = slices.Clone(s.Providers)
	for i := range s.Providers {
		s.Providers[i].Protocol = protocol
	}
	return s
}

// chain returns the scenario with one protocol per provider.
func chain(s scenarios.Scenario, protocols ...string) scenarios.Scenario {
	s.Providers = slices.Clone(s.Providers)
	for i, protocol := range protocols {
		s.Providers[i].Protocol = protocol
	}
	return s
}

func protocols() []string {
	names := make([]string, 0, len(protocol.All()))
	for _, p := range protocol.All() {
		if p.About().ProfileOf == "" || slices.Contains(failover.Protocols(), p.Name()) {
			names = append(names, p.Name())
		}
	}
	return names
}

// unmoved lists scenarios that mean something else over another protocol, with the reason. They
// are skipped there.
var unmoved = map[string]map[string]string{
	"finish-then-heartbeats": {
		failover.AnthropicMessages: "there is no mark behind the end: message_stop is the end " +
			"(https://github.com/SamSaffron/term-llm/pull/955)",
		failover.OpenAIResponses: "there is no mark behind the end: response.completed is the end",
	},
	"replayed-prefix": {failover.OpenRouter: gaps["replayed-prefix"][failover.OpenRouter].why},
}

// TestCatalogueOverEveryProtocol checks that the recommended policy passes the whole catalogue
// over every protocol. A scenario that another protocol cannot express is skipped there, with the
// reason.
func TestCatalogueOverEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols() {
		for _, s := range scenarios.Catalogue() {
			t.Run(protocol+"/"+s.Name, func(t *testing.T) {
				t.Parallel()
				run := harness.RunScenario(over(s, protocol), target.Factory(policy(t, "recommended")))
				own := s.Providers[0].Protocol == protocol
				if why := findings(run); run.Verdict() == assertions.Unknown && wordless(why) && !own {
					t.Skipf("%s has no words for it%s", protocol, why)
				}
				if why := unmoved[s.Name][protocol]; why != "" && !own {
					if run.Verdict() == assertions.Passed {
						t.Error("it passes, and so has to leave the list of those that are not moved")
					}
					t.Skip(why)
				}
				run.Check(t)
				if run.Verdict() != assertions.Passed {
					t.Errorf("got %s %s", run.Verdict(), run.Skipped())
				}
			})
		}
	}
}

// TestTheBugOverTheProfiles checks that the bug is the same over the profiles of the reported
// protocol.
func TestTheBugOverTheProfiles(t *testing.T) {
	t.Parallel()
	measures := func(protocol string) any {
		s, err := scenarios.Find("heartbeat-only")
		if err != nil {
			t.Fatal(err)
		}
		run := harness.Run(t, over(s, protocol), target.Factory(policy(t, "hermes-0.13")))
		if run.Verdict() != assertions.Failed {
			t.Errorf("%s: got %s", protocol, run.Verdict())
		}
		return run.Timeline.Measures(1).Attempts
	}
	want := measures(failover.OpenAIChat)
	for _, protocol := range []string{failover.OpenRouter, failover.AzureOpenAI} {
		if diff := cmp.Diff(want, measures(protocol)); diff != "" {
			t.Errorf("%s (-openai-chat +got)\n%s", protocol, diff)
		}
	}
}

// play returns a fault of steps.
func play(steps ...fakeprovider.Step) fakeprovider.Fault { return fakeprovider.Script(steps) }

// faults returns faults of a primary. Each of them must lead to an answer from the fallback.
func faults(wireName string) map[string]fakeprovider.Fault {
	text := fakeprovider.Text{Value: "hello fr"}
	all := map[string]fakeprovider.Fault{
		"429": play(fakeprovider.Fail{Status: http.StatusTooManyRequests}),
		"503": play(fakeprovider.Fail{Status: http.StatusServiceUnavailable}),
		"edge page": play(fakeprovider.Fail{
			Status: http.StatusBadGateway, Code: fakeprovider.CodeEdgePage,
		}),
		"heartbeats": fault.HeartbeatOnly{},
		"heartbeats behind text": play(text, fakeprovider.Repeat{
			Every: 10 * time.Second, Steps: fakeprovider.Script{fakeprovider.Heartbeat{}},
		}),
		"cut":       play(text, fakeprovider.End{How: fakeprovider.Cut}),
		"reset":     play(text, fakeprovider.End{How: fakeprovider.Reset}),
		"truncated": play(text, fakeprovider.End{How: fakeprovider.EOF}),
		"nothing":   play(fakeprovider.Respond{}, fakeprovider.End{How: fakeprovider.EOF}),
	}
	shapes := []fakeprovider.Fail{{}}
	switch wireName {
	case failover.OpenAIResponses:
		shapes = nil
		for _, shape := range fakeprovider.Shapes() {
			shapes = append(shapes, fakeprovider.Fail{Shape: shape})
		}
	case failover.Gemini:
		shapes = append(shapes, fakeprovider.Fail{Code: protocol.CodeBareError})
	}
	for _, shape := range shapes {
		shape.Status = http.StatusServiceUnavailable
		all[fmt.Sprintf("error%s%s", shape.Shape, shape.Code)] = play(fakeprovider.Respond{}, shape)
		all[fmt.Sprintf("error%s%s behind text", shape.Shape, shape.Code)] = play(text, shape)
	}
	return all
}

// TestEveryFaultOfEveryProtocolFallsBackToAnother checks that a fallback over another protocol
// answers each fault, without leaks.
func TestEveryFaultOfEveryProtocolFallsBackToAnother(t *testing.T) {
	t.Parallel()
	all := protocols()
	for i, first := range all {
		next := all[(i+1)%len(all)]
		for name, fault := range faults(first) {
			t.Run(first+"/"+name+"/"+next, func(t *testing.T) {
				t.Parallel()
				s := chain(scenarios.OfFault("fault", fault), first, next)
				s.Expect = scenarios.Expecting(assertions.Answer{From: "secondary"}, assertions.NoLeaks{})
				run := harness.RunScenario(s, target.Factory(policy(t, "recommended")))
				run.Check(t)
				if run.Verdict() != assertions.Passed {
					t.Errorf("got %s %s", run.Verdict(), run.Skipped())
				}
			})
		}
	}
}

// TestStaleCalls checks that the stale-call detector abandons a call that hangs without streaming
// (https://github.com/NousResearch/hermes-agent/issues/21444).
func TestStaleCalls(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	for _, protocol := range protocols() {
		s := chain(scenarios.OfFault("fault", play(fakeprovider.End{How: fakeprovider.Hang})), protocol,
			failover.OpenAIChat)
		for i := range s.Calls {
			s.Calls[i].Stream = false
		}
		s.Expect = scenarios.Expecting(assertions.Answer{From: "secondary"}, assertions.NoLeaks{})
		run := harness.Run(t, s, target.Factory(p))
		run.Check(t)
		got := run.Timeline.Measures(1).TimeToFallback
		if got == nil || time.Duration(*got).Truncate(time.Second) != p.Hedge.CallAfter {
			t.Errorf("%s: fell back after %v, want %s", protocol, got, p.Hedge.CallAfter)
		}
	}
}

// TestTruncationIsFoundOverEveryProtocol checks that every protocol detects an engine that accepts
// truncated answers.
func TestTruncationIsFoundOverEveryProtocol(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	p.Stream.AcceptTruncated = true
	for _, protocol := range protocols() {
		s := chain(scenarios.OfFault("fault", faults(protocol)["truncated"]), protocol, failover.OpenAIChat)
		if run := harness.Run(t, s, target.Factory(p)); run.Verdict() != assertions.Failed {
			t.Errorf("%s: got %s", protocol, run.Verdict())
		}
	}
}

// TestTheEngineSpeaks checks the list of protocols. Other tests would skip a missing one.
func TestTheEngineSpeaks(t *testing.T) {
	want := []string{
		failover.OpenAIChat, failover.OpenAIResponses, failover.AnthropicMessages, failover.Gemini, failover.OpenRouter,
		failover.AzureOpenAI,
	}
	got := failover.Protocols()
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
