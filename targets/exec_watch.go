package targets

import (
	"fmt"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A watch follows what the providers see while the command runs.
type watch struct {
	lab      harness.Lab
	run      timeline.Run
	started  time.Time
	recorded uint64
	// call is the current call, if its caller marks its end. 0 means that answers mark it.
	call int
	// current holds the requests of the current call, and heartbeats the number that each one got.
	current    []timeline.Attempt
	heartbeats map[int]int
}

func newWatch(lab harness.Lab) *watch {
	w := &watch{lab: lab, started: time.Now()}
	for _, u := range lab.Upstreams() {
		w.run.Providers = append(w.run.Providers, timeline.Provider{Name: u.Name, Protocol: u.Protocol})
	}
	return w
}

// now returns the time since the recorder began, nearly: the command starts right after it.
func (w *watch) now() time.Duration { return time.Since(w.started) }

// look reads what was recorded since the last look.
func (w *watch) look() {
	n := w.lab.Recorded()
	if n == w.recorded {
		return
	}
	w.recorded = n
	seen := timeline.Timeline{Run: w.run, Events: w.lab.Events()}
	attempts := seen.Attempts()
	calls := w.callsOf(attempts)
	w.current, w.heartbeats = nil, map[int]int{}
	if len(calls) == 0 {
		return
	}
	for i, last := 0, slices.Max(calls); i < len(attempts) && last > 0; i++ {
		if calls[i] != last {
			continue
		}
		lane := timeline.ProviderLane(attempts[i].Provider, attempts[i].Call, attempts[i].N)
		for _, e := range seen.Events {
			if e.Lane == lane && e.Kind == timeline.HeartbeatSent {
				w.heartbeats[len(w.current)] += e.Count
			}
		}
		w.current = append(w.current, attempts[i])
	}
}

// callsOf returns the call of each request, 0 for requests that do not count.
func (w *watch) callsOf(attempts []timeline.Attempt) []int {
	if w.call == 0 {
		return harness.CallsOf(w.run, attempts)
	}
	calls := make([]int, len(attempts))
	for i, a := range attempts {
		if a.N > 0 && a.Call == w.call {
			calls[i] = a.Call
		}
	}
	return calls
}

// stuckFor returns how long the current call has had neither an answer nor a request to another
// provider, or 0.
func (w *watch) stuckFor() time.Duration {
	if len(w.current) == 0 ||
		slices.ContainsFunc(w.current, func(a timeline.Attempt) bool {
			return a.Answered() || a.Provider != w.run.Primary()
		}) {
		return 0
	}
	return w.now() - w.current[0].Start
}

// stuckAfter returns the time after its first request from which a call counts as stuck: a tenth
// more than the scenario's largest limit. It is 0 if the scenario has no limit.
func stuckAfter(s scenarios.Scenario) time.Duration {
	var most time.Duration
	for _, limit := range s.Limits {
		most = max(most, limit)
	}
	return most + most/10
}

// quiet is the time without content after which a line of progress is printed.
const quiet = 2 * time.Second

// waiting says what the command waits for, or "".
func (w *watch) waiting() string {
	if len(w.current) == 0 {
		return fmt.Sprintf("no request for %s: the command must read the addresses from %s and the like",
			seconds(w.now()), w.variables())
	}
	i := len(w.current) - 1
	for i > 0 && !w.current[i].Open {
		i--
	}
	a := w.current[i]
	switch {
	case slices.ContainsFunc(w.current, timeline.Attempt.Answered), a.LastContent >= 0 && w.now()-a.LastContent < quiet:
		return ""
	case !a.Open:
		return fmt.Sprintf("no request is open since %s, after request %d to %s", seconds(w.now()-a.End), a.N,
			a.Provider)
	case a.Headers < 0:
		return fmt.Sprintf("waiting on %s: no headers for %s", a.Provider, seconds(w.now()-a.Start))
	}
	since := max(a.Headers, a.LastContent)
	beats := "heartbeats"
	if w.heartbeats[i] == 1 {
		beats = "heartbeat"
	}
	return fmt.Sprintf("waiting on %s: %d %s, no token for %s", a.Provider, w.heartbeats[i], beats,
		seconds(w.now()-since))
}

// variables names where the command finds the primary.
func (w *watch) variables() string {
	upstreams := w.lab.Upstreams()
	if len(upstreams) == 0 {
		return UpstreamsVariable
	}
	return variableName(upstreams[0].Name) + "_BASE_URL"
}

// seconds rounds a time for people.
func seconds(d time.Duration) time.Duration { return d.Round(time.Second) }
