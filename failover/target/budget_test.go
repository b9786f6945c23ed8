package target_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// budget holds the retry budget of the reported engine for a stream kept open by heartbeats.
type budget struct {
	stale        time.Duration
	inner        int // retries of the inner loop
	outer        int // attempts of the outer loop
	base, cap    time.Duration
	jitter       float64
	recovery     time.Duration
	surfaces     failover.FailureKind
	innerRepeats bool // the inner loop repeats a killed stream
	recovers     bool // recovery begins again after a killed stream
}

// attempts returns the number of attempts of the nested loops.
func (b budget) attempts() int {
	n := b.outer
	if b.innerRepeats {
		n *= b.inner + 1
	}
	if b.recovers {
		n *= 2
	}
	return n
}

// span returns the shortest and the longest time to fallback. Every attempt hits the stale
// threshold. Backoffs separate the outer attempts of each round, and one recovery wait separates
// the rounds.
func (b budget) span() (shortest, longest time.Duration) {
	var backoff time.Duration
	for i := range b.outer - 1 {
		backoff += min(b.base<<i, b.cap)
	}
	fixed := time.Duration(b.attempts()) * b.stale
	if b.recovers {
		backoff *= 2
		fixed += b.recovery
	}
	return fixed + backoff, fixed + backoff + time.Duration(float64(backoff)*b.jitter)
}

func drawBudget(t *rapid.T) budget {
	b := budget{
		stale:    time.Duration(rapid.IntRange(5, 600).Draw(t, "stale")) * time.Second,
		inner:    rapid.IntRange(0, 3).Draw(t, "inner"),
		outer:    rapid.IntRange(1, 4).Draw(t, "outer"),
		base:     time.Duration(rapid.IntRange(1, 5000).Draw(t, "base")) * time.Millisecond,
		jitter:   rapid.Float64Range(0, 1).Draw(t, "jitter"),
		recovery: time.Duration(rapid.IntRange(1, 30).Draw(t, "recovery")) * time.Second,
		surfaces: rapid.SampledFrom([]failover.FailureKind{
			failover.FailureReadError, failover.FailureRemoteProtocolError,
		}).Draw(t, "surfaces"),
	}
	b.cap = b.base * time.Duration(rapid.IntRange(1, 8).Draw(t, "cap"))
	// As in the reported engine, neither loop retries a read error.
	b.innerRepeats = b.surfaces == failover.FailureRemoteProtocolError
	b.recovers = b.surfaces == failover.FailureRemoteProtocolError && rapid.Bool().Draw(t, "recovers")
	return b
}

// policy returns the reported engine's policy with this budget.
func (b budget) policy(reported failover.Policy) failover.Policy {
	p := reported
	p.Watch.Stale, p.Watch.StaleScaling, p.Watch.KillSurfacesAs = b.stale, nil, b.surfaces
	p.Watch.Read.After = 0 // heartbeats would reset it anyway
	p.Retry.Inner.Retries, p.Retry.Attempts = b.inner, b.outer
	p.Retry.Backoff = failover.Backoff{Base: b.base, Cap: b.cap, Jitter: b.jitter}
	p.Retry.Recovery.Wait = b.recovery
	if !b.recovers {
		p.Retry.Recovery.On = nil
	}
	return p
}

// TestIssueArithmetic compares the simulation with the arithmetic of the report
// (https://github.com/NousResearch/hermes-agent/issues/22277). Time and attempts follow from the
// nested budgets, for any budget.
func TestIssueArithmetic(t *testing.T) {
	reported := policy(t, "hermes-0.13")
	s := scenarios.OfFault("arithmetic", fault.HeartbeatOnly{})
	s.Deadline = 48 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		b := drawBudget(t)
		seed := rapid.Uint64().Draw(t, "seed")
		trial := harness.RunScenario(s, target.Factory(b.policy(reported)), harness.WithSeed(seed))
		m := trial.Timeline.Measures(1)
		if got, want := m.Attempts["primary"], b.attempts(); got != want {
			t.Fatalf("%d attempts on the primary, want %d\n%s", got, want, trial.Timeline)
		}
		shortest, longest := b.span()
		if m.TimeToFallback == nil || m.TimeToFallback.Duration() < shortest || m.TimeToFallback.Duration() > longest {
			t.Fatalf("fallback after %v, want %s to %s\n%s", m.TimeToFallback, shortest, longest, trial.Timeline)
		}
	})
}
