package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// T is the part of a test that Run needs. *testing.T, *testing.B and GinkgoT() implement it.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// A Trial is one judged run of a scenario against an engine.
type Trial struct {
	// Scenario is the scenario, with the limits in effect.
	Scenario scenarios.Scenario
	// Timeline is the recorded timeline.
	Timeline timeline.Timeline
	// Judgement has the verdict, and the finding of each expectation.
	Judgement assertions.Judgement
	// Interrupted says that the context of [WithContext] ended before the run was over. The run is
	// unknown then, and says nothing about the engine.
	Interrupted bool
}

var _ assertions.Observed = (*Trial)(nil)

// Observed returns the timeline. It makes a Trial an actual value for the matchers of package
// assertions.
func (t *Trial) Observed() timeline.Timeline { return t.Timeline }

// Verdict returns the run's verdict.
func (t *Trial) Verdict() assertions.Verdict { return t.Judgement.Verdict }

// Skipped returns the reason why the target could not run the scenario, or "".
func (t *Trial) Skipped() string { return t.Timeline.Run.Skipped }

// Run runs a scenario against the engine that f builds, and judges the run. The run is in virtual
// time unless an Option changes that.
//
// what is the name of a catalogue scenario, a [scenarios.Scenario] or a [fakeprovider.Fault]. A
// fault is played by a primary with one healthy fallback. Any other value, or an invalid
// scenario, fails the test before the run. [RunScenario] is the type-safe alternative.
//
// A run that the target cannot make skips the test with the reason, if tb has a method Skipf, as
// *testing.T and GinkgoT() do. RunScenario returns such a run instead.
//
// The Trial records everything that the engine does wrong, even if it panics, blocks or leaks.
func Run(tb T, what any, f Factory, opts ...Option) *Trial {
	tb.Helper()
	s, err := resolve(what, newOptions(opts))
	if err != nil {
		tb.Errorf("%v", err)
		tb.FailNow()
		return nil
	}
	if c, ok := tb.(interface{ Context() context.Context }); ok {
		c.Context().Done() // made in virtual time, its channel would belong there, and the test's end closes it
	}
	t := RunScenario(s, f, opts...)
	if reason := t.Skipped(); reason != "" {
		skip(tb, s.Name+": "+reason)
	}
	return t
}

// skip ends a test as skipped. It returns false if the test has no way to say so.
func skip(tb T, reason string) bool {
	tb.Helper()
	s, ok := tb.(interface {
		Skipf(format string, args ...any)
	})
	if ok {
		s.Skipf("%s", reason)
	}
	return ok
}

// faultPrefix begins the name of the scenario that Run makes of a single fault.
const faultPrefix = "fault:"

// resolve returns the scenario that a test names, with its options applied.
func resolve(what any, o options) (s scenarios.Scenario, err error) {
	switch v := what.(type) {
	case string:
		if s, err = scenarios.Find(v); err != nil {
			return s, err //nolint:wrapcheck // its text is for the user
		}
	case scenarios.Scenario:
		s = v
	case fakeprovider.Fault:
		s = scenarios.OfFault(faultPrefix+cmp.Or(fakeprovider.NameOf(v), fmt.Sprintf("%T", v)), v)
	default:
		return s, fmt.Errorf("harness: want a scenario's name, a scenario or a fault, got %T", what)
	}
	s = o.change(s)
	return s, o.words.Validate(s) //nolint:wrapcheck // likewise
}

// RunScenario runs a valid scenario without a test. It returns a Trial whatever the engine does.
func RunScenario(s scenarios.Scenario, f Factory, opts ...Option) *Trial {
	o, whole := newOptions(opts), s
	s, skip := o.fit(o.change(s).WithLimits(o.limits))
	s, o.cadence = withCadence(s, o.cadence)
	t := &Trial{Scenario: s, Timeline: timeline.Timeline{Run: describe(s, o)}}
	if skip != "" {
		t.Timeline.Run.Skipped = skip
		t.Judgement = assertions.Judge(t.Timeline, nil)
		return t
	}
	// The bubble may be abandoned while its goroutines still run, so shared state is atomic.
	var shared atomic.Pointer[stage]
	o.budget = fakeprovider.NewBudget(fakeprovider.DefaultSteps)
	w := newWorld(o, &shared)
	err := w.run(func() {
		st := newStage(s, o, w)
		if v, ok := w.(*virtual); ok {
			st.guard = v.guard
		}
		shared.Store(st)
		st.play(f)
	})
	if st := shared.Load(); st != nil {
		st.describe(t)
	}
	if _, ok := errors.AsType[*bubble.InterruptedError](err); ok {
		t.Interrupted = true
	}
	if o.fallback != nil && heldUp(err) {
		return RunScenario(whole, f, append(slices.Clone(opts), again(*o.fallback, err))...)
	}
	t.Timeline.Events = explain(t.Timeline.Events, err)
	t.Judgement = assertions.Judge(t.Timeline, s.Expected())
	return t
}

