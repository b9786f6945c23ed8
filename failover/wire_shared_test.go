package failover_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	faults "github.com/chaosrun/chaosrun/fakeprovider/fault"
)

// A primary that only keeps its stream open is left for the next one in time, whichever two
// protocols meet.
func TestEveryWireFallsBackToEveryOther(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	for _, first := range failover.Protocols() {
		for _, next := range failover.Protocols() {
			t.Run(first+"/"+next, func(t *testing.T) {
				t.Parallel()
				chain := []provider{
					fake(t, "primary", first, faults.HeartbeatOnly{}), fake(t, "secondary", next, fromNext),
				}
				within(t, p, chain, func(l *lab) {
					r := l.ask(l.t.Context(), question(true))
					if r.err != nil || r.raw != "hello from secondary" || l.count("primary") != 1 ||
						l.first("secondary") != p.Hedge.After {
						t.Errorf("got %q, error %v, requests %v", r.raw, r.err, l.hits)
					}
				})
			})
		}
	}
}

// Not streamed, nothing can be seen before the whole is there; the detector of stale calls is the
// one that applies (https://github.com/NousResearch/hermes-agent/issues/21444).
func TestStaleCallsOfEveryWire(t *testing.T) {
	t.Parallel()
	never := plays(fakeprovider.End{How: fakeprovider.Hang})
	for _, protocol := range failover.Protocols() {
		p := failover.NewPolicy()
		p.Watch.Stale, p.Watch.StaleCall = time.Minute, 90*time.Second
		chain := []provider{fake(t, "primary", protocol, never), fake(t, "secondary", failover.OpenAIChat, fromNext)}
		for _, want := range []time.Duration{p.Watch.Stale, p.Watch.StaleCall} {
			within(t, p, chain, func(l *lab) {
				r := l.ask(l.t.Context(), question(want == p.Watch.Stale))
				if r.err != nil || r.raw != "hello from secondary" || l.first("secondary") != want {
					t.Errorf("%s, %s: got %q, error %v, requests %v", protocol, want, r.raw, r.err, l.hits)
				}
			})
			chain = []provider{fake(t, "primary", protocol, never), fake(t, "secondary", failover.OpenAIChat, fromNext)}
		}
	}
}

// trials are what a provider may do to one request of the schedules below.
var trials = map[string]fakeprovider.Script{
	"answer":     fromFirst.Script(),
	"overloaded": plays(fakeprovider.Fail{Status: 503, Headers: map[string]string{"Retry-After": ""}}),
	"wait":       plays(fakeprovider.Fail{Status: 503, RetryAfter: "3"}),
	"broken":     plays(fakeprovider.Fail{Status: 500}),
	"no key":     plays(fakeprovider.Fail{Status: 401}),
	"heartbeats": faults.HeartbeatOnly{}.Script(),
	"silence":    plays(fakeprovider.Respond{}, fakeprovider.End{How: fakeprovider.Hang}),
	"nothing":    plays(fakeprovider.End{How: fakeprovider.Hang}),
	"reset":      plays(fakeprovider.End{How: fakeprovider.Reset}),
	"cut": plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}}, fakeprovider.Wait{For: time.Second},
		fakeprovider.End{How: fakeprovider.Cut}),
	"ended": plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}},
		fakeprovider.End{How: fakeprovider.EOF}),
	"stalled": plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}},
		fakeprovider.End{How: fakeprovider.Hang}),
	"empty": plays(fakeprovider.Respond{}, fakeprovider.End{How: fakeprovider.EOF}),
	"filtered": plays(says{{Kind: fakeprovider.FrameText, Text: "hello "}},
		fakeprovider.Finish{Reason: "content_filter"}),
	"slow":          plays(fakeprovider.Respond{}, fakeprovider.Wait{For: 50 * time.Second}, fromFirst.Script()),
	"slow to start": plays(fakeprovider.Wait{For: 80 * time.Second}, fromFirst.Script()),
}

// namesNoProtocol says that a policy treats all protocols alike and leaves nothing to the SDKs.
func namesNoProtocol(p failover.Policy) bool {
	return len(p.Watch.KillReaches) == 0 && len(p.Watch.Connect.ByProtocol) == 0 && len(p.Watch.Read.ByProtocol) == 0 &&
		isBare(p)
}

func isBare(p failover.Policy) bool { return p.SDK.Retries == 0 && len(p.SDK.RetriesByProtocol) == 0 }

// What the engine does about a schedule of faults does not depend on the protocol, as far as the
// SDK has no say: the same requests at the same instants, and the same for the caller, as over
// openai-chat. The profiles of it are treated as it is by every policy.
func TestTheSameScheduleOverEveryWire(t *testing.T) {
	t.Parallel()
	var policies []failover.Policy
	for _, p := range failover.Policies() {
		if p.SDK.Retries == 0 {
			policies = append(policies, p)
		}
	}
	alike := slices.IndexFunc(policies, namesNoProtocol)
	if alike < 0 {
		t.Fatal("every policy names a protocol: nothing would be compared")
	}
	names := make([]string, 0, len(trials))
	for name := range trials {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(policies).Draw(rt, "policy")
		schedule := rapid.SliceOfN(rapid.SampledFrom(names), 1, 4).Draw(rt, "schedule")
		streamed := rapid.Bool().Draw(rt, "streamed")
		want := schedules(t, p, failover.OpenAIChat, schedule, streamed)
		for _, protocol := range failover.Protocols() {
			profile := protocol == failover.OpenRouter || protocol == failover.AzureOpenAI
			if !profile && !namesNoProtocol(p) {
				continue
			}
			if got := schedules(t, p, protocol, schedule, streamed); !reflect.DeepEqual(got, want) {
				rt.Errorf("%s, %v, streamed %v\n%s: %+v\nopenai-chat: %+v", p.Name, schedule, streamed, protocol, got,
					want)
			}
		}
	})
}

// course is what a schedule led to.
type course struct {
	Requests  map[string][]time.Duration
	Text      string
	Failed    bool
	Decisions []string
}

func schedules(t *testing.T, p failover.Policy, protocol string, schedule []string, streamed bool) (c course) {
	t.Helper()
	var entries []fakeprovider.Fault
	for _, name := range schedule {
		entries = append(entries, trials[name])
	}
	chain := []provider{fake(t, "primary", protocol, entries...), fake(t, "secondary", failover.OpenAIChat, fromNext)}
	within(t, p, chain, func(l *lab) {
		ctx, cancel := context.WithTimeout(l.t.Context(), 6*time.Hour)
		defer cancel()
		r := l.ask(ctx, question(streamed))
		c = course{Requests: l.hits, Text: r.raw, Failed: r.err != nil}
		for _, d := range l.decisions {
			c.Decisions = append(c.Decisions,
				fmt.Sprintf("%s %s %s %s %s", d.At, d.Action, d.Reason, d.Provider, d.Wait))
		}
	})
	return c
}
