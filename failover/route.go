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
		c.decide(Decision{Action: ActionProbe, Provider: c.engine.chain[i].Name, Detail: "its rest is over"})
	}
	for _, i := range resting {
		c.decide(Decision{Action: ActionPassOver, Provider: c.engine.chain[i].Name, Detail: "it rests"})
	}
}

// onward returns the next place of the route, and tells who is passed over.
func (c *call) onward(place int) int {
	next := c.following(place)
	end := next
	if next < 0 {
		end = len(c.shared.route)
	}
	for i := place + 1; i < end && !c.noFallback; i++ {
		s := &c.shared.route[i]
		why := "it would fail as another one has"
		if c.full(s) {
			why = "it has had its requests"
		}
		c.decide(Decision{Action: ActionPassOver, Provider: s.member.Name, Detail: why})
	}
	return next
}

// following returns the next place of the route that can be asked, after place; or -1.
func (c *call) following(place int) int {
	if c.noFallback {
		return -1
	}
	for i := place + 1; i < len(c.shared.route); i++ {
		if s := &c.shared.route[i]; !c.full(s) && !c.isPointless(s) {
			return i
		}
	}
	return -1
}

// last says that nobody is left to fall back on.
func (c *call) last(s *slot) bool { return c.following(s.index) < 0 }

// full says that the provider has had all the requests that one call may send it.
func (c *call) full(s *slot) bool {
	most := c.policy.Retry.RequestsPerProvider
	return most > 0 && s.requests >= most
}

// isPointless says that a provider would fail as another one has in this call.
func (c *call) isPointless(s *slot) bool {
	rules := c.policy.Chain
	if rules.SkipSameBackend {
		for i := range c.shared.route {
			other := &c.shared.route[i]
			if other != s && other.asked && other.member.BaseURL == s.member.BaseURL && other.member.Model == s.member.Model {
				return true
			}
		}
	}
	if !rules.SkipDeadKey || len(c.shared.dead) == 0 {
		return false
	}
	for _, key := range s.member.pool.keys {
		if key == "" || !c.shared.dead[key] {
			return false
		}
	}
	return true
}

// hopLeft returns what is left of the time that a provider may take before its content begins; false where
// there is no bound.
func (c *call) timeLeft(s *slot) (time.Duration, bool) {
	budget := c.policy.Chain.ProviderTimeout
	if budget == 0 {
		return 0, false
	}
	return budget - time.Since(s.began), true
}

// hopSpent says that the provider has had its time after a wait of that long, and that another one can be asked.
func (c *call) outOfTime(s *slot, wait time.Duration) bool {
	left, bounded := c.timeLeft(s)
	return bounded && left <= wait && !c.last(s)
}
