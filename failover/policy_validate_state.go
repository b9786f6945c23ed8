package failover

import (
	"maps"
	"slices"
)

// checkState finds contradictions among the knobs of the chain, of hedging, of keys and of memory.
func (p Policy) checkState(ps *problems) {
	p.checkHedge(ps)
	p.checkMemory(ps)
	budget := func(path string, b Budget) {
		if b.Ratio > 0 && b.Burst == 0 {
			ps.addf(path+".ratio", "a budget that holds nothing needs a `burst`")
		}
	}
	budget("retry.budget", p.Retry.Budget)
	budget("hedge.budget", p.Hedge.Budget)
	if d := p.Chain.HopBudget; p.Deadline > 0 && d >= p.Deadline {
		ps.addOrf("chain.hop_budget", "deadline", "the budget of %s for one provider is no less than the call's deadline of %s", d, p.Deadline)
	}
	for _, r := range slices.Sorted(maps.Keys(p.Reasons)) {
		if h := p.Reasons[r]; h.KeyRest > 0 && h.RotateAt == 0 {
			ps.addf("reasons."+string(r)+".key_rest", "no key is left that could rest: there is no `rotate_at`")
		}
	}
}

func (p Policy) checkHedge(ps *problems) {
	h := p.Hedge
	if a := p.Stream.AfterContent; (h.After > 0 || h.CallAfter > 0) && (a == AfterAccept || a == AfterContinue) {
		ps.addOrf("stream.after_content", "hedge", "a part cannot be both the answer and what a hedge replaces: %s goes without hedging", a)
	}
}

func (p Policy) checkMemory(ps *problems) {
	c, b := p.Memory.Cooldown, p.Memory.Breaker
	if c.Base > 0 && c.Cap < c.Base {
		ps.addOrf("memory.cooldown.cap", "memory.cooldown.base", "the cap of %s is below the base of %s, so that no rest can be the base", c.Cap, c.Base)
	}
	for _, r := range slices.Sorted(maps.Keys(p.Reasons)) {
		if p.Reasons[r].Cooldown && c.Base == 0 {
			ps.addf("reasons."+string(r)+".cooldown", "there is no `memory.cooldown` to rest for")
		}
	}
	if b.OpenFor > 0 && b.Kills == 0 {
		ps.addf("memory.breaker.open_for", "nothing opens the breaker: it needs `kills`")
	}
}