// newWorld returns the world of a run. shared holds its stage once there is one.
func newWorld(o options, shared *atomic.Pointer[stage]) world {
	if o.clock.wall {
		return wall{k: o.clock.speed, outside: o.outside != nil}
	}
	g := newGuard()
	network := memnet.Guarded(g.enter)
	return &virtual{
		patience: o.patience, network: network, guard: g, interrupt: o.ctx.Done(), stop: o.budget.Stop,
		progress: func() uint64 {
			if st := shared.Load(); st != nil {
				return network.Activity() + st.recorder.Total()
			}
			return network.Activity()
		},
	}
}

// describe adds to a trial what the stage has recorded.
func (st *stage) describe(t *Trial) {
	t.Timeline.Events = st.recorder.Events()
	t.Timeline.Run.SchedulingError = timeline.Seconds(st.recorder.Lateness())
	t.Timeline.Run.Distortion = timeline.Seconds(st.distortion.Load())
	t.Timeline.Run.Evidence = st.evidence
	t.Timeline.Run.NoRestarts = t.Timeline.Run.NoRestarts || st.noRestarts.Load()
	t.Interrupted = st.interrupted.Load()
	st.reached.describe(t.Timeline.Run.Providers)
	if why := st.guard.why(); why != "" {
		t.Timeline.Events = appendEvent(t.Timeline.Events, timeline.WorldLane, timeline.HarnessFailed, why)
	}
	if reason := st.skipped.Load(); reason != nil {
		t.Timeline.Run.Skipped = *reason
	}
	if st.recorder.Overflowed() {
		t.Timeline.Events = stormed(t.Timeline.Events, len(t.Scenario.EachCall()))
	}
}

// describe returns the timeline's description of the run.
func describe(s scenarios.Scenario, o options) timeline.Run {
	r := timeline.Run{
		Scenario: s.Name, Target: o.target, Policy: o.policy, Clock: o.clock.String(), Seed: o.seed,
		Deadline: timeline.Seconds(s.Deadline), Cadence: timeline.Seconds(o.cadence), UnreachedOK: s.UnreachedOK,
	}
	if o.outside != nil {
		r.Contained, r.NoRestarts = o.outside.Contained, o.outside.NoRestarts
		r.Outside, r.CallerUnseen, r.StartUnseen = true, o.outside.CallerUnseen, o.outside.StartUnseen
		r.ModelSeen = providerNamed(s, o.outside.ModelSeen)
	}
	if o.limitsCalls(s) {
		r.CallLimit, r.CallLimitBy = timeline.Seconds(o.callLimit), o.callLimitBy
	}
	for _, p := range s.Providers {
		one := timeline.Provider{Name: p.Name, Protocol: protocolOf(p)}
		if r.ModelSeen != "" {
			one.Model = modelOf(p.Name)
		}
		r.Providers = append(r.Providers, one)
	}
	for _, c := range s.Calls {
		atOnce := c.Callers()
		if atOnce == 1 {
			atOnce = 0
		}
		for range c.Callers() {
			r.Calls = append(r.Calls, timeline.Call{
				ContextTokens: c.ContextTokens, ContextWindow: c.ContextWindow, Stream: c.Stream,
				NoRestarts: !c.Restarts,
				AtOnce:     atOnce, HangUp: timeline.Seconds(c.HangUp),
			})
		}
	}
	for i, c := range s.EachCall() {
		r.Calls[i].Prompt = c.Prompt
	}
	return r
}

// defaultProtocol is the protocol of a provider without one.
const defaultProtocol = "openai-chat"

func protocolOf(p scenarios.Provider) string { return cmp.Or(p.Protocol, defaultProtocol) }

// providerNamed returns the name of the provider that a word stands for: a name, or a position in
// the chain from 1. It returns "" if there is none.
func providerNamed(s scenarios.Scenario, word string) string {
	position, _ := strconv.Atoi(word) // 0 is no position
	for i, p := range s.Providers {
		if p.Name == word || i+1 == position {
			return p.Name
		}
	}
	return ""
}

// modelOf returns the name of a provider's model, as engines are told.
func modelOf(provider string) string { return provider + "-model" }

// scaled converts scenario time to package time.
func scaled(d time.Duration, speed float64) time.Duration {
	return time.Duration(float64(d) / speed)
}
