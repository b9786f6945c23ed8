package failover

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := Backoff{
			Base:   time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "base")),
			Jitter: rapid.Float64Range(0, 1).Draw(rt, "jitter"),
		}
		b.Cap = b.Base + time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(rt, "cap above base"))
		n := rapid.IntRange(1, 1000).Draw(rt, "failure")
		got := b.delay(n, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)))
		least := b.Cap
		if n <= 20 {
			least = min(b.Cap, b.Base<<(n-1))
		} else if b.Base == 0 {
			least = 0
		}
		if n > 20 && b.Base > 0 && b.Base<<20 < b.Cap {
			return // too small a base to be doubled up to the cap; the sums above overflow before
		}
		if most := least + time.Duration(b.Jitter*float64(least)); got < least || got > most {
			rt.Errorf("got %s, want %s to %s", got, least, most)
		}
	})
}

// The intervals of the reported engine's backoff
// (https://github.com/NousResearch/hermes-agent/blob/a7e7921dbc0a593027f40b571861f50a71221aec/agent/retry_utils.py#L19-L57).
func TestBackoffOfTheReportedEngine(t *testing.T) {
	t.Parallel()
	b, rng := NewPolicy().Retry.Backoff, rand.New(rand.NewPCG(1, 1))
	for n, seconds := range []int{2, 4, 8, 16, 32, 60, 60} {
		from := time.Duration(seconds) * time.Second
		for range 100 {
			if got := b.delay(n+1, rng); got < from || got >= from+from/2 {
				t.Fatalf("failure %d: got %s, want from %s to under %s", n+1, got, from, from+from/2)
			}
		}
	}
}
