package failover_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
)

// What two turns cost at a primary that sends heartbeats only. Measured at the reported engine
// (https://github.com/NousResearch/hermes-agent/tree/c946e6709fa68b8a85f8e71709dd6642016b46a8):
// twelve stale kills, and after a 429 one request in two turns.
func TestTwoTurns(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy string
		fault  script
		want   int
	}{
		{"hermes-0.13-tls", heartbeats, 36},
		{"hermes-landed-fix", heartbeats, 12},
		{"hermes-landed-fix", fails(503, `{}`), 4},
		{"hermes-landed-fix", fails(429, `{}`), 1},
		{"hermes-0.13", fails(429, `{}`), 1},
		{"hermes-0.20", heartbeats, 12},
		{"hermes-0.20", fails(503, `{}`), 4},
		{"hermes-0.20", fails(429, `{}`), 1},
		{"recommended", heartbeats, 1},
		{"recommended", fails(503, `{}`), 1},
		{"recommended", fails(429, `{}`), 1},
	} {
		within(t, policy(t, row.policy), []provider{
			openai("primary", row.fault), anthropic("secondary", answers),
		}, func(l *lab) {
			for range 2 {
				if r := l.call(tokens[0]); r.err != nil || r.text != "hello from secondary" {
					t.Errorf("%s: got %q, error %v", row.policy, r.raw, r.err)
				}
			}
			if got := l.count("primary"); got != row.want {
				t.Errorf("%s: got %d requests to the primary in two turns, want %d", row.policy, got, row.want)
			}
		})
	}
}

// A second key cannot help against a stall, and yet switches the landed fix off: measured, 18
// kills, and in 0.20 six, because of the breaker.
func TestTwoKeys(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy string
		want   int
	}{{"hermes-landed-fix", 18}, {"hermes-0.20", 6}, {"hermes-proposed-fix", 1}, {"recommended", 1}} {
		chain := []provider{keyed(openai("primary", heartbeats), "a", "b"), anthropic("secondary", answers)}
		within(t, policy(t, row.policy), chain, func(l *lab) {
			if r := l.call(tokens[0]); r.err != nil || r.raw != "hello from secondary" {
				t.Errorf("%s: got %q, error %v", row.policy, r.raw, r.err)
			}
			if got := l.count("primary"); got != row.want {
				t.Errorf("%s: got %d requests to the primary, want %d", row.policy, got, row.want)
			}
		})
	}
}

