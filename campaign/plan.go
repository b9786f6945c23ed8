package campaign

import (
	"iter"
	"runtime"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// Options say what to run, and how. The zero Options run the whole catalogue once, in virtual time.
type Options struct {
	// Scenarios are names, globs or files. Default: the whole catalogue.
	Scenarios []string
	// Tags keeps only scenarios whose tags match, as in "stall && !flagship".
	Tags string
	// Limits replace those of the scenarios.
	Limits assertions.Limits
	// Seed is what all chance is drawn from. Each repetition takes the next.
	Seed uint64
	// Repeat is how many times each scenario runs. Default: 1.
	Repeat int
	// Clock is the clock of each run. Default: virtual.
	Clock harness.Clock
	// Shard is the part of the runs to make. Default: all of them.
	Shard Shard
	// Parallel is how many runs are made side by side. Default: one per processor, in real time 1.
	Parallel int
	// FailFast stops at the first failure.
	FailFast bool
	// Known is the file of known failures: lines "scenario / policy", which fail when they pass.
	// Default: none.
	Known string
	// Timeline says which timelines reports keep. Default: those of failures.
	Timeline Keep
	// Reports are the reports to write. Only Run looks at them.
	Reports []Sink
	// Kinds are forms of reports beside those that ship. Only Run looks at them.
	Kinds []reports.Kind
	// Name names the engine in reports. Only Run looks at it. Default: "engine".
	Name string
	// Program is the command that repeats a run. Default: "chaosrun".
	Program string
	// Arguments stand in the command that repeats a run, --limit for instance.
	Arguments []string
	// Vocabulary is what scenarios may name. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Replay returns the command that repeats a run. Default: Program with run, the scenario, the
	// variant and the seed.
	Replay func(Job) string
}

// A Plan is what Options ask for, checked before the first run. It makes its jobs one by one, so it
// takes the same memory for a thousand runs and for a million.
type Plan struct {
	options   Options
	scenarios []scenarios.Scenario
	variants  []Variant
	known     Known
}

// NewPlan checks Options against the variants; nothing has run when it returns an error.
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

// Len returns how many runs the plan has.
func (p *Plan) Len() int {
	return p.options.Shard.of(len(p.scenarios) * len(p.variants) * p.options.Repeat)
}

// Jobs yields the runs in their order: by scenario, by variant, by seed.
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

// parallelism returns how many runs are made side by side.
func parallelism(asked int, clock harness.Clock) int {
	switch {
	case asked > 0:
		return asked
	case clock == harness.Virtual():
		return runtime.GOMAXPROCS(0)
	}
	return 1
}
