package failover_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
)

// A kill ends the real transport: the primary sees it at the instant at which the fallback is
// asked, not before and not later.
func TestKillReachesThePrimary(t *testing.T) {
	t.Parallel()
	for fault, play := range map[string]script{"heartbeats": heartbeats, "silence": silent, "no response": mute} {
		for protocol, primary := range protocols {
			within(t, policy(t, "recommended"), []provider{
				primary("primary", play), openai("secondary", answers),
			}, func(l *lab) {
				l.call(tokens[0])
				want := []time.Duration{42 * time.Second}
				if diff := cmp.Diff(want, l.gone["primary"]); diff != "" {
					t.Errorf("%s, %s: primary saw the end (-want +got)\n%s", fault, protocol, diff)
				}
				if diff := cmp.Diff(want, l.hits["secondary"]); diff != "" {
					t.Errorf("%s, %s: secondary was asked (-want +got)\n%s", fault, protocol, diff)
				}
			})
			p := policy(t, "recommended")
			p.Hedge = failover.Hedge{} // the detector's own kill, of an answer that is not streamed
			within(t, p, []provider{primary("primary", play), openai("secondary", answers)}, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Prompt: "say hello"})
				want := []time.Duration{p.Watch.StaleCall}
				if diff := cmp.Diff(want, l.gone["primary"]); diff != "" || r.raw != "hello from secondary" {
					t.Errorf("%s, %s, not streamed: got %q, primary saw the end (-want +got)\n%s", fault, protocol,
						r.raw, diff)
				}
			})
		}
	}
}

// Losing attempts are closed before the next one begins.
func TestOneAttemptAtATime(t *testing.T) {
	t.Parallel()
	within(t, policy(t, "hermes-0.13-tls"), []provider{
		openai("primary", heartbeats), openai("secondary", answers),
	}, func(l *lab) {
		l.call(tokens[2])
		for i := 1; i < len(l.hits["primary"]); i++ {
			if l.gone["primary"][i-1] > l.hits["primary"][i] {
				t.Errorf("attempt %d began at %s, while its predecessor ran until %s", i+1, l.hits["primary"][i],
					l.gone["primary"][i-1])
			}
		}
	})
}

func TestCallerCancels(t *testing.T) {
	t.Parallel()
	for name, primary := range map[string]script{
		"before the headers": mute,
		"in the stream":      heartbeats,
		"while it answers":   trickle,
		"in the backoff":     fails(500, `{}`),
	} {
		for protocol, of := range protocols {
			p := policy(t, "recommended")
			p.Retry.Attempts, p.Retry.RequestsPerProvider, p.Reasons = 10, 0, nil
			within(t, p, []provider{of("primary", primary), openai("secondary", answers)}, func(l *lab) {
				ctx, cancel := context.WithCancel(l.t.Context())
				defer time.AfterFunc(5*time.Second+time.Millisecond, cancel).Stop()
				r := l.ask(ctx, failover.Request{Stream: true, Restarts: true})
				if !errors.Is(r.err, context.Canceled) || r.took != 5*time.Second+time.Millisecond {
					t.Errorf("%s, %s: got error %v after %s", name, protocol, r.err, r.took)
				}
				if _, ok := errors.AsType[*failover.CallError](r.err); ok {
					t.Errorf("%s, %s: what the caller did is not a failure of the call; got %v", name, protocol, r.err)
				}
				if l.count("secondary") != 0 || slices.Max(l.gone["primary"]) > 5*time.Second+time.Millisecond {
					t.Errorf("%s, %s: got requests %v, gone %v", name, protocol, l.hits, l.gone)
				}
			})
		}
	}
}

