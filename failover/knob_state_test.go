package failover_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// A stateRow shows what a knob does that takes more than one call, key or fallback to be seen.
type stateRow struct {
	knob    string
	off, on string // the policy's YAML
	chain   []provider
	calls   int           // in turn; 0 means 1
	pause   time.Duration // between them
	all     bool          // the calls are made at once
	whole   bool          // not streamed
	want    [2]string     // who got requests when, and what the last call came to
}

// slowly gives its first token after 90 s.
func slowly(x *exchange) {
	if x.wait(90 * time.Second) {
		answers(x)
	}
}

func keyed(p provider, keys ...string) provider {
	p.keys = keys
	return p
}

func twin(of, name string, scripts ...script) provider {
	p := openai(name, scripts...)
	p.at = of
	return p
}

// stalls gives a piece, is silent for 50 s, and goes on.
func stalls(times int) script {
	return func(x *exchange) {
		x.text("hello ")
		for range times {
			if !x.wait(50 * time.Second) {
				return
			}
			x.text("")
			x.send(": ping\n\n")
			x.text("on and ")
		}
		x.text(x.provider)
		x.finish()
	}
}

// asking lets a provider rest that asks for a wait, and grants two minutes of it.
const asking = `retry: {retry_after: {reasons: [overloaded], cap: 2m, patience: 1s}}, ` +
	`reasons: {overloaded: {cooldown: true}}, memory: {cooldown: {base: 60s, cap: 60s`

const resting = `reasons: {overloaded: {cooldown: true}}, memory: {cooldown: {base: 60s, cap: 60s}}`

var (
	fallback = openai("secondary", answers)
	mutes    = []provider{openai("primary", mute), fallback}
	dead     = []provider{openai("primary", fails(503, `{}`)), fallback}
	limited  = fails(429, `{}`)
)

