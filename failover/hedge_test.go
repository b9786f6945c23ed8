package failover_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// after gives the whole answer, or whatever else, after a while.
func after(d time.Duration, play script) script {
	return func(x *exchange) {
		if x.wait(d) {
			play(x)
		}
	}
}

// A provider that is merely very slow is not lost: the first one to give content has the call, the
// other one is closed at that instant.
func TestHedge(t *testing.T) {
	t.Parallel()
	const second, ms = time.Second, time.Millisecond
	unavailable := fails(503, `{}`)
	for name, row := range map[string]struct {
		primary, secondary script
		deaf               bool // the caller does not understand restarts
		raw                string
		took               time.Duration
		asked, gone        map[string][]time.Duration
	}{
		"the fallback answers first": {
			slowly, answers, false, "hello from secondary", 42 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {42 * second}, "secondary": {42 * second}},
		},
		"the fallback is slower": {
			slowly, after(60*second, answers), false, "hello from primary", 90 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {90 * second}, "secondary": {90 * second}},
		},
		"the fallback is broken": {
			slowly, unavailable, false, "hello from primary", 90 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {90 * second}, "secondary": {42 * second}},
		},
		"the primary breaks while the fallback thinks": {
			after(50*second, unavailable), after(20*second, answers), false, "hello from secondary", 62 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {50 * second}, "secondary": {62 * second}},
		},
		"the primary stalls within the answer": {
			lost["stall"], answers, false, "hello |hello from secondary", 42 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {42 * second}, "secondary": {42 * second}},
		},
		"the primary goes on before the fallback begins": {
			stalls(1), after(20*second, answers), false, "hello on and primary", 50 * second,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {50 * second}, "secondary": {50 * second}},
		},
		"what the caller holds cannot be taken back": {
			stalls(1), answers, true, "hello on and primary", 50 * second,
			map[string][]time.Duration{"primary": {0}},
			map[string][]time.Duration{"primary": {50 * second}},
		},
		"the fallback is lost after it has won": {
			slowly, lost["cut"], false, "hello ", 42*second + ms,
			map[string][]time.Duration{"primary": {0}, "secondary": {42 * second}},
			map[string][]time.Duration{"primary": {42 * second}, "secondary": {42*second + ms}},
		},
	} {
		p := policy(t, "recommended")
		p.Retry.Attempts = 1
		for protocol, primary := range protocols {
			within(t, p, []provider{primary("primary", row.primary), openai("secondary", row.secondary)}, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Stream: true, Restarts: !row.deaf})
				if r.raw != row.raw || r.took != row.took {
					t.Errorf("%s, %s: got %q after %s, error %v", name, protocol, r.raw, r.took, r.err)
				}
				if whole := row.raw != "hello "; whole != (r.err == nil) {
					t.Errorf("%s, %s: got error %v", name, protocol, r.err)
				}
				if diff := cmp.Diff(row.asked, l.hits); diff != "" {
					t.Errorf("%s, %s: requests (-want +got)\n%s", name, protocol, diff)
				}
				if diff := cmp.Diff(row.gone, l.gone); diff != "" {
					t.Errorf("%s, %s: ends (-want +got)\n%s", name, protocol, diff)
				}
			})
		}
	}
}

// Both begin at one instant, again and again: whoever wins, the caller gets one answer and nothing
// of the other.
func TestHedgeAtOneInstant(t *testing.T) {
	t.Parallel()
	won := map[string]int{}
	for _, streamed := range []bool{true, false} {
		p := policy(t, "recommended")
		lead := p.Hedge.After
		if !streamed {
			lead = p.Hedge.CallAfter
		}
		for i := range 100 {
			chain := []provider{
				openai("primary", after(lead+20*time.Second, answers)),
				anthropic("secondary", after(20*time.Second, answers)),
			}
			within(t, p, chain, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Stream: streamed, Restarts: i%2 == 0})
				if r.err != nil || r.raw != "hello from "+r.answer.Provider || r.took != lead+20*time.Second {
					t.Errorf("got %q from %q after %s, error %v", r.raw, r.answer.Provider, r.took, r.err)
				}
				won[r.answer.Provider]++
			})
		}
	}
	t.Logf("won: %v", won)
}

