package harness

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
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

// A Clock says how scenario time passes. The zero Clock is Virtual.
type Clock struct {
	wall bool
	// tree says that this process lives in virtual time, with everything that it starts.
	tree bool
	// speed is scenario seconds per second of the wall; 0 means 1.
	speed float64
}

// Virtual returns a clock that jumps: hours pass in milliseconds, and only code takes real time.
func Virtual() Clock { return Clock{} }

// Tree returns a clock of real time, over loopback TCP, for a process that lives in virtual time
// with everything that it starts: its timers jump, and its name is that of Virtual. What was left
// in real time makes the run unknown.
func Tree() Clock { return Clock{wall: true, speed: 1, tree: true} }

// Wall returns a clock of real time, over loopback TCP.
func Wall() Clock { return Clock{wall: true, speed: 1} }

// Accelerated returns a clock of real time, over loopback TCP, with every duration of the scenario
// divided by k.
func Accelerated(k float64) Clock { return Clock{wall: true, speed: k} }

// maxSpeed keeps a second of the scenario longer than the scheduling error of a busy machine.
const maxSpeed = 1000

// ParseClock reads "virtual", "wall" or "xK", K between 1 and 1000.
func ParseClock(s string) (Clock, error) {
	switch {
	case s == "virtual":
		return Virtual(), nil
	case s == "wall":
		return Wall(), nil
	case strings.HasPrefix(s, "x"):
		k, err := strconv.ParseFloat(s[1:], 64)
		if err == nil && k >= 1 && k <= maxSpeed && !math.IsNaN(k) {
			return Accelerated(k), nil
		}
	}
	return Clock{}, fmt.Errorf("no such clock: %q; write virtual, wall, or xK with K from 1 to %d, as in x60", s, maxSpeed)
}

// Speed returns how many seconds of the scenario pass in a second of the package's time: K for xK,
// and 1 for the others.
func (c Clock) Speed() float64 { return cmp.Or(c.speed, 1) }

// String returns what ParseClock reads.
func (c Clock) String() string {
	switch {
	case !c.wall, c.tree:
		return "virtual"
	case c.speed == 1:
		return "wall"
	}
	return "x" + strconv.FormatFloat(c.speed, 'g', -1, 64)
}
