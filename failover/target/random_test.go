package target_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// requestsEach is the policy's limit on the requests of a call to one provider.
const requestsEach = 3

// randomCall draws a call.
var randomCall = rapid.Custom(func(rt *rapid.T) scenarios.Call {
	c := scenarios.DefaultCall()
	c.Stream = rapid.IntRange(0, 3).Draw(rt, "streamed") > 0
	c.Restarts = rapid.IntRange(0, 3).Draw(rt, "restarts") > 0
	return c
})

// faultsOver returns the faults that a provider can have over a protocol in all of the given
// calls. It excludes known gaps and faults that the protocol cannot express.
func faultsOver(wireName string, calls []scenarios.Call) []fakeprovider.Info {
	wire, err := protocol.ByName(wireName)
	if err != nil {
		panic(err) // the names are its own
	}
	return slices.DeleteFunc(slices.Clone(fault.All()), func(info fakeprovider.Info) bool {
		_, gap := gaps[info.Name][wireName]
		streamed := slices.ContainsFunc(calls, func(c scenarios.Call) bool { return c.Stream })
		return (gap && streamed) || fakeprovider.Cannot(info.Default, fakeprovider.WorldVirtual) != nil ||
			slices.ContainsFunc(calls, func(c scenarios.Call) bool {
				return fakeprovider.CannotSay(info.Default, wire,
					fakeprovider.Request{Model: "model", Stream: c.Stream, IncludeUsage: c.Stream}) != nil
			})
	})
}

// alongside returns the faults that can share connections with first: same HTTP version, same use
// of a proxy.
func alongside(first fakeprovider.Info, all []fakeprovider.Info) []fakeprovider.Info {
	return slices.DeleteFunc(all, func(info fakeprovider.Info) bool {
		healthy := info.Name == fakeprovider.NameOf(fakeprovider.Healthy{})
		return !healthy && (info.Needs != first.Needs || info.Proxied != first.Proxied)
	})
}

// randomScenario draws a chain of two or three providers over any protocols. The last one is
// healthy. The others have a random fault per request.
var randomScenario = rapid.Custom(func(rt *rapid.T) scenarios.Scenario {
	s := scenarios.Scenario{
		Name: "random", Deadline: 2 * time.Hour,
		Calls: rapid.SliceOfN(randomCall, 1, 2).Draw(rt, "calls"),
		// faults are drawn for more requests than there may be
		Expect: scenarios.Expecting(assertions.NoLeaks{}), UnreachedOK: true,
	}
	faulty := rapid.IntRange(1, 2).Draw(rt, "faulty providers")
	for i := range faulty + 1 {
		p := scenarios.Provider{
			Name: fmt.Sprintf("p%d", i), Protocol: rapid.SampledFrom(protocols()).Draw(rt, "protocol"),
		}
		if i == faulty {
			p.OnRequest = []fakeprovider.Fault{fakeprovider.Healthy{}}
		} else {
			first := rapid.SampledFrom(faultsOver(p.Protocol, s.Calls)).Draw(rt, "fault")
			p.OnRequest = []fakeprovider.Fault{first.Default}
			alike := alongside(first, faultsOver(p.Protocol, s.Calls))
			for range rapid.IntRange(0, 2).Draw(rt, "further requests") {
				p.OnRequest = append(p.OnRequest, rapid.SampledFrom(alike).Draw(rt, "fault").Default)
			}
		}
		s.Providers = append(s.Providers, p)
	}
	return s
})

// tell summarizes a scenario.
func tell(s scenarios.Scenario) string {
	var b strings.Builder
	for _, p := range s.Providers {
		fmt.Fprintf(&b, "%s over %s:", p.Name, p.Protocol)
		for _, entry := range p.OnRequest {
			b.WriteString(" " + fakeprovider.NameOf(entry))
		}
		b.WriteString("\n")
	}
	return fmt.Sprintf("%scalls: %+v", b.String(), s.Calls)
}

