package failover

import "sync"

// purse holds what is left of a Budget. Safe for concurrent use.
type purse struct {
	Budget
	mu   sync.Mutex
	left float64
}

func newPurse(b Budget) *purse { return &purse{Budget: b, left: float64(b.Burst)} }

// deposit is done by each call.
func (p *purse) deposit() {
	if p.Burst == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = min(p.left+p.Ratio, float64(p.Burst))
}

// take says whether one more request can be afforded, and pays for it.
func (p *purse) take() bool {
	if p.Burst == 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}

// has says whether one more request could be afforded.
func (p *purse) has() bool {
	if p.Burst == 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left >= 1
}
