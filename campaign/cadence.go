package campaign

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Cadence says how often a fault sends the heartbeats that hold a stream open. An engine with a
// shorter idle timer would give up during the pause, and the run would not show whether it counts
// heartbeats. The zero Cadence is "auto".
type Cadence struct {
	asWritten bool
	every     time.Duration
}

// AsWritten keeps the pauses of the scenarios.
func AsWritten() Cadence { return Cadence{asWritten: true} }

// Every shortens pauses longer than d to d.
func Every(d time.Duration) Cadence { return Cadence{every: d} }

// ParseCadence parses "auto", "as-written" or a time above zero. An empty text is "auto".
func ParseCadence(text string) (Cadence, error) {
	switch text {
	case "", "auto":
		return Cadence{}, nil
	case AsWritten().String():
		return AsWritten(), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return Cadence{},
			usage("cadence", "{option} %q: write auto, as-written or a time above zero, as in {option} 500ms", text)
	}
	return Every(d), nil
}

// String returns what [ParseCadence] parses.
func (c Cadence) String() string {
	switch {
	case c.asWritten:
		return "as-written"
	case c.every > 0:
		return c.every.String()
	}
	return "auto"
}

const (
	// shortestCadence bounds the heartbeats of a run: 72,000 in two hours.
	shortestCadence = 100 * time.Millisecond
	// cadenceStep is the resolution of a measured cadence.
	cadenceStep = 10 * time.Millisecond
	// shortestPause is the shortest pause that a busy machine can keep, in real time.
	shortestPause = 5 * time.Millisecond
)

// cadence returns the pause for the heartbeats of the run, or 0 to keep the scenario's.
func (j Job) cadence(ctx context.Context) time.Duration {
	c := j.plan.options.Cadence
	switch {
	case c.asWritten:
		return 0
	case c.every > 0:
		return c.every
	case !j.mayBeTooSlow():
		return 0
	}
	shortest := j.plan.timers[j.variant].find(func() (time.Duration, bool) { return j.shortestTimer(ctx) })
	if shortest == 0 {
		return 0
	}
	least := max(shortestCadence, time.Duration(float64(shortestPause)*max(1, j.clock().Pace())))
	return max(least, (shortest / 2).Round(cadenceStep)) //nolint:mnd // half
}

// mayBeTooSlow reports whether an engine could give up between two heartbeats of the scenario. It
// is false for a skipped run.
func (j Job) mayBeTooSlow() bool {
	return harness.Pace(j.Scenario) > shortestCadence && harness.Unfit(j.Scenario, j.harnessOptions()...) == ""
}

// A timer is the shortest idle timer of an engine. It is safe for concurrent use.
type timer struct {
	mu       sync.Mutex
	known    bool
	shortest time.Duration
}

// find returns the timer, and calls search until it returns true. 0 means that no timer was seen.
func (t *timer) find(search func() (time.Duration, bool)) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.known {
		t.shortest, t.known = search()
	}
	return t.shortest
}

// silences returns the names of faults in which a provider falls silent, at different points of an
// answer.
func silences() []string {
	return []string{"no-response", "silence", "stall-after-first-token"}
}

// horizon returns how long a search for a timer waits in silence: twice the longest pause of the
// plan, plus the time until a provider falls silent. A longer timer does not shorten a pause.
func (p *Plan) horizon() time.Duration {
	var longest time.Duration
	for _, s := range p.scenarios {
		longest = max(longest, harness.Pace(s))
	}
	return 2*longest + 5*time.Second //nolint:mnd // the second number is the moment
}

// timerKey returns the key of a job's engine and the length of the search for its timers.
func timerKey(j Job) runKey {
	k := engineKey(j)
	k.Cadence = j.plan.horizon().String()
	return k
}

// shortestTimer runs the engine against providers that fall silent, and returns the shortest time
// after which it gives one up, or 0 if it waits until the horizon. ok is false if ctx ended first.
// An engine that can be built in this process runs in virtual time, whatever the clock of the plan.
func (j Job) shortestTimer(ctx context.Context) (shortest time.Duration, ok bool) {
	if known, ok := j.plan.finished.timer(timerKey(j)); ok {
		return known, true
	}
	factory, options := j.Variant.Factory,
		append(j.harnessOptions(), harness.WithClock(harness.Virtual()), harness.WithContext(ctx))
	switch {
	case j.Variant.Inside != nil:
		factory = j.Variant.Inside
	case j.Variant.Outside:
		options = append(options, harness.WithClock(j.clock()))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, j.plan.width(j))
	for _, silence := range silences() {
		info, ok := j.plan.options.Vocabulary.Fault(silence)
		if !ok {
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			s := scenarios.OfFault(silence, info.Default)
			s.Deadline = j.plan.horizon()
			waited := silentFor(harness.RunScenario(s, factory, options...).Timeline)
			mu.Lock()
			defer mu.Unlock()
			if waited > 0 && (shortest == 0 || waited < shortest) {
				shortest = waited
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return 0, false
	}
	j.plan.finished.addTimer(timerKey(j), shortest)
	return shortest, true
}

// silentFor returns how long the engine waited after the last byte of the first provider that it
// asked. It is 0 if the engine did not give up or was not seen. Giving up means to close the
// request, send another one, or end the call.
func silentFor(t timeline.Timeline) time.Duration {
	attempts := t.CallAttempts(1)
	client, _ := t.Client(1)
	if len(attempts) == 0 || t.Find(timeline.WorldLane, timeline.HarnessFailed) >= 0 {
		return 0
	}
	first := attempts[0]
	silent := max(first.Arrived, first.Headers, first.LastContent)
	gaveUp := time.Duration(-1)
	at := func(d time.Duration) {
		if gaveUp < 0 || d < gaveUp {
			gaveUp = d
		}
	}
	if first.Ending == timeline.ClientDisconnected && (client.Ending != timeline.CallCut || first.End < client.End) {
		at(first.End)
	}
	if len(attempts) > 1 {
		at(attempts[1].Start)
	}
	if slices.Contains([]timeline.Kind{timeline.CallFailed, timeline.CallAnswered}, client.Ending) {
		at(client.End)
	}
	if first.Arrived < 0 || gaveUp < 0 {
		return 0
	}
	return max(0, gaveUp-silent)
}

// probing bounds the real time of the search for the timers of a job's engine. It is 0 except for
// the first job of an engine in another process that needs them.
func (p *Plan) probing(j Job, c *calendar) time.Duration {
	if !j.Variant.Outside || j.Variant.Inside != nil || p.options.Clock.IsTree() || p.options.Cadence != (Cadence{}) ||
		c.probed[j.variant] || !j.mayBeTooSlow() {
		return 0
	}
	if _, known := p.finished.timer(timerKey(j)); known {
		return 0
	}
	c.probed[j.variant] = true
	limit := p.horizon()
	if cut, _ := j.callLimit(); cut > 0 {
		limit = min(limit, cut)
	}
	side := min(len(silences()), p.width(j))
	return (limit + startAllowance) * time.Duration((len(silences())+side-1)/side)
}
