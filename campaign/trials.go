package campaign

import (
	"context"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// PhaseSpan is how far a trial of a bench shifts the beginning of the primary's script.
const PhaseSpan = time.Second

// faultWindow is the context window of a fault's conversation, that of the catalogue's flagship.
const faultWindow = 200_000

// Trials are many runs of each scenario under each variant, each with a seed of its own, which also
// draws when in the first second the primary begins to misbehave.
type Trials struct {
	Scenarios []scenarios.Scenario
	Variants  []Variant
	// N is how many trials each scenario has under each variant.
	N int
	// Seed is the first trial's; each later one has the next.
	Seed uint64
	// Vocabulary is what the scenarios may name. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Parallel is how many trials run side by side. Default: one per processor.
	Parallel int
}

// FaultScenario returns the smallest scenario around a fault: a primary that has it and a healthy
// fallback. tokens is the declared size of the conversation, 0 for none.
func FaultScenario(words *scenarios.Vocabulary, name string, tokens int) (scenarios.Scenario, error) {
	info, ok := words.Fault(name)
	if !ok {
		return scenarios.Scenario{}, usage("", "no such fault: %q%s", name, DidYouMean(name, words.FaultNames()))
	}
	if tokens < 0 || tokens > faultWindow {
		return scenarios.Scenario{}, usage("context-tokens", "{option} must be from 0 to %d", faultWindow)
	}
	s := scenarios.OfFault(name, info.Default)
	if tokens > 0 {
		s.Calls[0].ContextTokens, s.Calls[0].ContextWindow = tokens, faultWindow
	}
	return s, nil
}

// Run makes all trials, some side by side. It stops early when ctx ends, with what has finished.
func (t Trials) Run(ctx context.Context) (reports.Bench, error) {
	if t.N < 1 {
		return reports.Bench{}, usage("n", "{option} must be 1 or more, not %d", t.N)
	}
	if len(t.Variants) == 0 {
		return reports.Bench{}, noEngine()
	}
	started := time.Now()
	bench := reports.Bench{Seed: t.Seed}
	for _, s := range t.Scenarios {
		for _, v := range t.Variants {
			if ctx.Err() == nil {
				bench.Cells = append(bench.Cells, t.cell(ctx, s, v))
			}
		}
	}
	bench.Wall = timeline.Seconds(time.Since(started))
	return bench, nil
}

// cell makes the trials of one scenario under one variant, in the order of their seeds. Those that
// the target cannot run do not count.
func (t Trials) cell(ctx context.Context, s scenarios.Scenario, v Variant) reports.BenchCell {
	cell := reports.BenchCell{Scenario: s.Name, Policy: v.Name}
	parallel := t.Parallel
	if parallel < 1 {
		parallel = runtime.GOMAXPROCS(0)
	}
	run := func(seed uint64) *harness.Trial {
		return harness.RunScenario(shifted(s, seed), v.Factory, harness.WithSeed(seed), harness.WithVocabulary(t.Vocabulary))
	}
	for trial := range ordered(ctx, t.seeds(), parallel, run) {
		if trial.Verdict() != assertions.Skipped {
			cell.Add(trial.Verdict(), trial.Timeline)
		}
	}
	return cell
}

// seeds yields the seed of each trial.
func (t Trials) seeds() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range t.N {
			if !yield(t.Seed + uint64(i)) {
				return
			}
		}
	}
}

// shifted lets the primary's scripts begin at a random instant of the first second.
func shifted(s scenarios.Scenario, seed uint64) scenarios.Scenario {
	phase := time.Duration(rand.New(rand.NewPCG(seed, 0)).Int64N(int64(PhaseSpan)))
	s.Providers = slices.Clone(s.Providers)
	primary := &s.Providers[0]
	primary.OnRequest = slices.Clone(primary.OnRequest)
	for i, entry := range primary.OnRequest {
		primary.OnRequest[i] = fakeprovider.Later(entry, phase)
	}
	return s
}