// The fallback's refusal is no news about the primary's keys, not even where they are the same
// (https://github.com/NousResearch/hermes-agent/issues/33088).
func TestKeysRestWhereTheyWereRefused(t *testing.T) {
	t.Parallel()
	chain := []provider{
		keyed(openai("primary", fails(503, `{}`), answers), "a", "b"),
		keyed(openai("secondary", fails(429, `{}`), answers), "a", "b"),
	}
	p := policy(t, "recommended")
	p.Memory, p.Reasons = failover.Memory{}, map[failover.Reason]failover.Handling{
		failover.ReasonRateLimit:  {RotateAt: 1, KeyRest: time.Hour},
		failover.ReasonOverloaded: {NoRetry: true},
	}
	within(t, p, chain, func(l *lab) {
		l.call(tokens[0])
		l.call(tokens[0])
		if got, want := l.requests(chain), "primary a 0s 0s, secondary a 0s, secondary b 0s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A caller that leaves says nothing about the provider that it leaves, not even one that was about
// to be found out: no cooldown, no kill that a breaker counts, and the next call asks it first.
func TestACallerThatLeavesTeachesNothing(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	p.Memory.Breaker = failover.Breaker{Kills: 1}
	chain := []provider{openai("primary", mute, heartbeats, lost["stall"], answers), anthropic("secondary", mute)}
	within(t, p, chain, func(l *lab) {
		// the third one while it is hedged
		for _, patience := range []time.Duration{5 * time.Second, 41 * time.Second, 60 * time.Second} {
			ctx, cancel := context.WithTimeout(l.t.Context(), patience)
			r := l.ask(ctx, failover.Request{Stream: true, Restarts: true})
			if !errors.Is(r.err, context.DeadlineExceeded) || r.took != patience {
				t.Errorf("got error %v after %s, want the caller's own after %s", r.err, r.took, patience)
			}
			cancel()
		}
		if r := l.call(tokens[0]); r.raw != "hello from primary" || r.took != 0 || l.count("secondary") != 1 {
			t.Errorf("got %q after %s, requests %v, error %v", r.raw, r.took, l.hits, r.err)
		}
	})
}

// Nothing that a call does because of others, or leaves out, is left untold: who rests, who is
// passed over and why, and who is tried again.
func TestMemoryTellsWhatItDoes(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	p.Deadline, p.Retry.RetryAfter.WithinDeadline = 0, false
	chain := []provider{
		keyed(openai("primary", fails(503, `{}`), answers), "k"), twin("primary", "twin", answers),
		keyed(openai("limited", fails(429, `{}`)), "m"), keyed(openai("same", answers), "m"),
		openai("secondary", answers),
	}
	within(t, p, chain, func(l *lab) {
		for _, pause := range []time.Duration{0, 10 * time.Second, 60 * time.Second} {
			time.Sleep(pause)
			if r := l.call(tokens[0]); r.err != nil {
				t.Fatal(r.err)
			}
		}
		want := []string{
			"1: ask primary (attempt 1)",
			"1: fall back from primary: overloaded (attempt 1; status 503)",
			"1: rest primary: overloaded (for 1m0s)",
			"1: pass over twin (it would fail as another provider did)",
			"1: ask limited (attempt 1)",
			"1: fall back from limited: rate_limit (attempt 1; status 429)",
			"1: rest limited: rate_limit (for 1m0s)",
			"1: pass over same (it would fail as another provider did)",
			"1: ask secondary (attempt 1)",
			"1: answered secondary (attempt 1)",
			"2: pass over primary (it rests)",
			"2: pass over limited (it rests)",
			"2: ask twin (attempt 1)",
			"2: answered twin (attempt 1)",
			"3: probe primary (its rest is over)",
			"3: probe limited (its rest is over)",
			"3: ask primary (attempt 1)",
			"3: answered primary (attempt 1)",
		}
		var got []string
		for _, d := range l.decisions {
			got = append(got, fmt.Sprintf("%d: %s", d.Call, d))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestTheBreakerTellsWhatItDoes(t *testing.T) {
	t.Parallel()
	p := failover.NewPolicy()
	p.Watch.Stale = 10 * time.Second
	p.Memory.Breaker = failover.Breaker{Kills: 1, OpenFor: time.Minute}
	within(t, p, []provider{openai("primary", mute), openai("secondary", answers)}, func(l *lab) {
		for range 3 {
			l.call(tokens[0])
			time.Sleep(30 * time.Second)
		}
		want := []string{
			"ask primary (attempt 1)", "kill primary: timeout (attempt 1; no progress for 10s)",
			"open the breaker of primary (too many stale kills in a row)",
			"fall back from primary: timeout (attempt 1; api_connection_error)", "ask secondary (attempt 1)",
			"answered secondary (attempt 1)",
			"fall back from primary: timeout (circuit_open)", "ask secondary (attempt 1)",
			"answered secondary (attempt 1)",
			"probe primary (the breaker lets one attempt through)",
			"ask primary (attempt 1)", "kill primary: timeout (attempt 1; no progress for 10s)",
			"open the breaker of primary (too many stale kills in a row)",
			"fall back from primary: timeout (attempt 1; api_connection_error)", "ask secondary (attempt 1)",
			"answered secondary (attempt 1)",
		}
		var got []string
		for _, d := range l.decisions {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// With every provider at rest, one that rests is better than none.
func TestEverybodyRests(t *testing.T) {
	t.Parallel()
	chain := []provider{openai("primary", fails(503, `{}`), answers), openai("secondary", fails(503, `{}`))}
	within(t, policy(t, "recommended"), chain, func(l *lab) {
		if r := l.call(tokens[0]); r.err == nil {
			t.Fatalf("got %q", r.raw)
		}
		if r := l.call(tokens[0]); r.err != nil || r.raw != "hello from primary" {
			t.Errorf("got %q, error %v", r.raw, r.err)
		}
	})
}

// Waves of calls at one instant, up to a thousand, through one engine whose primary dies and
// returns. One learns, all know: the hang is paid by those that were under way, and then by one
// call at a time.
func TestAThousandCalls(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	primary := func(x *exchange) {
		if dead.Load() {
			silent(x)
			return
		}
		x.wait(time.Second) // so that a wave goes on while one of it finds out
		answers(x)
	}
	within(t, policy(t, "recommended"), []provider{
		openai("primary", primary), anthropic("secondary", answers),
	}, func(l *lab) {
		for i, wave := range []struct {
			name               string
			pause              time.Duration
			dead               bool
			calls              int
			primary, secondary int
		}{
			{"all is well", 0, false, 50, 50, 0},
			{"it dies", time.Minute, true, 1000, 1000, 1000},
			{"it rests", 0, true, 50, 0, 50},
			{"one finds out", 61 * time.Second, true, 50, 1, 50},
			{"it rests longer", 61 * time.Second, true, 50, 0, 50},
			{"it has come back", time.Minute, false, 1000, 1, 999},
			{"all return", 0, false, 50, 50, 0},
		} {
			time.Sleep(wave.pause)
			dead.Store(wave.dead)
			was := [2]int{l.count("primary"), l.count("secondary")}
			var wg sync.WaitGroup
			for range wave.calls {
				wg.Go(func() {
					var text strings.Builder
					answer, err := l.engine.Call(l.t.Context(), failover.Request{Stream: true},
						func(d failover.Delta) { text.WriteString(d.Text) })
					if err != nil || text.String() != "hello from "+answer.Provider {
						t.Errorf("%s: got %q from %q, error %v", wave.name, text.String(), answer.Provider, err)
					}
				})
			}
			wg.Wait()
			got := [2]int{l.count("primary") - was[0], l.count("secondary") - was[1]}
			if want := [2]int{wave.primary, wave.secondary}; got != want {
				t.Errorf("wave %d, %s: got %v requests, want %v", i, wave.name, got, want)
			}
		}
	})
}
