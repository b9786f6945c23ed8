package failover

import (
	"sync"
	"time"
)

// pool is the keys of one provider, and which of them rest. It belongs to one provider of the chain alone: what
// another one says about its keys is no news here (https://github.com/NousResearch/hermes-agent/issues/33088).
// Safe for concurrent use.
type pool struct {
	keys []string

	mu      sync.Mutex
	current int
	until   []time.Time // until when each key rests
}

func newPool(p Provider) *pool {
	keys := append([]string{p.APIKey}, p.APIKeys...)
	return &pool{keys: keys, until: make([]time.Time, len(keys))}
}

// pick returns the key to use: the one in use as long as it does not rest, then the next one that does not, and if
// all do the one that wakes first.
func (p *pool) pick() int {
	if len(p.keys) == 1 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now, best := time.Now(), p.current
	for i := range p.keys {
		k := (p.current + i) % len(p.keys)
		if !p.until[k].After(now) {
			p.current = k
			return k
		}
		if p.until[k].Before(p.until[best]) {
			best = k
		}
	}
	p.current = best
	return best
}

// retire lets a key rest, and reports whether another one is awake. The only key of a provider never rests.
func (p *pool) retire(key int, rest time.Duration) bool {
	if len(p.keys) == 1 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(rest); until.After(p.until[key]) {
		p.until[key] = until
	}
	if p.current == key {
		p.current = (key + 1) % len(p.keys)
	}
	return p.awake()
}

// mayRecover is what an engine asks that takes several keys for a way out of any failure.
func (p *pool) mayRecover() bool {
	if len(p.keys) == 1 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.awake()
}

// rests says that there are several keys and none of them can be used.
func (p *pool) rests() bool { return len(p.keys) > 1 && !p.mayRecover() }

func (p *pool) awake() bool {
	now := time.Now()
	for _, until := range p.until {
		if !until.After(now) {
			return true
		}
	}
	return false
}
