package timeline

import (
	"math"
	"time"
)

// Never is behind every instant of a run.
const Never = time.Duration(math.MaxInt64)

// Abandoned returns when the call abandoned a request: when it sent another one to the same
// provider, when text of a later request reached the caller, or when it ended, whichever is first.
// It returns [Never] for a request that was not abandoned. later are the requests of the call
// behind it, in order of arrival.
func (c Client) Abandoned(a Attempt, later []Attempt) time.Duration {
	at := Never
	if c.Started >= 0 && c.Ended >= 0 {
		at = c.End
	}
	for _, l := range later {
		if l.Provider == a.Provider {
			return min(at, l.Start)
		}
		if delivered := c.firstDelivery(l); delivered >= 0 {
			at = min(at, delivered)
		}
	}
	return at
}

// firstDelivery returns when the first text after the attempt's own first content reached the
// caller, or -1.
func (c Client) firstDelivery(a Attempt) time.Duration {
	if a.FirstContent < 0 {
		return -1
	}
	for _, d := range c.Deliveries {
		if !d.Restart && d.At >= a.FirstContent {
			return d.At
		}
	}
	return -1
}

// cutSpread bounds the time between the ends of requests that a cut ended together. Processes close
// their connections one after the other.
const cutSpread = 100 * time.Millisecond

// CutWith reports whether a request was under way until its call was cut by the harness, or its
// caller hung up: then that ended the request, and not the engine. all are the requests of the
// call.
func (c Client) CutWith(a Attempt, all []Attempt) bool {
	if c.Ending != CallCut && c.Ending != CallHungUp {
		return false
	}
	for _, other := range all {
		if other.Start >= a.Start && other.End > a.End+cutSpread {
			return false // the engine went on without this one
		}
	}
	return true
}
