package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

type runCmd struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files; none is the whole catalogue."`

	Target        []string `default:"failover" placeholder:"NAME" help:"Engine under test, repeatable. Default: failover, the built-in engine."`
	Policy        []string `default:"recommended" placeholder:"NAME|FILE" help:"Policy of the built-in engine, repeatable. Default: recommended."`
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
		if !errors.As(err, &exit) || exit.code != exitFailed {
			return &exitError{code: exitBisectSkip, err: err}
		}
	}
	return err
}

func (r *runCmd) run(c console) error {
	plan, err := r.plan()
	if err != nil {
		return err
	}
	sinks, err := parseSinks(r.Report, reports.ForKind, reports.Kinds())
	if err != nil {
		return err
	}
	if len(plan.jobs) == 0 {
		return &exitError{code: exitUnknown, err: errors.New("nothing to run: no scenario is left after --tags and --shard")}
	}
	started := time.Now()
	report, interrupted := r.conduct(c, plan)
	report.Summary.Wall = timeline.Seconds(time.Since(started))
	r.trim(&report)
	if err := writeRuns(sinks, c, report, r.Quiet); err != nil {
		return err
	}
	if interrupted {
		return &exitError{code: exitInterrupted, err: fmt.Errorf("interrupted after %d of %d runs", len(report.Runs), len(plan.jobs))}
	}
	return plan.known.verdict(c, report)
}

// conduct runs all jobs, some side by side, and reports them in their order.
func (r *runCmd) conduct(c console, p plan) (report reports.Report, interrupted bool) {
	report = newReport(r.Seed)
	bar := newProgress(c, len(p.jobs), r.Quiet)
	defer bar.clear()
	for run := range p.all(c.ctx, func(done reports.Run) bool { return r.FailFast && done.Verdict == assertions.Failed }) {
		report.Add(run)
		bar.step()
	}
	return report, c.ctx.Err() != nil
}

// trim drops the timelines that nobody asked for.
func (r *runCmd) trim(report *reports.Report) {
	for i := range report.Runs {
		run := &report.Runs[i]
		keep := r.Timeline == "all" || (r.Timeline == "failed" && (run.Verdict == assertions.Failed || run.Verdict == assertions.Unknown))
		if !keep {
			run.Timeline = nil
		}
	}
}

// job is one run to be made.
type job struct {
	trial  func() *harness.Trial
	replay string
}

func (j job) run() reports.Run {
	return newRun(j.trial(), j.replay)
}
