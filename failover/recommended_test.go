package failover_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// What `recommended` promises, one test each. A promise that no engine could break would be none:
// each comes with wrong engines, one step away from `recommended`, that break it.

// complaints are what is wrong with what a policy did.
type complaints []string

func (c *complaints) addf(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

// promise holds `recommended` to what check looks at, and finds the wrong engines out.
func promise(t *testing.T, check func(t *testing.T, p failover.Policy) complaints, wrong ...string) {
	t.Helper()
	t.Parallel()
	for _, complaint := range check(t, policy(t, "recommended")) {
		t.Error(complaint)
	}
	for _, yaml := range wrong {
		p, err := failover.LoadPolicy("wrong.yaml", []byte("{policy: wrong, extends: recommended, "+yaml+"}"))
		if err != nil {
			t.Fatal(err)
		}
		if len(check(t, p)) == 0 {
			t.Errorf("%s: nothing is wrong with it", yaml)
		}
	}
}

// At default settings the fallback is contacted within 45 s of the instant at which the content
// stalls, whatever goes on instead.
func TestRecommendedFallsBackWithin45sOfAStall(t *testing.T) {
	stallings := map[string]script{
		"no response": mute, "silence": silent, "heartbeats": heartbeats, "empty events": func(x *exchange) {
			for x.wait(10 * time.Second) {
				x.dataHeartbeat()
			}
		},
	}
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		for name, stalling := range stallings {
			for _, content := range []int{0, 1, 7} { // tokens, 10 s and a phase apart, before it stalls
				for protocol, primary := range protocols {
					var stalled time.Duration
					play := func(x *exchange) {
						for range content {
							x.text("hm ")
							x.wait(10*time.Second + 13*time.Millisecond)
						}
						stalling(x)
					}
					stalled = time.Duration(max(0, content-1)) * (10*time.Second + 13*time.Millisecond)
					within(t, p, []provider{primary("primary", play), openai("secondary", answers)}, func(l *lab) {
						r := l.call(tokens[2])
						switch {
						case l.count("secondary") == 0:
							c.addf("%s after %d tokens, %s: the fallback was never asked: %v", name, content, protocol,
								r.err)
						case l.first("secondary")-stalled > 45*time.Second || r.text != "hello from secondary":
							c.addf("%s after %d tokens, %s: got %q, the fallback asked %s after the stall", name,
								content, protocol, r.raw, l.first("secondary")-stalled)
						}
					})
				}
			}
		}
		return c
	}, `hedge: {after: 46s}`, `hedge: {after: 0s}`, `chain: {stay_on_timeout: true}`,
		`hedge: {after: 0s}, watch: {stale: 40s, progress: byte}`,
		`hedge: {after: 0s}, watch: {stale: 40s, progress: data}`)
}

// A stream that still delivers is left alone: a first token after 40 s, gaps of 20 s, five minutes
// of thinking.
func TestRecommendedLeavesAloneWhatDelivers(t *testing.T) {
	healthy := map[string]script{
		"first token after 40 s": func(x *exchange) {
			for range 4 {
				x.wait(10 * time.Second)
				x.heartbeat()
			}
			answers(x)
		},
		"gaps of 20 s": func(x *exchange) {
			for _, piece := range []string{"hello ", "fr", "om ", x.provider} {
				x.text(piece)
				x.wait(20 * time.Second)
			}
			x.finish()
		},
		"long thinking": func(x *exchange) {
			for range 15 {
				x.think("hm ")
				x.wait(20 * time.Second)
			}
			answers(x)
		},
	}
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		for name, play := range healthy {
			for protocol, primary := range protocols {
				within(t, p, []provider{primary("primary", play), openai("secondary", answers)}, func(l *lab) {
					r := l.call(tokens[0])
					if r.err != nil || r.said != "hello from primary" || l.count("primary") != 1 ||
						l.count("secondary") != 0 {
						c.addf("%s, %s: got %q, requests %v, error %v", name, protocol, r.raw, l.hits, r.err)
					}
				})
			}
		}
		return c
	}, `hedge: {after: 39s}`, `hedge: {after: 15s}`, `hedge: {after: 0s}, watch: {first_content: 35s}`,
		`watch: {attempt: 60s, stale: 50s, stale_scaling: [], stale_call: 50s}, hedge: {call_after: 0s}`,
		`hedge: {after: 0s}, watch: {stale: 19s}`)
}

// One that is merely very slow, with its first token after 90 s, is hedged rather than killed:
// whatever the fallback does meanwhile, exactly one answer arrives, and no later than without
// hedging.
func TestRecommendedHedgesWhatIsVerySlow(t *testing.T) {
	fallbacks := map[string]script{
		"answers": answers, "answers later": after(60*time.Second, answers), "is broken": fails(503, `{}`),
		"hangs": mute, "resets": resets, "stalls": heartbeats,
	}
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		without := p
		without.Hedge = failover.Hedge{}
		without.Watch.Stale = policy(t, "recommended").Watch.Stale
		for name, play := range fallbacks {
			for protocol, primary := range protocols {
				chain := []provider{primary("primary", slowly), openai("secondary", play)}
				var r, waited result
				within(t, without, chain, func(l *lab) { waited = l.call(tokens[0]) })
				within(t, p, chain, func(l *lab) {
					r = l.call(tokens[0])
					if r.err != nil || r.raw != "hello from "+r.answer.Provider || l.count("primary") != 1 ||
						l.count("secondary") == 0 {
						c.addf("the fallback %s, %s: got %q, requests %v, error %v", name, protocol, r.raw, l.hits,
							r.err)
					}
					if r.took > waited.took {
						c.addf("the fallback %s, %s: got %q after %s, without hedging after %s", name, protocol, r.raw,
							r.took, waited.took)
					}
				})
			}
		}
		return c
	}, `hedge: {per_call: 0}`, `hedge: {after: 0s}, watch: {stale: 42s}`, `hedge: {after: 0s}`,
		`watch: {first_content: 60s}`)
}

