package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A callers is who calls the engine at one time: the calls first to first+count-1.
type callers struct{ first, count int }

// of returns the number of the call that a request belongs to. If several are made at once, the
// request says which by the prompt that it has; 0 is one that does not say.
func (c *callers) of(body []byte) int {
	switch {
	case c == nil:
		return 0
	case c.count == 1:
		return c.first
	}
	if n := lastMark(body); n >= c.first && n < c.first+c.count {
		return n
	}
	return 0
}

// lastMark returns the number in the last mark of a JSON document, or 0 if there is none. In a
// conversation that is the mark of the newest message.
func lastMark(body []byte) (n int) {
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err != nil { // the end, or no JSON
			return n
		}
		if text, ok := token.(string); ok {
			if m := scenarios.MarkedCall(text); m > 0 {
				n = m
			}
		}
	}
}

// callKey is the key of a call's number in its context.
type callKey struct{}

// callOfDial returns the call that a dial belongs to. A dial has the context of the engine's
// request, and with it that of the call; an engine that uses another context does not say which
// call it is.
func (st *stage) callOfDial(ctx context.Context) int {
	if n, ok := ctx.Value(callKey{}).(int); ok && n > 0 {
		return n
	}
	return st.callOf(nil, nil)
}

// atOnce returns how many calls of a scenario are made at once at most.
func atOnce(s scenarios.Scenario) (most int) {
	for _, c := range s.Calls {
		most = max(most, c.Callers())
	}
	return most
}

// callOf returns the call that a request belongs to; see [fakeprovider.Options].
func (st *stage) callOf(_ *http.Request, body []byte) int { return st.callers.Load().of(body) }

// apart is the scenario time between the starts of two calls that are made at once, so that they
// ask their first provider in the same order in each run.
const apart = time.Microsecond

// together makes the calls that are made at once, and waits for all of them. It returns false if no
// further call can be made.
func (st *stage) together(target Target, first int, calls []scenarios.Call) bool {
	st.callers.Store(&callers{first: first, count: len(calls)})
	limit, why := st.options.cutAfter(st.scenario)
	type result struct {
		ended    ended
		returned bool
	}
	results := make(chan result, len(calls))
	for i, c := range calls {
		go func() {
			if i > 0 && !st.sleep(scaled(time.Duration(i)*apart, st.world.speed())) {
				results <- result{}
				return
			}
			e, returned := st.callWithin(target, first+i, c, limit, why)
			results <- result{e, returned}
		}()
	}
	ok, cannot := true, ""
	for range calls {
		r := <-results
		ok = ok && r.returned
		if cannot == "" {
			cannot = r.ended.cannot
		}
	}
	if cannot != "" {
		st.failed(cannot)
	}
	return ok && cannot == ""
}

// lookOn lets time pass after calls whose callers hung up, because what the engine does then is the
// point. It returns the scenario time that it took: half as much again as the expectation allows,
// so that what only the engine's own end closes is late beyond doubt, and in virtual time, where
// it costs nothing, Grace.
func (st *stage) lookOn() time.Duration {
	var within time.Duration
	for _, e := range st.scenario.Expectations() {
		if hangUp, ok := e.(assertions.HangUp); ok {
			within = max(within, hangUp.Within+hangUp.Within/2) //nolint:mnd // a half
		}
	}
	if !st.options.clock.wall {
		within = max(within, Grace)
	}
	if within > 0 {
		st.sleep(scaled(within, st.world.speed()))
	}
	return within
}
