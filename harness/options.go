package harness

import (
	"context"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// An Option changes how a scenario is run.
type Option func(*options)

type options struct {
	ctx       context.Context //nolint:containedctx // the run's lifetime
	budget    *fakeprovider.Budget
	protocols []string
	outside   *Outside
	seed      uint64
	clock     Clock
	fallback  *Clock
	// because says why the run is made on another clock than was asked for, or "".
	because string
	limits  assertions.Limits
	expect  []assertions.Expectation
	// deadline is 0 and restarts nil if the scenario's own stand.
	deadline time.Duration
	restarts *bool
	words    *scenarios.Vocabulary
	patience time.Duration
	cadence  time.Duration
	// callLimit is 0 for none.
	callLimit   time.Duration
	callLimitBy timeline.CallLimitBy

	target string
	policy string
}

func newOptions(opts []Option) options {
	o := options{seed: 1, clock: Virtual(), ctx: context.Background()}
	for _, opt := range opts {
		opt(&o)
	}
	if o.words == nil {
		o.words = scenarios.Shipped()
	}
	return o
}

// WithSeed sets the seed of every random number of the run. Default 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// WithClock sets the run's clock. Default Virtual().
func WithClock(c Clock) Option { return func(o *options) { o.clock = c } }

// WithFallbackClock sets the clock of real time on which a run is made again at once if virtual
// time stood still because of a mutex that is perhaps only held across a wait. The first run
// leaves its goroutines behind. The Trial is that of the second, and its timeline says why.
// Default: none, and such a run is unknown.
func WithFallbackClock(c Clock) Option { return func(o *options) { o.fallback = &c } }

// WithLimits replaces limits of the scenario by name.
func WithLimits(limits assertions.Limits) Option { return func(o *options) { o.limits = limits } }

// WithExpect replaces what the scenario expects. A limit among the expectations, that of
// [assertions.TimeToFallback] for instance, becomes the scenario's. Default: the scenario's own.
func WithExpect(all ...assertions.Expectation) Option { return func(o *options) { o.expect = all } }

// WithDeadline replaces the scenario time after which each call is cut. Default: the scenario's,
// which for a single fault is [scenarios.DefaultDeadline].
func WithDeadline(d time.Duration) Option { return func(o *options) { o.deadline = d } }

// WithRestarts says of every call whether its caller understands a restart marker. A caller that
// does not is served right by an error once a part of an answer has reached it, and not before: an
// expected answer of another provider, or of any, holds then. Default: what the scenario says of
// its calls; for a single fault they do.
func WithRestarts(understood bool) Option { return func(o *options) { o.restarts = &understood } }

// change applies WithExpect, WithDeadline and WithRestarts to a copy of a scenario.
func (o *options) change(s scenarios.Scenario) scenarios.Scenario {
	if o.expect != nil {
		s.Expect, s.Limits = scenarios.Expecting(o.expect...), assertions.Limits{}
		for _, e := range o.expect {
			if limited, ok := e.(assertions.Limited); ok {
				s.Limits[limited.Measure()] = limited.Limit()
			}
		}
	}
	if o.deadline != 0 {
		s.Deadline = o.deadline
	}
	if o.restarts != nil {
		s.Calls = slices.Clone(s.Calls)
		for i := range s.Calls {
			s.Calls[i].Restarts = *o.restarts
		}
	}
	return s
}

// WithVocabulary sets the faults, protocols, steps and expectations that the scenario may name.
// Default scenarios.Shipped().
func WithVocabulary(words *scenarios.Vocabulary) Option {
	return func(o *options) { o.words = words }
}

// WithPatience sets the real time after which an engine is given up if nothing happens in virtual
// time: a mutex deadlock, a spin or real I/O. Default 5 s.
func WithPatience(d time.Duration) Option { return func(o *options) { o.patience = d } }

// WithNames sets the names of target and policy that the timeline carries.
func WithNames(target, policy string) Option {
	return func(o *options) { o.target, o.policy = target, policy }
}