var stateRows = []stateRow{
	{
		knob:  "chain.stay_on_timeout",
		off:   `{watch: {stale: 60s}, retry: {attempts: 2, backoff: {jitter: 0.0}}, reasons: {timeout: {fall_back_at: 1}}}`,
		on:    `{watch: {stale: 60s}, chain: {stay_on_timeout: true}, retry: {attempts: 2, backoff: {jitter: 0.0}}, reasons: {timeout: {fall_back_at: 1}}}`,
		chain: mutes, want: [2]string{
			"primary 0s, secondary 1m0s: fallback", "primary 0s 1m2s, secondary 2m2s: fallback",
		},
	},
	{
		knob: "chain.stay_on_timeout", off: `{watch: {stale: 60s}, hedge: {after: 42s}}`,
		on: `{watch: {stale: 60s}, hedge: {after: 42s}, chain: {stay_on_timeout: true}}`, chain: mutes,
		want: [2]string{"primary 0s, secondary 42s: fallback", "primary 0s, secondary 1m0s: fallback"},
	},
	{
		knob: "chain.hop_budget", off: `{watch: {stale: 60s}, retry: {attempts: 2}}`,
		on: `{watch: {stale: 60s}, retry: {attempts: 2}, chain: {hop_budget: 50s}}`, chain: mutes,
		want: [2]string{"primary 0s 1m2s, secondary 2m2s: fallback", "primary 0s, secondary 50s: fallback"},
	},
	{
		knob: "chain.hop_budget", off: `{retry: {attempts: 9, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 9, backoff: {jitter: 0.0}}, chain: {hop_budget: 10s}}`, chain: dead,
		want: [2]string{
			"primary 0s 2s 6s 14s 30s 1m2s 2m2s 3m2s 4m2s, secondary 4m2s: fallback",
			"primary 0s 2s 6s, secondary 6s: fallback",
		},
	},
	{
		knob: "chain.hop_budget", off: `{}`, on: `{chain: {hop_budget: 30s}}`,
		chain: []provider{openai("primary", slowButHealthy)},
		want:  [2]string{"primary 0s: primary", "primary 0s: primary"},
	},
	{
		knob: "chain.skip_same_backend", off: `{}`, on: `{chain: {skip_same_backend: true}}`,
		chain: []provider{openai("primary", fails(503, `{}`)), twin("primary", "twin", answers), fallback},
		want:  [2]string{"primary 0s 0s, secondary 0s: fallback", "primary 0s, secondary 0s: fallback"},
	},
	{
		knob: "chain.skip_dead_key", off: `{reasons: {rate_limit: {rotate_at: 1}}}`,
		on:    `{reasons: {rate_limit: {rotate_at: 1}}, chain: {skip_dead_key: true}}`,
		chain: []provider{keyed(openai("primary", limited), "k"), keyed(openai("same", limited), "k"), fallback},
		want:  [2]string{"primary 0s, same 0s, secondary 0s: fallback", "primary 0s, secondary 0s: fallback"},
	},

	{
		knob: "hedge.after", off: `{}`, on: `{hedge: {after: 42s}}`,
		chain: []provider{openai("primary", slowly), openai("secondary", mute)},
		want:  [2]string{"primary 0s: primary", "primary 0s, secondary 42s: primary"},
	},
	{
		knob: "hedge.call_after", off: `{hedge: {after: 42s}}`, on: `{hedge: {after: 42s, call_after: 60s}}`,
		chain: []provider{openai("primary", slowly), fallback}, whole: true,
		want: [2]string{"primary 0s: primary", "primary 0s, secondary 1m0s: fallback"},
	},
	{
		knob: "hedge.per_call", off: `{hedge: {after: 42s}}`, on: `{hedge: {after: 42s, per_call: 2}}`,
		chain: []provider{openai("primary", stalls(2)), openai("secondary", mute)},
		want: [2]string{
			"primary 0s, secondary 42s 1m32s: caller", "primary 0s, secondary 42s 1m32s: hello on and on and primary",
		},
	},
	{
		knob: "hedge.budget.burst", off: `{hedge: {after: 42s}}`, on: `{hedge: {after: 42s, budget: {burst: 1}}}`,
		chain: []provider{openai("primary", slowly), openai("secondary", mute)}, calls: 2,
		want: [2]string{
			"primary 0s 1m30s, secondary 42s 2m12s: primary", "primary 0s 1m30s, secondary 42s 2m12s: caller",
		},
	},
	{
		knob: "hedge.budget.ratio", off: `{hedge: {after: 42s, budget: {burst: 1}}}`,
		on:    `{hedge: {after: 42s, budget: {burst: 1, ratio: 1}}}`,
		chain: []provider{openai("primary", slowly), openai("secondary", mute)}, calls: 2,
		want: [2]string{
			"primary 0s 1m30s, secondary 42s 2m12s: caller", "primary 0s 1m30s, secondary 42s 2m12s: primary",
		},
	},

	{
		knob: "retry.budget.burst", off: `{retry: {attempts: 3, backoff: {jitter: 0.0}}}`,
		on: `{retry: {attempts: 3, backoff: {jitter: 0.0}, budget: {burst: 1}}}`, chain: dead,
		want: [2]string{"primary 0s 2s 6s, secondary 6s: fallback", "primary 0s 2s, secondary 2s: fallback"},
	},
	{
		knob: "retry.budget.ratio", off: `{retry: {attempts: 2, backoff: {jitter: 0.0}, budget: {burst: 1}}}`,
		on: `{retry: {attempts: 2, backoff: {jitter: 0.0}, budget: {burst: 1, ratio: 0.5}}}`, chain: dead, calls: 3,
		want: [2]string{
			"primary 0s 2s 2s 2s, secondary 2s 2s 2s: fallback", "primary 0s 2s 2s 2s 4s, secondary 2s 2s 4s: fallback",
		},
	},

	{
		knob: "reasons.rotate_at", off: `{}`, on: `{reasons: {rate_limit: {rotate_at: 1}}}`,
		chain: []provider{keyed(openai("primary", limited, answers), "a", "b")},
		want:  [2]string{"primary a 0s: chain exhausted", "primary a 0s, primary b 0s: primary"},
	},
	{
		knob:  "reasons.rotate_at",
		off:   `{retry: {attempts: 9, backoff: {jitter: 0.0}}, reasons: {rate_limit: {rotate_at: 1}}}`,
		on:    `{retry: {attempts: 9, backoff: {jitter: 0.0}}, reasons: {rate_limit: {rotate_at: 2}}}`,
		chain: []provider{keyed(openai("primary", limited, limited, answers), "a", "b")},
		want:  [2]string{"primary a 0s 2s, primary b 0s: primary", "primary a 0s 2s, primary b 2s: primary"},
	},
	{
		knob: "reasons.key_rest", off: `{reasons: {rate_limit: {rotate_at: 1, key_rest: 1h}}}`,
		on:    `{reasons: {rate_limit: {rotate_at: 1, key_rest: 20s}}}`,
		chain: []provider{keyed(openai("primary", limited, answers, limited, answers), "a", "b")}, calls: 2,
		pause: 30 * time.Second,
		want: [2]string{
			"primary a 0s, primary b 0s 30s: chain exhausted", "primary a 0s 30s, primary b 0s 30s: primary",
		},
	},
	{
		knob:  "reasons.held_by_keys",
		off:   `{retry: {attempts: 3, backoff: {jitter: 0.0}}, reasons: {overloaded: {fall_back_at: 1}}}`,
		on:    `{retry: {attempts: 3, backoff: {jitter: 0.0}}, reasons: {overloaded: {fall_back_at: 1, held_by_keys: true}}}`,
		chain: []provider{keyed(dead[0], "a", "b"), fallback},
		want:  [2]string{"primary a 0s, secondary 0s: fallback", "primary a 0s 2s 6s, secondary 6s: fallback"},
	},

	{
		knob: "reasons.cooldown", off: `{memory: {cooldown: {base: 60s, cap: 60s}}}`, on: `{` + resting + `}`,
		chain: dead, calls: 2,
		want: [2]string{"primary 0s 0s, secondary 0s 0s: fallback", "primary 0s, secondary 0s 0s: fallback"},
	},
	{
		knob: "memory.cooldown.base", off: `{` + resting + `}`,
		on: `{reasons: {overloaded: {cooldown: true}}, memory: {cooldown: {base: 30s, cap: 60s}}}`, chain: dead,
		calls: 2, pause: 40 * time.Second,
		want: [2]string{"primary 0s, secondary 0s 40s: fallback", "primary 0s 40s, secondary 0s 40s: fallback"},
	},
	{
		knob: "memory.cooldown.cap", off: `{` + resting + `}`,
		on: `{reasons: {overloaded: {cooldown: true}}, memory: {cooldown: {base: 60s, cap: 90s}}}`, chain: dead,
		calls: 4, pause: 70 * time.Second,
		want: [2]string{
			"primary 0s 1m10s 2m20s 3m30s, secondary 0s 1m10s 2m20s 3m30s: fallback",
			"primary 0s 1m10s 3m30s, secondary 0s 1m10s 2m20s 3m30s: fallback",
		},
	},
	{
		knob:  "reasons.alone",
		off:   `{retry: {requests_per_provider: 2, attempts: 3, backoff: {jitter: 0.0}}}`,
		on:    `{retry: {requests_per_provider: 2, attempts: 3, backoff: {jitter: 0.0}}, reasons: {overloaded: {alone: 4}}}`,
		chain: dead[:1], want: [2]string{"primary 0s 2s: chain exhausted", "primary 0s 2s 6s 14s: chain exhausted"},
	},
	{
		knob: "memory.cooldown.as_asked", off: `{` + asking + `}}}`, on: `{` + asking + `, as_asked: true}}}`,
		chain: []provider{openai("primary", fails(503, `{}`, "Retry-After", "20")), fallback}, calls: 2,
		pause: 30 * time.Second,
		want:  [2]string{"primary 0s, secondary 0s 30s: fallback", "primary 0s 30s, secondary 0s 30s: fallback"},
	},
	{
		knob: "memory.cooldown.as_asked", off: `{` + asking + `}}}`, on: `{` + asking + `, as_asked: true}}}`,
		chain: []provider{openai("primary", fails(503, `{}`, "Retry-After", "900")), fallback}, calls: 2,
		pause: 5 * time.Minute,
		want:  [2]string{"primary 0s 5m0s, secondary 0s 5m0s: fallback", "primary 0s, secondary 0s 5m0s: fallback"},
	},
	{
		knob:  "memory.cooldown.probes",
		off:   `{watch: {stale: 10s}, reasons: {timeout: {cooldown: true}}, memory: {cooldown: {base: 5s, cap: 5s}}}`,
		on:    `{watch: {stale: 10s}, reasons: {timeout: {cooldown: true}}, memory: {cooldown: {base: 5s, cap: 5s, probes: 1}}}`,
		chain: mutes, calls: 3, pause: 6 * time.Second, all: true, want: [2]string{
			"primary 0s 16s 16s 16s, secondary 10s 26s 26s 26s: fallback",
			"primary 0s 16s, secondary 10s 16s 16s 26s: fallback",
		},
	},
	{
		knob: "memory.cooldown.exhausted", off: `{}`, on: `{memory: {cooldown: {exhausted: 5s}}}`,
		chain: []provider{openai("primary", fails(503, `{}`), answers), openai("secondary", fails(503, `{}`))},
		calls: 2, pause: 2 * time.Second,
		want: [2]string{"primary 0s 2s, secondary 0s: primary", "primary 0s 2s, secondary 0s 2s: primary"},
	},
	{
		knob: "memory.cooldown.exhausted", off: `{}`, on: `{memory: {cooldown: {exhausted: 5s}}}`,
		chain: []provider{openai("primary", fails(503, `{}`), answers), openai("secondary", fails(503, `{}`))},
		calls: 2, pause: 6 * time.Second,
		want: [2]string{"primary 0s 6s, secondary 0s: primary", "primary 0s 6s, secondary 0s: primary"},
	},
	{
		knob: "memory.breaker.kills", off: `{watch: {stale: 10s}}`,
		on: `{watch: {stale: 10s}, memory: {breaker: {kills: 2}}}`, chain: mutes, calls: 3,
		want: [2]string{
			"primary 0s 10s 20s, secondary 10s 20s 30s: fallback", "primary 0s 10s, secondary 10s 20s 20s: fallback",
		},
	},
	{
		knob: "memory.breaker.open_for", off: `{watch: {stale: 10s}, memory: {breaker: {kills: 1}}}`,
		on:    `{watch: {stale: 10s}, memory: {breaker: {kills: 1, open_for: 30s}}}`,
		chain: []provider{openai("primary", mute, answers), fallback}, calls: 4, pause: 20 * time.Second,
		want: [2]string{
			"primary 0s, secondary 10s 30s 50s 1m10s: fallback", "primary 0s 50s 1m10s, secondary 10s 30s: primary",
		},
	},
	{
		knob: "memory.breaker.forget_on_fallback", off: `{watch: {stale: 10s}, memory: {breaker: {kills: 2}}}`,
		on: `{watch: {stale: 10s}, memory: {breaker: {kills: 2, forget_on_fallback: true}}}`, chain: mutes, calls: 3,
		want: [2]string{
			"primary 0s 10s, secondary 10s 20s 20s: fallback", "primary 0s 10s 20s, secondary 10s 20s 30s: fallback",
		},
	},
}

