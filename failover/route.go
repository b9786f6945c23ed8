package failover

import "time"

// route returns the order in which a call asks the chain: resting providers come last. It also
// returns which of them the call probes, and which rest, by index in the chain.
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

// explain reports, as decisions, how the route differs from the chain.
func (c *call) explain(probes, resting []int) {
	for _, i := range probes {
		c.decide(Decision{Action: ActionProbe, Provider: c.engine.chain[i].Name, Detail: "its rest is over"})
	}
	for _, i := range resting {
		c.decide(Decision{Action: ActionPassOver, Provider: c.engine.chain[i].Name, Detail: "it rests"})
	}
}

// onward returns the route's next index, and reports the providers that are skipped.
func (c *call) onward(index int) int {
	next := c.following(index)
	end := next
	if next < 0 {
		end = len(c.shared.route)
	}
	for i := index + 1; i < end && !c.noFallback; i++ {
		s := &c.shared.route[i]
		why := "it would fail as another provider did"
		if c.full(s) {
			why = "its requests of this call are used up"
		}
		c.decide(Decision{Action: ActionPassOver, Provider: s.member.Name, Detail: why})
	}
	return next
}

// following returns the next index of the route after that one whose provider can be asked, or -1.
func (c *call) following(index int) int {
	if c.noFallback {
		return -1
	}
	for i := index + 1; i < len(c.shared.route); i++ {
		if s := &c.shared.route[i]; !c.full(s) && !c.isPointless(s) {
			return i
		}
	}
	return -1
}

// last reports whether no provider is left to fall back to.
func (c *call) last(s *slot) bool { return c.following(s.index) < 0 }

// full reports whether the provider has had all the requests that one call may send it.
func (c *call) full(s *slot) bool {
	most := c.policy.Retry.RequestsPerProvider
	return most > 0 && s.requests >= most
}

// isPointless reports whether a provider would fail as another one did in this call.
func (c *call) isPointless(s *slot) bool {
	rules := c.policy.Chain
	if rules.SkipSameBackend {
		for i := range c.shared.route {
			other := &c.shared.route[i]
			if other != s && other.asked && other.member.BaseURL == s.member.BaseURL &&
				other.member.Model == s.member.Model {
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

// timeLeft returns what is left of the time that a provider may take before its content begins;
// false if it is unbounded.
func (c *call) timeLeft(s *slot) (time.Duration, bool) {
	budget := c.policy.Chain.ProviderTimeout
	if budget == 0 {
		return 0, false
	}
	return budget - time.Since(s.began), true
}

// outOfTime reports that the provider's time is over after a wait of that long, and that another
// provider can be asked.
func (c *call) outOfTime(s *slot, wait time.Duration) bool {
	left, bounded := c.timeLeft(s)
	return bounded && left <= wait && !c.last(s)
}
