package failover

import (
	"math/rand/v2"
	"time"
)

// Backoff says how long the engine waits between two attempts at one provider. The wait doubles
// with every failure up to Cap, and a random part of it is added.
type Backoff struct {
	// Base is the wait after the first failure, before the random part.
	Base time.Duration `yaml:"base"`
	// Cap is the largest wait, before the random part.
	Cap time.Duration `yaml:"cap"`
	// Jitter is the largest random part, as a fraction of the wait from 0 to 1: 0.5 adds up to
	// half of it.
	Jitter float64 `yaml:"jitter"`
}

// delay returns the wait after the nth failure, counted from 1.
func (b Backoff) delay(n int, rng *rand.Rand) time.Duration {
	wait := doubled(b.Base, b.Cap, n)
	// Draw one number always, so that a policy without jitter keeps the later ones.
	return wait + time.Duration(rng.Float64()*b.Jitter*float64(wait))
}

// doubled returns base after the first failure in a row, twice as much after each further one, and
// limit at most.
func doubled(base, limit time.Duration, failures int) time.Duration {
	wait := min(base, limit)
	for range failures - 1 {
		if wait > limit/2 {
			return limit
		}
		wait *= 2
	}
	return wait
}
