package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

type runCmd struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files. Default: the whole catalogue."`

	Target        []string `placeholder:"NAME|FILE" help:"Engine under test, repeatable: a name of list targets, or a target file; NAME@VARIANT is one variant. Default: ${target}."`
	Policy        []string `placeholder:"NAME|FILE" help:"Policy of ${engine}, repeatable. Default: ${policy}."`
	Set           []string `placeholder:"KEY=VALUE" help:"A setting of a target outside of this program, repeatable."`
	Clock         string   `default:"virtual" placeholder:"CLOCK" help:"virtual, wall, or xK for real time accelerated K times. Default: virtual."`
	Limit         []string `placeholder:"MEASURE=TIME" help:"Override a limit of the scenario: --limit time_to_fallback=30s."`
	Tags          string   `placeholder:"EXPR" help:"Only scenarios whose tags match: --tags 'stall && !flagship'."`
	Seed          uint64   `default:"1" help:"Seed of all random choices. Default: 1."`
	Repeat        int      `default:"1" help:"Run each scenario N times, each with a new seed."`
	FailFast      bool     `help:"Stop at the first failure."`
	Shard         string   `placeholder:"I/N" help:"Run only the Ith of N equal parts."`
	Parallel      int      `placeholder:"N" help:"Parallel runs. Default: one per processor, or 1 in real time."`
	Quiet         bool     `short:"q" help:"Print only runs that did not pass, and the summary."`
	KnownFailures string   `placeholder:"FILE" help:"File with lines 'scenario / policy' that are expected to fail. New failures and fixed ones fail the command."`
	Report        []string `placeholder:"KIND=PATH" help:"text, json, junit or scorecard, repeatable; PATH - is standard output, a folder gets the usual name."`
	Timeline      string   `default:"failed" enum:"failed,all,none" help:"Which timelines the reports keep: failed, all or none. Default: failed."`
	Bisect        bool     `help:"Turn every exit code but 0 and 1 into 125, for git bisect run."`
}

// Help returns the text below the flags.
func (runCmd) Help() string {
	return `Examples:
  chaosrun run
  chaosrun run heartbeat-only --policy hermes-0.13 --report json=-
  chaosrun run 'heartbeat-*' --limit time_to_fallback=30s --report junit=report.xml

Exit codes: 0 passed, 1 failed, 3 unknown or nothing ran, 64 bad usage, 65 a file is wrong, 130 interrupted.`
}

// Run runs the scenarios and writes the reports.
func (r *runCmd) Run(c console) error {
	err := r.run(c)
	if r.Bisect && err != nil {
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != ExitFailed {
			return &exitError{code: ExitBisectSkip, err: err}
		}
	}
	return err
}

func (r *runCmd) run(c console) error {
	plan, err := r.plan(c)
	if err != nil {
		return err
	}
	kinds := c.reports()
	sinks, err := campaign.ParseSinks(r.Report, kinds)
	if err != nil {
		return err
	}
	if plan.Len() == 0 {
		return &exitError{code: ExitUnknown, err: errors.New("nothing to run: no scenario is left after --tags and --shard")}
	}
	header := reports.Header{Version: programVersion(), Seed: r.Seed, SDKVersions: c.Targets.Versions()}
	report, err := campaign.OpenReport(sinks, kinds, header, c.out)
	if err != nil {
		return err
	}
	if !campaign.ToStandardOutput(sinks) {
		report.Show(c.out, header, r.Quiet)
	}
	return r.execute(c, plan, report)
}

// execute makes the runs and returns the error for their verdict.
func (r *runCmd) execute(c console, plan *campaign.Plan, report *campaign.Report) error {
	started := time.Now()
	bar := newProgress(c, plan.Len(), r.Quiet)
	result, err := plan.Execute(c.ctx, func(run reports.Run) error {
		bar.step()
		return report.Add(run)
	})
	bar.clear()
	result.Summary.Took(time.Since(started))
	if closing := report.Close(result.Summary); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if result.Interrupted {
		return &exitError{code: ExitInterrupted, err: fmt.Errorf("interrupted after %d of %d runs", result.Summary.Runs(), plan.Len())}
	}
	for _, fixed := range result.Fixed {
		fmt.Fprintln(c.err, fixed)
	}
	return exitOf(result.Verdict())
}

// plan validates the whole command line. It makes no run.
func (r *runCmd) plan(c console) (*campaign.Plan, error) {
	variants, err := c.variants(r.Target, r.Policy, r.Set)
	if err != nil {
		return nil, err
	}
	clock, err := harness.ParseClock(r.Clock)
	if err != nil {
		return nil, usage("%v", err)
	}
	limits, err := campaign.ParseLimits(c.Vocabulary, r.Limit)
	if err != nil {
		return nil, err
	}
	shard, err := campaign.ParseShard(r.Shard)
	if err != nil {
		return nil, err
	}
	if r.Repeat < 1 {
		return nil, usage("--repeat must be 1 or more, not %d", r.Repeat)
	}
	o := campaign.Options{
		Scenarios: r.Scenarios, Tags: r.Tags, Limits: limits, Seed: r.Seed, Repeat: r.Repeat, Clock: clock, Shard: shard,
		Parallel: r.Parallel, FailFast: r.FailFast, Known: r.KnownFailures, Vocabulary: c.Vocabulary, Program: c.Program,
		Timeline: map[string]campaign.Keep{"failed": campaign.KeepFailed, "all": campaign.KeepAll, "none": campaign.KeepNone}[r.Timeline],
	}
	for _, l := range r.Limit {
		o.Arguments = append(o.Arguments, "--limit", l)
	}
	return campaign.NewPlan(variants, o)
}
