package fakeprovider

import "slices"

// OnRequest changes what the provider does from the next request on: the first entry serves that one, and the last one
// repeats. Exchanges under way go on as they began, and attempts are still counted from the first. With no
// entries it answers as Healthy does.
func (p *Provider) OnRequest(entries ...Fault) {
	if len(entries) == 0 {
		entries = []Fault{Healthy{}}
	}
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	p.entries, p.current, p.reached = entries, 0, 0
}

// early says whether an entry acts before there is a request, so that each needs a connection of its own.
func (p *Provider) actsBeforeRequest() bool {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	isEarly := func(entry Fault) bool { return phaseOf(entry) != phaseRequest }
	return slices.ContainsFunc(p.entries, isEarly) || slices.ContainsFunc(p.o.Outages, func(o Outage) bool { return isEarly(o.Fault) })
}

// due uses up the entry that is due, if its fault acts in a phase, and returns which attempt that is and what it gets: the entry's
// fault, or Healthy where its limit does not let it apply, or what was picked for this request, which leaves the entry to
// the next one. A fault that acts before there is a request is left to its own phase. A request that arrives all the same came on a
// connection that was open already: it is cut, and the entry stays due for the connection that follows.
func (p *Provider) due(at phase, picked Fault) (attempt int, fault Fault, ok bool) {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	if picked != nil {
		p.attempts++
		return p.attempts, picked, true
	}
	fault, position, taken := p.next()
	if at != phaseRequest && phaseOf(fault) != at {
		return 0, nil, false
	}
	p.attempts++
	if at == phaseRequest && phaseOf(fault) != at {
		return p.attempts, Script{End{How: Cut}}, true
	}
	p.current, p.reached = position, taken
	return p.attempts, fault, true
}

// next is what is due, and where the entries stand once it is used up: the entry that is due then, and how many requests have
// reached that one.
func (p *Provider) next() (fault Fault, at, taken int) {
	for _, o := range p.o.Outages {
		if o.Between.holds(p.o.Recorder.Elapsed()) {
			return o.Fault, p.current, p.reached
		}
	}
	entry := p.entries[p.current]
	last := p.current == len(p.entries)-1
	limited, ok := entry.(Limited)
	if !ok {
		if last {
			return entry, p.current, 0
		}
		return entry, p.current + 1, 0
	}
	taken = p.reached + 1
	chance := func() float64 { return p.chance("limit", p.attempts+1).Float64() }
	fault = limited.Fault
	if !limited.applies(taken, p.o.Recorder.Elapsed(), chance) {
		fault = Healthy{}
	}
	if !last && taken >= max(1, limited.First) {
		return fault, p.current + 1, 0
	}
	return fault, p.current, taken
}
