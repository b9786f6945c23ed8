package harness

import (
	"context"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// An Option changes how a scenario is run.
type Option func(*options)

type options struct {
	ctx       context.Context //nolint:containedctx // the run's lifetime
	protocols []string
	outside   *Outside
	seed      uint64
	clock     Clock
	limits    assertions.Limits
	words     *scenarios.Vocabulary
	patience  time.Duration
	cadence   time.Duration
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

// WithLimits replaces limits of the scenario by name.
func WithLimits(limits assertions.Limits) Option { return func(o *options) { o.limits = limits } }

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
