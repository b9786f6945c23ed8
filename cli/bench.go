package cli

import (
	"errors"
	"io"
	"slices"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

type benchCmd struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files. Default: the whole catalogue."`

	Fault         string   `placeholder:"NAME" help:"Instead of scenarios: a primary with this fault, and a healthy fallback."`
	ContextTokens int      `placeholder:"N" help:"With --fault: the declared size of the conversation, in a window of 200,000."`
	Policy        []string `placeholder:"NAME|FILE" help:"Policy of ${engine}, repeatable. Default: all that ship."`
	Target        []string `placeholder:"NAME" help:"Engine under test, repeatable. Only engines of this program. Default: all of them."`
	Trials        int      `short:"n" default:"100" help:"Trials of each scenario under each policy. Default: 100."`
	Seed          uint64   `default:"1" help:"Seed of the first trial; later trials use the next ones. Default: 1."`
	Report        []string `placeholder:"KIND=PATH" help:"text, json, html (charts for a browser) or benchfmt, repeatable; PATH - is standard output."`
	Parallel      int      `least:"1" placeholder:"N" help:"Parallel trials. Default: one per processor."`
}

// Help returns the text below the flags.
func (benchCmd) Help() string {
	return `Examples:
  chaosrun bench heartbeat-only -n 1000
  chaosrun bench --fault mid-stream-drop --policy recommended --report benchfmt=new.txt

Each trial has its own seed. The seed also draws when the primary starts to misbehave, within the first second.
benchstat compares two outputs of benchfmt.`
}

// Run makes the trials and writes the reports.
func (b *benchCmd) Run(c console) error {
	selected, err := b.selected(c)
	if err != nil {
		return err
	}
	variants := c.Targets.All()
	if len(b.Policy) > 0 || len(b.Target) > 0 {
		if variants, err = c.variants(b.Target, b.Policy, nil); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(variants, func(v campaign.Variant) bool { return v.Outside }); i >= 0 {
		return usage("--target %s: bench runs in virtual time only, and this engine is another process: "+
			"use %s run --target %[1]s --clock wall --repeat %[3]d", variants[i].Name, c.Program, b.Trials)
	}
	if b.Trials < 1 {
		return usage("-n must be 1 or more, not %d", b.Trials)
	}
	sinks, err := campaign.ParseSinks(b.Report, reports.BenchKinds())
	if err != nil {
		return err
	}
	trials := campaign.Trials{
		Scenarios: selected, Variants: variants, N: b.Trials, Seed: b.Seed, Parallel: b.Parallel,
		Vocabulary: c.Vocabulary,
	}
	bench, err := trials.Run(c.ctx)
	if err != nil {
		return err
	}
	bench.Version = programVersion()
	if !campaign.ToStandardOutput(sinks) {
		sinks = append(sinks, campaign.Sink{Kind: "text", Path: campaign.StandardOutput})
	}
	for _, s := range sinks {
		bench.Screen = reports.Screen{}
		if s.Path == campaign.StandardOutput {
			bench.Screen = c.screen
		}
		if err := writeBench(s, c.out, bench); err != nil {
			return err
		}
	}
	if c.ctx.Err() != nil {
		return &exitError{code: ExitInterrupted, err: errors.New("interrupted; the finished trials are reported")}
	}
	return nil
}

func writeBench(s campaign.Sink, stdout io.Writer, bench reports.Bench) error {
	write, err := reports.BenchForKind(s.Kind)
	if err != nil {
		return err
	}
	out := s.Open(stdout)
	err = write(out, bench)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}

func (b *benchCmd) selected(c console) ([]scenarios.Scenario, error) {
	if b.Fault == "" {
		if b.ContextTokens != 0 {
			return nil, usage("--context-tokens goes with --fault; scenarios declare their own")
		}
		return campaign.Select(c.Vocabulary, b.Scenarios)
	}
	if len(b.Scenarios) > 0 {
		return nil, usage("name scenarios or a --fault, not both")
	}
	s, err := campaign.FaultScenario(c.Vocabulary, b.Fault, b.ContextTokens)
	return []scenarios.Scenario{s}, err
}