// Each provider of a chain is hedged by the next.
func TestHedgesOfHedges(t *testing.T) {
	t.Parallel()
	chain := []provider{
		openai("primary", mute), anthropic("secondary", heartbeats), openai("third", silent), openai("fourth", answers),
	}
	within(t, policy(t, "recommended"), chain, func(l *lab) {
		r := l.call(tokens[0])
		if r.err != nil || r.raw != "hello from fourth" || r.took != 126*time.Second {
			t.Errorf("got %q after %s, error %v", r.raw, r.took, r.err)
		}
		want := map[string][]time.Duration{
			"primary": {0}, "secondary": {42 * time.Second}, "third": {84 * time.Second}, "fourth": {126 * time.Second},
		}
		if diff := cmp.Diff(want, l.hits); diff != "" {
			t.Errorf("requests (-want +got)\n%s", diff)
		}
	})
}

// A caller that leaves, and a deadline that passes, end both sides of a hedge at once.
func TestNothingOutlivesAHedgedCall(t *testing.T) {
	t.Parallel()
	chain := []provider{openai("primary", mute), anthropic("secondary", heartbeats), openai("third", mute)}
	p := policy(t, "recommended")
	p.Watch.Stale = 9 * time.Minute
	for name, row := range map[string]struct {
		patience time.Duration
		want     error
	}{
		"caller":   {100 * time.Second, context.DeadlineExceeded},
		"deadline": {time.Hour, failover.ErrDeadline},
	} {
		within(t, p, chain, func(l *lab) {
			ctx, cancel := context.WithTimeout(l.t.Context(), row.patience)
			defer cancel()
			r := l.ask(ctx, failover.Request{Stream: true, Restarts: true})
			end := min(row.patience, p.Deadline)
			if !errors.Is(r.err, row.want) || r.took != end {
				t.Errorf("%s: got error %v after %s", name, r.err, r.took)
			}
			for provider, gone := range l.gone {
				for _, at := range gone {
					if at > end {
						t.Errorf("%s: %s saw the end at %s, the call ended at %s", name, provider, at, end)
					}
				}
			}
			if got := l.count("primary"); got > 3 {
				t.Errorf("%s: got %d requests to the primary", name, got)
			}
		})
	}
}

// Whoever answers, fails or hangs before its first content: hedging gives exactly one answer, and
// no later than waiting or switching would have.
func TestHedgingIsNeverLater(t *testing.T) {
	t.Parallel()
	endings := map[string]script{"answers": answers, "503": fails(503, `{}`), "resets": resets, "hangs": mute}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string, phase time.Duration) script {
			wait := time.Duration(rapid.IntRange(0, 200).Draw(rt, name+" takes s"))*time.Second + phase
			return after(wait,
				endings[rapid.SampledFrom([]string{"answers", "answers", "503", "resets", "hangs"}).Draw(rt, name)])
		}
		// Never at one instant.
		chain := []provider{
			openai("primary", draw("primary", 7*time.Millisecond)),
			anthropic("secondary", draw("secondary", 3*time.Millisecond)),
		}
		run := func(change func(p *failover.Policy)) (r result) {
			p := policy(t, "recommended")
			p.Retry.Attempts, p.Retry.EarlyReset.Retries, p.Retry.Backoff.Jitter = 1, 0, 0
			change(&p)
			within(t, p, chain, func(l *lab) { r = l.call(tokens[0]) })
			return r
		}
		hedged := run(func(*failover.Policy) {})
		waited := run(func(p *failover.Policy) { p.Hedge.After = 0 })
		switched := run(func(p *failover.Policy) { p.Hedge.After, p.Watch.Stale = 0, 42*time.Second })
		if hedged.err == nil && hedged.text != "hello from "+hedged.answer.Provider {
			rt.Errorf("got %q", hedged.raw)
		}
		for name, other := range map[string]result{"waiting": waited, "switching": switched} {
			if other.err == nil && (hedged.err != nil || hedged.took > other.took) {
				rt.Errorf("%s answers after %s, hedging after %s (%q, %v)", name, other.took, hedged.took, hedged.raw,
					hedged.err)
			}
		}
	})
}

// With nobody left to ask, a slow provider is waited for instead of given up.
func TestTheLastOneIsWaitedFor(t *testing.T) {
	t.Parallel()
	for protocol, primary := range protocols {
		for _, streamed := range []bool{true, false} {
			within(t, policy(t, "recommended"), []provider{
				primary("primary", after(200*time.Second, answers)),
			}, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Stream: streamed})
				if r.err != nil || r.raw != "hello from primary" || r.took != 200*time.Second ||
					l.count("primary") != 1 {
					t.Errorf("%s, streamed %v: got %q after %s and %d requests, error %v", protocol, streamed, r.raw,
						r.took, l.count("primary"), r.err)
				}
			})
		}
	}
}
