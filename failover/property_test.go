package failover_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// Whatever the knobs, the requests to a primary that sends heartbeats only, and the time to the
// fallback, are what multiplying them gives: (inner + 1) × outer × (2 with recovery) kills, with
// the backoffs between the outer attempts.
func TestNestedLoopsMultiply(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := failover.NewPolicy()
		seconds := func(name string, from, to int) time.Duration {
			return time.Duration(rapid.IntRange(from, to).Draw(rt, name)) * time.Second
		}
		p.Watch.Stale = seconds("stale", 1, 300)
		p.Watch.KillSurfacesAs = failover.FailureRemoteProtocolError
		p.Retry.Attempts = rapid.IntRange(0, 5).Draw(rt, "outer")
		p.Retry.Inner.On = []failover.FailureKind{failover.FailureRemoteProtocolError}
		p.Retry.Inner.Retries = rapid.IntRange(0, 3).Draw(rt, "inner")
		p.Retry.Backoff.Base = seconds("base", 0, 20)
		p.Retry.Backoff.Cap = p.Retry.Backoff.Base + seconds("cap above base", 0, 60)
		p.Retry.Backoff.Jitter = rapid.SampledFrom([]float64{0, 0.25, 1}).Draw(rt, "jitter")
		rounds := 1
		if rapid.Bool().Draw(rt, "recovery") {
			rounds = 2
			p.Retry.Recovery.On = []failover.FailureKind{failover.FailureRemoteProtocolError}
			p.Retry.Recovery.Wait = seconds("recovery", 0, 10)
		}

		outer := max(1, p.Retry.Attempts)
		attempts := (p.Retry.Inner.Retries + 1) * outer * rounds
		var backoff time.Duration
		for wait, n := p.Retry.Backoff.Base, 1; n < outer; wait, n = wait*2, n+1 {
			backoff += min(wait, p.Retry.Backoff.Cap)
		}
		least := time.Duration(attempts)*p.Watch.Stale + time.Duration(rounds)*backoff + p.Retry.Recovery.Wait
		most := least + time.Duration(p.Retry.Backoff.Jitter*float64(time.Duration(rounds)*backoff))

		var got int
		var at time.Duration
		within(t, p, []provider{openai("primary", silent), openai("secondary", answers)}, func(l *lab) {
			l.call(0)
			got, at = l.count("primary"), l.first("secondary")
		})
		if got != attempts {
			rt.Errorf("got %d requests, want %d", got, attempts)
		}
		if at < least || at > most {
			rt.Errorf("fell back after %s, want %s to %s", at, least, most)
		}
	})
}
