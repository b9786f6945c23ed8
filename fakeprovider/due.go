package fakeprovider

import "slices"

// OnRequest replaces the provider's entries from the next request on. The first entry serves that
// request, and the last one repeats. Exchanges under way finish as they began, and the numbering
// of attempts continues. Without entries the provider answers as Healthy does.
func (p *Provider) OnRequest(entries ...Fault) {
	if len(entries) == 0 {
		entries = []Fault{Healthy{}}
	}
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	p.entries, p.current, p.reached = entries, 0, 0
}

// actsBeforeRequest reports whether an entry acts before a request arrives. Then each request
// needs a connection of its own.
func (p *Provider) actsBeforeRequest() bool {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	isEarly := func(entry Fault) bool { return phaseOf(entry) != phaseRequest }
	return slices.ContainsFunc(p.entries, isEarly) ||
		slices.ContainsFunc(p.o.Outages, func(o Outage) bool { return isEarly(o.Fault) })
}

// due uses up the due entry if its fault acts in phase at. It returns the number of the attempt
// and its fault: the entry's own, Healthy if the entry's limit does not apply, or picked. A
// picked fault leaves the entry to the next request.
//
// A fault that acts before a request arrives waits for its own phase. A request that arrives
// first came on a connection that was already open: it is cut, and the entry stays due for the
// next connection.
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

// next returns the due fault, and the position after it is used up: the index of the entry due
// then, and how many requests have reached that entry.
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
