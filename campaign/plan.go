package campaign

import (
	"iter"
	"slices"
	"sync"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Options select the runs. The zero Options run the whole catalogue once, in virtual time.
type Options struct {
	// Scenarios are names, globs or files. Default: the whole catalogue.
	Scenarios []string
	// Tags is an expression that selects scenarios, as in "stall && !flagship". Default: all of
	// them.
	Tags string
	// Limits override the limits of the scenarios, by measure, and under [CallLimit] the time at
	// which a call is cut.
	Limits assertions.Limits
	// Seed is the seed of the first repetition. Each further repetition uses the next one.
	Seed uint64
	// Repeat is the number of repetitions of each scenario. Default: 1.
	Repeat int
	// Clock is the clock of each run. Default: virtual, and the wall clock for a Variant that is
	// Outside.
	Clock harness.Clock
	// Cadence says how often heartbeats hold a stream open. Default: half the shortest idle timer
	// of the engine, if that is more often than the scenario says.
	Cadence Cadence
	// Shard selects a part of the runs. Default: all of them.
	Shard Shard
	// Parallel is the number of parallel runs. Default: one per processor, 1 in real time, and 8 if
	// a Variant is Outside.
	Parallel int
	// Resume is a file of finished runs. Its runs are reported and not made again, except those in
	// which the harness could not look. Each new run is appended as soon as it is finished. Only
	// Execute uses it. Default: none.
	Resume string
	// Lanes make the runs of engines in other processes. They need Resume. Only Execute uses them.
	// Default: none.
	Lanes Lanes
	// Only lists the positions of the variants whose runs are made. The others keep their positions
	// in the order and in shards. Default: all.
	Only []int
	// Cells is a file of labels, "scenario / policy", and limits the plan to their runs. Default:
	// all.
	Cells string
	// Progress is called for each finished run, in any order. Its calls do not overlap. Only
	// Execute uses it. Default: none.
	Progress func(Progress)
	// FailFast stops at the first failure.
	FailFast bool
	// Baseline is a file of runs that are expected to fail, with lines "scenario / policy", or
	// "scenario / target" for a target without policies. A listed run that passes fails the plan.
	// Default: none.
	Baseline string
	// Timeline selects the timelines that reports keep. Default: those of failures.
	Timeline Keep
	// Reports are the reports to write. Only Run uses them.
	Reports []Sink
	// Kinds are additional report forms. Only Run uses them.
	Kinds []reports.Kind
	// Name is the engine's name in reports. Only Run uses it. Default: "engine".
	Name string
	// Protocols lists the protocols that the engine speaks; see [harness.WithProtocols]. Only Run
	// uses them. Default: those of the scenario.
	Protocols []string
	// Program is the command that repeats a run. Default: "chaosrun".
	Program string
	// Arguments are appended to the command that repeats a run, such as --limit.
	Arguments []string
	// Vocabulary holds what scenarios may use. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Replay returns the command that repeats a run. Default: Program with run, the scenario, the
	// variant and the seed.
	Replay func(Job) string
}

// A Plan is a validated selection of runs. It creates its jobs on the fly, so its memory does not
// depend on the number of runs.
type Plan struct {
	options   Options
	scenarios []scenarios.Scenario
	variants  []Variant
	baseline  labels
	cells     labels
	// versions and timers hold the variants' versions and timers, by index. Each is found once.
	versions []func() string
	timers   []*timer
	finished *finished
}

// NewPlan validates Options and variants. It makes no run.
func NewPlan(variants []Variant, o Options) (*Plan, error) {
	if o.Repeat == 0 {
		o.Repeat = 1
	}
	p := newPlan(variants, o)
	o = p.options
	selected, err := Select(o.Vocabulary, o.Scenarios)
	if err != nil {
		return nil, err
	}
	if p.scenarios, err = FilterTags(selected, o.Tags); err != nil {
		return nil, err
	}
	if err := checkLimits(o.Vocabulary, o.Limits); err != nil {
		return nil, err
	}
	if o.Repeat < 0 {
		return nil, usage("repeat", "{option} must be 1 or more, not %d", o.Repeat)
	}
	if p.baseline, err = readLabels(o.Baseline); err != nil {
		return nil, err
	}
	if p.cells, err = readLabels(o.Cells); err != nil {
		return nil, err
	}
	if !o.Shard.valid() {
		return nil, usage("shard", "{option} %d/%d: want I from 1 to N", o.Shard.Index, o.Shard.Of)
	}
	if err := p.checkClock(); err != nil {
		return nil, err
	}
	if p.finished, err = openFinished(o.Resume); err != nil {
		return nil, err
	}
	return p, nil
}

// newPlan returns a plan without scenarios.
func newPlan(variants []Variant, o Options) *Plan {
	if o.Vocabulary == nil {
		o.Vocabulary = scenarios.Shipped()
	}
	p := &Plan{options: o, variants: variants}
	for _, v := range variants {
		version := func() string { return "" }
		if v.Version != nil {
			version = sync.OnceValue(v.Version)
		}
		p.versions = append(p.versions, version)
		p.timers = append(p.timers, new(timer))
	}
	return p
}

// checkClock refuses an accelerated clock for an engine in another process, whose timers cannot be
// scaled.
func (p *Plan) checkClock() error {
	if clock := p.options.Clock; clock == harness.Virtual() || clock == harness.Wall() || clock.IsTree() {
		return nil
	}
	for _, v := range p.variants {
		if v.Outside && !v.Scales {
			return usage("clock",
				"{option} %s: %s is another process, whose clock cannot be accelerated: write {option} wall",
				p.options.Clock, v.Name)
		}
	}
	return nil
}

// Len returns the number of runs.
func (p *Plan) Len() int {
	if p.options.Only != nil || p.options.Cells != "" {
		n := 0
		for range p.Jobs() {
			n++
		}
		return n
	}
	return p.options.Shard.of(len(p.scenarios) * len(p.variants) * p.options.Repeat)
}

// Whole returns the number of runs of all shards together.
func (p *Plan) Whole() int {
	whole := *p
	whole.options.Shard = Shard{}
	return whole.Len()
}

// has reports whether the plan has runs of a scenario by the variant at that position.
func (p *Plan) has(scenario string, variant int) bool {
	return p.options.Cells == "" || p.cells.has(scenario+" / "+p.variants[variant].Name)
}

// Jobs yields the runs in order: by scenario, then by variant, then by seed.
func (p *Plan) Jobs() iter.Seq[Job] {
	return func(yield func(Job) bool) {
		k := 0
		for _, s := range p.scenarios {
			for n, v := range p.variants {
				if !p.has(s.Name, n) {
					continue
				}
				only := p.options.Only == nil || slices.Contains(p.options.Only, n)
				for i := range p.options.Repeat {
					job := Job{Scenario: s, Variant: v, Seed: p.options.Seed + uint64(i), plan: p, variant: n}
					if p.options.Shard.takes(k) && only && !yield(job) {
						return
					}
					k++
				}
			}
		}
	}
}
