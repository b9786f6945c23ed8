package main

import (
	"errors"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
	"github.com/chaosrun/chaosrun/timeline"
)

type benchCmd struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files; none is the whole catalogue."`

	Fault         string   `placeholder:"NAME" help:"Instead of scenarios: a primary that has this fault, and a healthy fallback."`
	ContextTokens int      `placeholder:"N" help:"With --fault: the declared size of the conversation, in a window of 200,000."`
	Policy        []string `placeholder:"NAME|FILE" help:"Policy of the built-in engine, repeatable. Default: all that ship."`
	Trials        int      `short:"n" default:"100" help:"Trials of each scenario under each policy. Default: 100."`
	Seed          uint64   `default:"1" help:"The first trial's seed; each later one has the next. Default: 1."`
	Report        []string `placeholder:"KIND=PATH" help:"text, json or benchfmt, repeatable; PATH - is standard output."`
	Parallel      int      `placeholder:"N" help:"Trials side by side. Default: one per processor."`
}

// Help is shown below the flags.
func (benchCmd) Help() string {
	return `Examples:
  chaosrun bench heartbeat-only -n 1000
  chaosrun bench --fault mid-stream-drop --policy recommended --report benchfmt=new.txt

Each trial has a seed of its own, which also draws when in its first second the primary begins to misbehave. Two outputs of
benchfmt are compared by benchstat.`
}

// phaseSpan is how far a trial shifts the beginning of the primary's script.
const phaseSpan = time.Second

// faultWindow is the context window declared with --context-tokens, that of the catalogue's flagship.
const faultWindow = 200_000

// Run makes all trials and writes the reports.
func (b *benchCmd) Run(c console) error {
	selected, err := b.selected()
	if err != nil {
		return err
	}
	policies, err := b.policies()
	if err != nil {
		return err
	}
	if b.Trials < 1 {
		return usage("-n must be 1 or more, not %d", b.Trials)
	}
	sinks, err := parseSinks(b.Report, reports.BenchForKind, reports.BenchKinds())
	if err != nil {
		return err
	}
	if !sinks.takeStandardOutput() {
		sinks = append(sinks, sink[reports.Bench]{standardOutput, reports.BenchText})
	}
	started := time.Now()
	bench := reports.Bench{Version: programVersion(), Seed: b.Seed}
	for s, p := range pairs(selected, policies) {
		cell := reports.BenchCell{Scenario: s.Name, Policy: p.Name}
		for _, t := range b.trials(c, s, p) {
			cell.Add(t.Verdict(), t.Timeline)
		}
		bench.Cells = append(bench.Cells, cell)
		if c.ctx.Err() != nil {
			break
		}
	}
	bench.Wall = timeline.Seconds(time.Since(started))
	if err := sinks.write(c, bench); err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		return &exitError{code: exitInterrupted, err: errors.New("interrupted; what had finished is reported")}
	}
	return nil
}

// pairs yields every scenario with every policy.
func pairs(list []scenarios.Scenario, policies []failover.Policy) iter.Seq2[scenarios.Scenario, failover.Policy] {
	return func(yield func(scenarios.Scenario, failover.Policy) bool) {
		for _, s := range list {
			for _, p := range policies {
				if !yield(s, p) {
					return
				}
			}
		}
	}
}

func (b *benchCmd) selected() ([]scenarios.Scenario, error) {
	if b.Fault == "" {
		if b.ContextTokens != 0 {
			return nil, usage("--context-tokens goes with --fault; scenarios declare their own")
		}
		return selectScenarios(b.Scenarios)
	}
	if len(b.Scenarios) > 0 {
		return nil, usage("name scenarios or a --fault, not both")
	}
	info, err := fault.ByName(b.Fault)
	if err != nil {
		var names []string
		for _, p := range fault.All() {
			names = append(names, p.Name)
		}
		return nil, usage("no such fault: %q%s", b.Fault, didYouMean(b.Fault, names))
	}
	s := scenarios.OfFault(b.Fault, info.Default)
	if b.ContextTokens < 0 || b.ContextTokens > faultWindow {
		return nil, usage("--context-tokens must be from 0 to %d", faultWindow)
	}
	if b.ContextTokens > 0 {
		s.Calls[0].ContextTokens, s.Calls[0].ContextWindow = b.ContextTokens, faultWindow
	}
	return []scenarios.Scenario{s}, nil
}

func (b *benchCmd) policies() ([]failover.Policy, error) {
	if len(b.Policy) == 0 {
		return failover.Policies(), nil
	}
	named, err := findPolicies(b.Policy)
	if err != nil {
		return nil, err
	}
	var policies []failover.Policy
	for _, p := range named {
		policies = append(policies, p.Policy)
	}
	return policies, nil
}

// trials runs one scenario under one policy, some trials side by side, and returns them in order of their seeds. It stops early
// when the program is interrupted.
func (b *benchCmd) trials(c console, s scenarios.Scenario, p failover.Policy) []*harness.Trial {
	parallel := b.Parallel
	if parallel < 1 {
		parallel = runtime.GOMAXPROCS(0)
	}
	results := make([]*harness.Trial, b.Trials)
	var wg sync.WaitGroup
	for worker := range parallel {
		wg.Go(func() {
			for i := worker; i < b.Trials && c.ctx.Err() == nil; i += parallel {
				seed := b.Seed + uint64(i) //nolint:gosec // i counts up from 0
				results[i] = harness.Conduct(shifted(s, seed), builtin.Factory(p), harness.WithSeed(seed))
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(results, func(t *harness.Trial) bool { return t == nil || t.Verdict() == assertions.Skipped })
}

// shifted lets the primary's scripts begin at a random instant of the first second.
func shifted(s scenarios.Scenario, seed uint64) scenarios.Scenario {
	phase := time.Duration(rand.New(rand.NewPCG(seed, 0)).Int64N(int64(phaseSpan)))
	s.Providers = slices.Clone(s.Providers)
	primary := &s.Providers[0]
	primary.OnRequest = slices.Clone(primary.OnRequest)
	for i, fault := range primary.OnRequest {
		primary.OnRequest[i] = fakeprovider.Later(fault, phase)
	}
	return s
}
