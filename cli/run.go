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
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files; none is the whole catalogue."`

	Target        []string `placeholder:"NAME" help:"Engine under test, repeatable. Default: ${target}."`
	Policy        []string `placeholder:"NAME|FILE" help:"Policy of ${engine}, repeatable. Default: ${policy}."`
	Clock         string   `default:"virtual" placeholder:"CLOCK" help:"virtual, wall, or xK for real time accelerated K times. Default: virtual."`
	Limit         []string `placeholder:"MEASURE=TIME" help:"Your own limit instead of the scenario's: --limit time_to_fallback=30s."`
	Tags          string   `placeholder:"EXPR" help:"Only scenarios whose tags match: --tags 'stall && !flagship'."`
	Seed          uint64   `default:"1" help:"What all chance is drawn from. Default: 1."`
	Repeat        int      `default:"1" help:"Run each scenario N times, with a seed of its own each time."`
	FailFast      bool     `help:"Stop at the first failure."`
	Shard         string   `placeholder:"I/N" help:"Run only the Ith of N equal parts."`
	Parallel      int      `placeholder:"N" help:"Runs side by side. Default: one per processor, in real time 1."`
	Quiet         bool     `short:"q" help:"Print only what did not pass, and the summary."`
	KnownFailures string   `placeholder:"FILE" help:"Lines 'scenario / policy' that are expected to fail: fails on a new failure and on one that is fixed."`
	Report        []string `placeholder:"KIND=PATH" help:"text, json or junit, repeatable; PATH - is standard output."`
	Timeline      string   `default:"failed" enum:"failed,all,none" help:"Which timelines the reports keep: failed, all or none. Default: failed."`
	Bisect        bool     `help:"Every exit code but 0 and 1 becomes 125, for git bisect run."`
}

// Help is shown below the flags.
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
	sinks, err := campaign.ParseSinks(r.Report, reports.Names(kinds))
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

// execute makes the runs and says what came of them.
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

// plan checks the whole command line; nothing has run when it returns an error.
func (r *runCmd) plan(c console) (*campaign.Plan, error) {
	variants, err := c.Targets.Choose(r.Target, r.Policy)
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
