package failover

import "sync"

// tokenBucket holds what is left of a Budget. It is safe for concurrent use.
type tokenBucket struct {
	Budget
	mu   sync.Mutex
	left float64
}

func newTokenBucket(b Budget) *tokenBucket { return &tokenBucket{Budget: b, left: float64(b.Burst)} }

// deposit adds what one call pays in.
func (b *tokenBucket) deposit() {
	if b.Burst == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+b.Ratio, float64(b.Burst))
}

// take reports whether one more request can be afforded, and pays for it.
func (b *tokenBucket) take() bool {
	if b.Burst == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// has reports whether one more request could be afforded.
func (b *tokenBucket) has() bool {
	if b.Burst == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left >= 1
}
