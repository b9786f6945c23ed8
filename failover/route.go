package failover

import "time"

// route is the order in which a call asks the chain: those that rest behind those that do not. It returns the places of the chain in
// which the call is to find out whether a provider is back, and those that rest.
func (e *Engine) route() (order, probes, resting []int) {
	if !e.learns {
		return e.order, nil, nil
	}
	for i := range e.chain {
		m := &e.chain[i]
		ok, probe := m.health.admit()
		switch {
		case probe:
			probes = append(probes, i)
			order = append(order, i)
		case ok && !m.pool.rests():
			order = append(order, i)
		default:
			resting = append(resting, i)
		}
	}
	return append(order, resting...), probes, resting
}

// explain tells what the route does to the chain.
func (c *call) explain(probes, resting []int) {
	for _, i := range probes {
		c.decide(Decision{What: Probe, Provider: c.engine.chain[i].Name, Detail: "its rest is over"})
	}
	for _, i := range resting {
		c.decide(Decision{What: PassOver, Provider: c.engine.chain[i].Name, Detail: "it rests"})
	}
}

// onward returns the next place of the route, and tells who is passed over.
func (c *call) onward(place int) int {
	next := c.following(place)
	end := next
	if next < 0 {
		end = len(c.shared.hops)
	}
	for i := place + 1; i < end && !c.alone; i++ {
		h := &c.shared.hops[i]
		why := "it would fail as another one has"
		if c.full(h) {
			why = "it has had its requests"
		}
		c.decide(Decision{What: PassOver, Provider: h.member.Name, Detail: why})
	}
	return next
}

// following returns the next place of the route that can be asked, after place; or -1.
func (c *call) following(place int) int {
	if c.alone {
		return -1
	}
	for i := place + 1; i < len(c.shared.hops); i++ {
		if h := &c.shared.hops[i]; !c.full(h) && !c.isPointless(h) {
			return i
		}
	}
	return -1
}

// last says that nobody is left to fall back on.
func (c *call) last(h *hop) bool { return c.following(h.place) < 0 }

// full says that the provider has had all the requests that one call may send it.
func (c *call) full(h *hop) bool {
	most := c.policy.Retry.RequestsPerProvider
	return most > 0 && h.requests >= most
}

// isPointless says that a provider would fail as another one has in this call.
func (c *call) isPointless(h *hop) bool {
	rules := c.policy.Chain
	if rules.SkipSameBackend {
		for i := range c.shared.hops {
			other := &c.shared.hops[i]
			if other != h && other.asked && other.member.BaseURL == h.member.BaseURL && other.member.Model == h.member.Model {
				return true
			}
		}
	}
	if !rules.SkipDeadKey || len(c.shared.dead) == 0 {
		return false
	}
	for _, key := range h.member.pool.keys {
		if key == "" || !c.shared.dead[key] {
			return false
		}
	}
	return true
}

// hopLeft returns what is left of the time that a provider may take before its content begins; false where
// there is no bound.
func (c *call) hopLeft(h *hop) (time.Duration, bool) {
	budget := c.policy.Chain.HopBudget
	if budget == 0 {
		return 0, false
	}
	return budget - time.Since(h.began), true
}

// hopSpent says that the provider has had its time after a wait of that long, and that another one can be asked.
func (c *call) hopSpent(h *hop, wait time.Duration) bool {
	left, bounded := c.hopLeft(h)
	return bounded && left <= wait && !c.last(h)
}