// mayFail reports whether a call may fail clearly instead of being answered. That holds if a fault
// may end any call, and for a streaming caller that does not understand restarts.
func mayFail(s scenarios.Scenario, c scenarios.Call) bool {
	for _, p := range s.Providers {
		for _, entry := range p.OnRequest {
			if d, ok := entry.(fakeprovider.Described); ok && d.Info().Right.Reaction == fakeprovider.FailClearly {
				return true
			}
		}
	}
	return c.Stream && !c.Restarts
}

// complaints returns the errors of an engine in a random scenario.
func complaints(s scenarios.Scenario, trial *harness.Trial) []string {
	if trial.Verdict() != assertions.Passed {
		return []string{trial.Verdict().String() + findings(trial)}
	}
	var all []string
	for i, c := range s.Calls {
		outcome, from := trial.Timeline.Outcome(i + 1)
		if outcome != timeline.Answered && (outcome != timeline.FailedClearly || !mayFail(s, c)) {
			all = append(all, fmt.Sprintf("call %d: %s by %q", i+1, outcome, from))
		}
		for name, n := range trial.Timeline.Measures(i + 1).Attempts {
			if n > requestsEach {
				all = append(all, fmt.Sprintf("call %d: %d requests to %s", i+1, n, name))
			}
		}
	}
	return all
}

// TestRandomScenarios checks random chains. The caller gets one whole answer, or a clear error if
// no provider could answer. No answer is damaged or empty. No call hangs or leaks, and no provider
// gets more than three requests. -rapid.checks sets the number of scenarios.
func TestRandomScenarios(t *testing.T) {
	t.Parallel()
	policy := recommended(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := randomScenario.Draw(rt, "scenario")
		trial := harness.Run(rt, s, target.Factory(policy))
		for _, complaint := range complaints(s, trial) {
			rt.Errorf("%s\n%s", complaint, tell(s))
		}
	})
}

// TestRandomScenariosFindWrongEngines checks that some hundred random scenarios detect each engine
// with one wrong knob.
func TestRandomScenariosFindWrongEngines(t *testing.T) {
	t.Parallel()
	const enough = 400
	const storm = `retry: {requests_per_provider: 0, attempts: 5}, reasons: {server_error: {fall_back_at: 0}}`
	for yaml, want := range map[string]string{
		`stream: {accept_truncated: true}`:                             timeline.Truncated.String(),
		`stream: {accept_bad_calls: true}`:                             timeline.Invalid.String(),
		`stream: {accept_repeats: true}`:                               timeline.Duplicated.String(),
		`sdk: {as_is: true}`:                                           timeline.Altered.String(),
		`stream: {accept_empty: true}`:                                 timeline.Empty.String(),
		`deadline: 0s, retry: {retry_after: {within_deadline: false}}`: timeline.Hung.String(),
		`stream: {after_content: error}`:                               timeline.FailedClearly.String(),
		`hedge: {after: 0s}, watch: {progress: byte}`:                  timeline.FailedClearly.String(),
		`reasons: {server_error: {stop: true}, timeout: {stop: true}}`: timeline.FailedClearly.String(),
		storm: "requests to",
	} {
		t.Run(yaml, func(t *testing.T) {
			t.Parallel()
			p, err := failover.LoadPolicy("wrong.yaml", []byte("{policy: wrong, extends: recommended, "+yaml+"}"))
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for seed := range enough {
				s := randomScenario.Example(seed)
				all = append(all, complaints(s, harness.Run(t, s, target.Factory(p)))...)
				if slices.ContainsFunc(all, func(complaint string) bool { return strings.Contains(complaint, want) }) {
					return
				}
			}
			t.Errorf("got %q, want some with %q", all, want)
		})
	}
}

// TestWhatIsCancelledLastIsNoLeak checks that a call that ends as it cancels a request is no leak.
// Over HTTP/2 the connection becomes idle a moment later.
func TestWhatIsCancelledLastIsNoLeak(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		s := scenarios.OfFault("fault", fault.HTTP2WindowStall{})
		s.Calls[0].Stream = false
		harness.Run(t, s, target.Factory(recommended(t)), harness.WithSeed(seed+1)).Check(t)
	}
}