func TestStateKnobs(t *testing.T) {
	t.Parallel()
	for i, row := range stateRows {
		t.Run(fmt.Sprintf("%s/%d", row.knob, i), func(t *testing.T) {
			t.Parallel()
			for j, yaml := range []string{row.off, row.on} {
				if got := row.play(t, yaml); got != row.want[j] {
					t.Errorf("%s:\n got %q\nwant %q", yaml, got, row.want[j])
				}
			}
		})
	}
}

// play makes the calls under a policy. The caller's patience is an hour for each of them.
func (row stateRow) play(t *testing.T, yaml string) (story string) {
	t.Helper()
	p, err := failover.LoadPolicy("row.yaml", []byte("{policy: row, "+strings.TrimPrefix(yaml, "{")))
	if err != nil {
		t.Fatal(err)
	}
	within(t, p, row.chain, func(l *lab) {
		var r result
		one := func() {
			ctx, cancel := context.WithTimeout(l.t.Context(), time.Hour)
			defer cancel()
			r = l.ask(ctx, failover.Request{Stream: !row.whole, Restarts: true})
		}
		one()
		if row.all {
			time.Sleep(row.pause)
			var calls sync.WaitGroup
			for range row.calls {
				calls.Go(func() {
					_, _ = l.engine.Call(l.t.Context(), failover.Request{Stream: true, Restarts: true},
						func(failover.Delta) {})
				})
			}
			calls.Wait()
		} else {
			for range row.calls - 1 {
				time.Sleep(row.pause)
				one()
			}
		}
		story = l.requests(row.chain) + ": " + row.outcome(r)
	})
	return story
}

func (row stateRow) outcome(r result) string {
	if strings.HasPrefix(r.story(), "chain exhausted") {
		return "chain exhausted"
	}
	return r.story()
}

// requests tells when each provider was asked, and with which key where it has several.
func (l *lab) requests(chain []provider) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var parts []string
	for _, p := range chain {
		keys := p.keys
		if len(keys) < 2 {
			keys = []string{""}
		}
		for _, key := range keys {
			said := []string{strings.TrimSpace(p.name + " " + key)}
			for i, at := range l.hits[p.name] {
				if key == "" || l.keys[p.name][i] == "Bearer "+key {
					said = append(said, at.Round(time.Second).String())
				}
			}
			if len(said) > 1 {
				parts = append(parts, strings.Join(said, " "))
			}
		}
	}
	return strings.Join(parts, ", ")
}