// With no fallback left a slow provider is waited for instead of given up: the only one, one behind
// a broken one, and one beside which the fallback has failed.
func TestRecommendedWaitsLongerWithNobodyLeft(t *testing.T) {
	slow, broken := after(200*time.Second, answers), fails(503, `{}`)
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		for protocol, of := range protocols {
			for name, chain := range map[string][]provider{
				"alone":               {of("slow", slow)},
				"after a broken one":  {openai("broken", broken), of("slow", slow)},
				"before a broken one": {of("slow", slow), openai("broken", broken)},
				"after a mute one":    {openai("mute", mute), of("slow", slow)},
			} {
				within(t, p, chain, func(l *lab) {
					r := l.call(tokens[0])
					if r.err != nil || r.raw != "hello from slow" || l.count("slow") != 1 {
						c.addf("%s, %s: got %q, requests %v, error %v", name, protocol, r.raw, l.hits, r.err)
					}
				})
			}
		}
		return c
	}, `watch: {stale: 150s}`, `watch: {first_content: 150s}`,
		`deadline: 3m, watch: {stale: 150s, stale_scaling: [], stale_call: 150s}`)
}

// No provider gets more than three requests of one call, whatever it does, with one key or several.
// The only one of a chain gets ten while it says that it is overloaded.
func TestRecommendedAsksNobodyMoreThanThrice(t *testing.T) {
	faults := []script{
		resets, cut, fails(500, `{}`), fails(429, `{}`, "Retry-After", "1"), fails(402, `{}`), fails(503, `{}`),
		fails(401, `{}`), finishes, endsEmpty, malformed, streamError, lost["cut"], lost["stall"], mute, heartbeats,
	}
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		sequences := rapid.SliceOfN(rapid.SampledFrom(faults), 6, 6)
		for seed := range 150 {
			primary := keyed(openai("primary", sequences.Example(seed)...), "a", "b", "c", "d")
			if seed == 0 {
				primary = openai("primary", fails(503, `{}`))
			}
			chain := []provider{primary, anthropic("secondary", sequences.Example(seed+1000)...)}
			within(t, p, chain[:1+seed%2], func(l *lab) {
				l.call(tokens[0])
				for name, hits := range l.hits {
					if most := 3 + 7*(1-seed%2); len(hits) > most {
						c.addf("sequence %d: %s got %d requests", seed, name, len(hits))
					}
				}
			})
		}
		return c
	}, `retry: {requests_per_provider: 0}`, `retry: {requests_per_provider: 4}`,
		`retry: {requests_per_provider: 0, blip: {retries: 4}}`, `reasons: {overloaded: {alone: 20}}`)
}

// No call outlives its deadline, whatever keeps it: content without end, nobody who answers, a wait
// that a provider asks for.
func TestRecommendedKeepsItsDeadline(t *testing.T) {
	endless := map[string][]script{
		"a trickle": {trickle}, "nobody answers": {mute, heartbeats, silent, mute},
		"a long wait": {fails(429, `{}`, "Retry-After", "3600")},
		"thinking for ever": {func(x *exchange) {
			for x.wait(10 * time.Second) {
				x.think("hm ")
			}
		}},
		"each a little": {after(35*time.Second, fails(500, `{}`)), after(35*time.Second, cut), lost["stall"]},
	}
	promise(t, func(t *testing.T, p failover.Policy) (c complaints) {
		t.Helper()
		end := policy(t, "recommended").Deadline
		for name, scripts := range endless {
			for protocol, of := range protocols {
				for _, streamed := range []bool{true, false} {
					var chain []provider
					for i, play := range scripts {
						chain = append(chain, of(fmt.Sprintf("p%d", i), play))
					}
					within(t, p, chain, func(l *lab) {
						r := l.ask(l.t.Context(), failover.Request{
							Prompt: "say hello", Stream: streamed, Restarts: true,
						})
						if _, told := errors.AsType[*failover.CallError](r.err); !told || r.took > end {
							c.addf("%s, %s, streamed %v: took %s, error %v", name, protocol, streamed, r.took, r.err)
						}
						for provider, gone := range l.gone {
							if len(gone) < len(l.hits[provider]) || gone[len(gone)-1] > end {
								c.addf("%s, %s, streamed %v: %s was left at %s", name, protocol, streamed, provider,
									gone)
							}
						}
					})
				}
			}
		}
		return c
	}, `deadline: 11m`)
}
