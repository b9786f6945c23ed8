package failover

import (
	"maps"
	"slices"
	"time"
)

// checkState finds contradictions among the knobs of the chain, of hedging, of keys and of memory.
func (p Policy) checkState(ps *problems) {
	p.checkHedge(ps)
	p.checkMemory(ps)
	budget := func(path string, b Budget) {
		if b.Ratio > 0 && b.Burst == 0 {
			ps.addf(path+".ratio", "a budget needs `burst`, the most that it holds")
		}
	}
	budget("retry.budget", p.Retry.Budget)
	budget("hedge.budget", p.Hedge.Budget)
	if most, alone := p.Retry.RequestsPerProvider, 1+p.SDK.Retries; most > 0 && alone > most {
		ps.addOrf("sdk.retries", "retry.requests_per_provider",
			"the SDK may send %d requests in one attempt, but `requests_per_provider` is %d", alone, most)
	}
}

func (p Policy) checkHedge(ps *problems) {
	h := p.Hedge
	late := func(path, or string, after, first time.Duration) {
		if after > 0 && first > 0 && after >= first {
			ps.addOrf(path, or,
				"no hedge starts after %s: the %s of %s ends the attempt first (0s switches hedging off)", after, or,
				first)
		}
	}
	late("hedge.after", "watch.stale", h.After, p.Watch.Stale)
	late("hedge.call_after", "watch.stale_call", h.CallAfter, p.Watch.StaleCall)
	late("hedge.after", "watch.first_content", h.After, p.Watch.FirstContent)
	late("hedge.after", "chain.hop_budget", h.After, p.Chain.ProviderTimeout)
	if a := p.Stream.AfterContent; (h.After > 0 || h.CallAfter > 0) && (a == AfterAccept || a == AfterContinue) {
		ps.addOrf("stream.after_content", "hedge",
			"`after_content: %s` keeps a part that a hedge would replace: remove one of the two", a)
	}
}

func (p Policy) checkMemory(ps *problems) {
	c, b := p.Memory.Cooldown, p.Memory.Breaker
	if c.Base > 0 && c.Cap < c.Base {
		ps.addOrf("memory.cooldown.cap", "memory.cooldown.base", "the cap of %s is below the base of %s: raise the cap",
			c.Cap, c.Base)
	}
	for _, r := range slices.Sorted(maps.Keys(p.Reasons)) {
		if p.Reasons[r].Cooldown && c.Base == 0 {
			ps.addf("reasons."+string(r)+".cooldown", "it needs `memory.cooldown.base`, how long providers rest")
		}
	}
	if c.Probes > 0 && c.Base == 0 {
		ps.addf("memory.cooldown.probes", "it needs `base`, how long providers rest")
	}
	if w := p.Watch; b.Kills > 0 && w.Stale == 0 && w.StaleCall == 0 && p.Hedge.After == 0 && p.Hedge.CallAfter == 0 {
		ps.addf("memory.breaker.kills", "it counts kills, and nothing kills: set `stale`, `stale_call` or a hedge")
	}
	if b.OpenFor > 0 && b.Kills == 0 {
		ps.addf("memory.breaker.open_for", "it needs `kills`, which open the breaker")
	}
}
