package failover

import (
	"sync"
	"time"
)

// pool holds the keys of one provider, and which of them rest. What other providers of the chain
// say about their keys has no effect on it
// (https://github.com/NousResearch/hermes-agent/issues/33088). It is safe for concurrent use.
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

// pick returns the key to use: the current one unless it rests, else the next one that does not.
// If all rest, it returns the one whose rest ends first.
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

// retire lets a key rest, and reports whether another key does not rest. The only key of a provider
// never rests.
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

// mayRecover reports whether there are several keys and one of them does not rest.
func (p *pool) mayRecover() bool {
	if len(p.keys) == 1 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.awake()
}

// rests reports that there are several keys and all of them rest.
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
