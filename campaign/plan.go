package campaign

import (
	"iter"
	"runtime"

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
	// Limits override the limits of the scenarios, by measure.
	Limits assertions.Limits
	// Seed is the seed of the first repetition. Each further repetition uses the next one.
	Seed uint64
	// Repeat is the number of repetitions of each scenario. Default: 1.
	Repeat int
	// Clock is the clock of each run. Default: virtual.
	Clock harness.Clock
	// Shard selects a part of the runs. Default: all of them.
	Shard Shard
	// Parallel is the number of parallel runs. Default: one per processor, or 1 in real time.
	Parallel int
	// FailFast stops at the first failure.
	FailFast bool
	// Known is a file of known failures, with lines "scenario / policy". A known failure that
	// passes fails. Default: none.
	Known string
	// Timeline selects the timelines that reports keep. Default: those of failures.
	Timeline Keep
	// Reports are the reports to write. Only Run uses them.
	Reports []Sink
	// Kinds are additional report forms. Only Run uses them.
	Kinds []reports.Kind
	// Name is the engine's name in reports. Only Run uses it. Default: "engine".
	Name string
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
	known     Known
}

// NewPlan validates Options and variants. It makes no run.
func NewPlan(variants []Variant, o Options) (*Plan, error) {
	if o.Repeat == 0 {
		o.Repeat = 1
	}
	if o.Vocabulary == nil {
		o.Vocabulary = scenarios.Shipped()
	}
	p := &Plan{options: o, variants: variants}
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
	if p.known, err = ReadKnown(o.Known); err != nil {
		return nil, err
	}
	if !o.Shard.valid() {
		return nil, usage("shard", "{option} %d/%d: want I from 1 to N", o.Shard.Index, o.Shard.Of)
	}
	return p, nil
}

// Len returns the number of runs.
func (p *Plan) Len() int {
	return p.options.Shard.of(len(p.scenarios) * len(p.variants) * p.options.Repeat)
}

// Jobs yields the runs in order: by scenario, then by variant, then by seed.
func (p *Plan) Jobs() iter.Seq[Job] {
	return func(yield func(Job) bool) {
		k := 0
		for _, s := range p.scenarios {
			for _, v := range p.variants {
				for i := range p.options.Repeat {
					job := Job{Scenario: s, Variant: v, Seed: p.options.Seed + uint64(i), plan: p}
					if p.options.Shard.takes(k) && !yield(job) {
						return
					}
					k++
				}
			}
		}
	}
}

// parallelism returns the number of parallel runs.
func parallelism(asked int, clock harness.Clock) int {
	switch {
	case asked > 0:
		return asked
	case clock == harness.Virtual():
		return runtime.GOMAXPROCS(0)
	}
	return 1
}
