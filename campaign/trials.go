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

// PhaseSpan is the range of the random delay before a trial's primary starts its script.
const PhaseSpan = time.Second

// faultWindow is the context window of the call of a FaultScenario, in tokens. It is that of the
// flagship.
const faultWindow = 200_000

// Trials run each scenario many times under each variant. Each trial has its own seed. The seed
// also draws when the primary starts its script, within [PhaseSpan].
type Trials struct {
	Scenarios []scenarios.Scenario
	Variants  []Variant
	// N is the number of trials of each scenario under each variant.
	N int
	// Seed is the seed of the first trial. Each later trial uses the next one.
	Seed uint64
	// Vocabulary holds what scenarios may use. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// Parallel is the number of parallel trials. Default: one per processor.
	Parallel int
}

// FaultScenario returns the smallest scenario around a fault: a primary with the fault and a
// healthy fallback. tokens is the declared size of the conversation. 0 means undeclared.
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

// Run makes all trials, several in parallel. If ctx ends it returns the finished trials.
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

// cell makes the trials of one scenario under one variant, ordered by seed. Skipped trials do not
// count.
func (t Trials) cell(ctx context.Context, s scenarios.Scenario, v Variant) reports.BenchCell {
	cell := reports.BenchCell{Scenario: s.Name, Policy: v.Name}
	parallel := t.Parallel
	if parallel < 1 {
		parallel = runtime.GOMAXPROCS(0)
	}
	run := func(_ context.Context, seed uint64) *harness.Trial {
		opts := append(slices.Clone(v.Options), harness.WithSeed(seed), harness.WithVocabulary(t.Vocabulary))
		return harness.RunScenario(shifted(s, seed), v.Factory, opts...)
	}
	for trial := range ordered(ctx, t.seeds(), schedule[uint64]{parallel: parallel}, run) {
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

// shifted delays the primary's scripts by a random part of PhaseSpan.
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