func TestChainExhausted(t *testing.T) {
	t.Parallel()
	chain := []provider{
		openai("primary", fails(503, `{"error":{"message":"full","code":"overloaded"}}`)),
		anthropic("secondary", heartbeats),
	}
	within(t, policy(t, "recommended"), chain, func(l *lab) {
		r := l.call(tokens[0])
		if !errors.Is(r.err, failover.ErrChainExhausted) {
			t.Fatalf("got error %v", r.err)
		}
		var call *failover.CallError
		if !errors.As(r.err, &call) || len(call.Attempts) != 2 {
			t.Fatalf("got %#v", r.err)
		}
		for i, want := range []string{
			"primary, attempt 1: status 503 (overloaded): full",
			"secondary, attempt 2: read_error: no progress for 4m0s",
		} {
			if got := call.Attempts[i].Error(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

// With nobody to fall back on, a rate limit is waited for
// (measured at the reported engine: requests at 0, 7.1 and 14.1 s).
func TestRetryAfterWithoutFallback(t *testing.T) {
	t.Parallel()
	within(t, policy(t, "hermes-0.13"), []provider{
		openai("primary", fails(429, `{}`, "Retry-After", "7")),
	}, func(l *lab) {
		r := l.call(tokens[0])
		if !errors.Is(r.err, failover.ErrChainExhausted) {
			t.Errorf("got error %v", r.err)
		}
		if diff := cmp.Diff([]time.Duration{0, 7 * time.Second, 14 * time.Second}, l.hits["primary"]); diff != "" {
			t.Errorf("requests (-want +got)\n%s", diff)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	within(t, policy(t, "hermes-0.13"), []provider{
		openai("primary", fails(413, `{}`)), openai("secondary", answers),
	}, func(l *lab) {
		if r := l.call(tokens[0]); !errors.Is(r.err, failover.ErrRefused) || l.count("secondary") != 0 {
			t.Errorf("the reported engine fails with its fallback idle; got %q, error %v", r.raw, r.err)
		}
	})
}

// waits returns when each of a primary's requests came.
func waits(t *testing.T, seed uint64, call int) []time.Duration {
	t.Helper()
	p := policy(t, "hermes-0.13-tls")
	var hits []time.Duration
	withSeed(t, seed, p, []provider{openai("primary", mute), openai("secondary", answers)}, func(l *lab) {
		for range call {
			l.hits["primary"], l.began = nil, time.Now()
			l.call(tokens[0])
		}
		hits = l.hits["primary"]
	})
	return hits
}

func TestOneSeedOneSequenceOfWaits(t *testing.T) {
	t.Parallel()
	first := waits(t, 1, 1)
	if diff := cmp.Diff(first, waits(t, 1, 1)); diff != "" {
		t.Errorf("one seed, two runs (-first +second)\n%s", diff)
	}
	if cmp.Equal(first, waits(t, 2, 1)) {
		t.Error("another seed draws the same waits")
	}
	if cmp.Equal(first, waits(t, 1, 2)) {
		t.Error("the second call draws the waits of the first")
	}
}

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	chain := []provider{
		openai("primary", heartbeats, answers, resets, fails(503, `{}`), answers, cut), anthropic("secondary", answers),
	}
	within(t, policy(t, "recommended"), chain, func(l *lab) {
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				var text strings.Builder
				answer, err := l.engine.Call(l.t.Context(), failover.Request{
					Stream: true, Restarts: true,
				}, func(d failover.Delta) {
					if d.Kind == failover.DeltaRestart {
						text.Reset()
					}
					text.WriteString(d.Text)
				})
				if err != nil || text.String() != "hello from "+answer.Provider {
					t.Errorf("got %q from %q, error %v", text.String(), answer.Provider, err)
				}
			})
		}
		calls.Wait()
	})
}

func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	within(t, policy(t, "hermes-0.13"), []provider{anthropic("primary", heartbeats)}, func(l *lab) {
		time.AfterFunc(time.Minute, func() { _ = l.engine.Close() })
		if r := l.call(tokens[0]); !errors.Is(r.err, failover.ErrClosed) || r.took != time.Minute {
			t.Errorf("got error %v after %s", r.err, r.took)
		}
		if r := l.call(tokens[0]); !errors.Is(r.err, failover.ErrClosed) || r.took != 0 {
			t.Errorf("a closed engine answers nothing; got error %v after %s", r.err, r.took)
		}
	})
}

func TestDecisionsTellTheStory(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	p.Retry.Backoff.Jitter = 0
	chain := []provider{openai("primary", resets, fails(500, `{}`), heartbeats), openai("secondary", answers)}
	within(t, p, chain, func(l *lab) {
		l.call(tokens[0])
		want := []string{
			"0s ask primary (attempt 1; 10m0s left)",
			"0s retry primary in 200ms: timeout (attempt 1; api_connection_error; 10m0s left)",
			"200ms ask primary (attempt 2; 9m59.8s left)",
			"200ms retry primary in 500ms: server_error (attempt 2; status 500; 9m59.8s left)",
			"700ms ask primary (attempt 3; 9m59.3s left)",
			"42.7s hedge secondary (beside primary; 9m17.3s left)",
			"42.7s ask secondary (attempt 1; 9m17.3s left)",
			"42.7s kill primary: timeout (attempt 3; hedged after no content for 42s; 9m17.3s left)",
			"42.7s answered secondary (attempt 1; 9m17.3s left)",
			"42.7s rest primary: timeout (for 1m0s; 9m17.3s left)",
		}
		var got []string
		for _, d := range l.decisions {
			got = append(got, fmt.Sprintf("%s %s", d.At, d))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("decisions (-want +got)\n%s", diff)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := failover.Provider{Name: "p", Protocol: failover.OpenAIChat, BaseURL: "http://p.test"}
	contradiction := failover.NewPolicy()
	contradiction.Retry.Backoff.Cap = time.Second
	for name, row := range map[string]struct {
		change func(c *failover.Config)
		want   error
	}{
		"no provider":      {func(c *failover.Config) { c.Chain = nil }, failover.ErrConfig},
		"one name twice":   {func(c *failover.Config) { c.Chain = append(c.Chain, good) }, failover.ErrConfig},
		"no name":          {func(c *failover.Config) { c.Chain[0].Name = "" }, failover.ErrConfig},
		"unknown protocol": {func(c *failover.Config) { c.Chain[0].Protocol = "smoke" }, failover.ErrConfig},
		"no origin":        {func(c *failover.Config) { c.Chain[0].BaseURL = "p" }, failover.ErrConfig},
		"contradiction":    {func(c *failover.Config) { c.Policy = contradiction }, failover.ErrPolicy},
	} {
		c := failover.Config{Policy: failover.NewPolicy(), Chain: []failover.Provider{good}}
		row.change(&c)
		if _, err := failover.New(c); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
}
