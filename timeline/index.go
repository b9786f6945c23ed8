package timeline

import "slices"

// An Index is what Client, Attempts and CallAttempts look for in a timeline, found once. It does
// not change, and is safe for concurrent use.
type Index struct {
	// first and events tell whether it is still that timeline.
	first  *Event
	events int
	// clients holds the positions of the events of each call's client, calls those of each call's
	// requests among the attempts.
	clients, calls map[int][]int
	attempts       []Attempt
}

// Equal returns true: what was found of a timeline does not make it another one.
func (*Index) Equal(*Index) bool { return true }

// Indexed returns the timeline with all that Client, Attempts and CallAttempts look for. Without
// it each of them goes through all events: what is asked of every call then takes the square of
// their number. The events must not be changed after that.
func (t Timeline) Indexed() Timeline {
	t.Index = t.index()
	return t
}

// index returns the index of the events.
func (t Timeline) index() *Index {
	if t.Index != nil && t.Index.events == len(t.Events) && (len(t.Events) == 0 || t.Index.first == &t.Events[0]) {
		return t.Index
	}
	x := &Index{events: len(t.Events), clients: map[int][]int{}, calls: map[int][]int{}, attempts: attempts(t.Events)}
	if len(t.Events) > 0 {
		x.first = &t.Events[0]
	}
	known := map[string]int{} // lanes that were parsed
	for i, e := range t.Events {
		n, ok := known[e.Lane]
		if !ok {
			if provider, call, _, parsed := parseLane(e.Lane); parsed && provider == "" && e.Lane == ClientLane(call) {
				n = call
			}
			known[e.Lane] = n
		}
		if n > 0 {
			x.clients[n] = append(x.clients[n], i)
		}
	}
	for i, a := range x.attempts {
		if a.N > 0 {
			x.calls[a.Call] = append(x.calls[a.Call], i)
		}
	}
	return x
}

// client returns the positions of the events of a call's client.
func (t Timeline) client(n int) []int {
	if t.Index != nil {
		return t.index().clients[n]
	}
	lane := ClientLane(n)
	var all []int
	for i, e := range t.Events {
		if e.Lane == lane {
			all = append(all, i)
		}
	}
	return all
}

// CallAttempts returns the requests that call n caused, in order of arrival.
func (t Timeline) CallAttempts(n int) []Attempt {
	if t.Index == nil {
		return slices.DeleteFunc(t.Attempts(), func(a Attempt) bool { return a.Call != n || a.N == 0 })
	}
	x := t.index()
	positions := x.calls[n]
	all := make([]Attempt, len(positions))
	for i, at := range positions {
		all[i] = x.attempts[at]
	}
	return all
}

// Attempts returns every request that providers received, in order of arrival.
func (t Timeline) Attempts() []Attempt {
	if t.Index != nil {
		return slices.Clone(t.index().attempts)
	}
	return attempts(t.Events)
}
