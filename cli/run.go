package cli

import (
	"cmp"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

type runCmd struct {
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Names, globs or files, or fault:NAME for a single fault. Default: the whole catalogue."`

	Target   []string `placeholder:"NAME|FILE" help:"Engine under test, repeatable: a name of list targets, or a target file; NAME@VARIANT is one variant. Default: ${target}."`
	Policy   []string `placeholder:"NAME|FILE" help:"Policy of ${engine}, repeatable. Default: ${policy}."`
	Versions string   `placeholder:"A..B" help:"Releases of a target that pip or npm installs, as in 0.13.0..0.19.0 or 1.2.0,1.3.1. Installs and compares them, and names the first that fails. Default: the pinned one."`
	Set      []string `placeholder:"KEY=VALUE" help:"A setting of a target in another process, repeatable."`
	Network  string   `default:"loopback" enum:"loopback,host" help:"What engines in other processes can reach: loopback, a network of their own where the system permits it, or host, this machine's network. Default: loopback."`
	Isolate  bool     `help:"Run each engine of this program in a process of its own, so that a panic in its goroutines fails one run only. It needs --clock virtual, wall or xK."`
	Clock    string   `placeholder:"CLOCK" help:"virtual, wall, or xK for real time accelerated K times. Default: virtual. If a target in another process cannot have it here, wall if the runs take under 60s."`
	CPU      string   `name:"cpu" default:"1" enum:"1,0" help:"Virtual seconds per second of processor time in other processes: 1 or 0. With 0, engines of one thread repeat exactly. Default: 1."`
	Cadence  string   `default:"auto" placeholder:"CADENCE" help:"Longest pause between heartbeats: auto (half the engine's shortest idle timer), as-written, or a time such as 500ms. Default: auto."`
	Limit    []string `placeholder:"MEASURE=TIME" help:"Override a limit of the scenario: --limit time_to_fallback=30s. --limit call=30s cuts each call after 30s."`
	Tags     string   `placeholder:"EXPR" help:"Only scenarios whose tags match: --tags core is what every engine has to bear; --tags 'stall && !flagship'."`
	Seed     uint64   `default:"1" help:"Seed of all random choices. Default: 1."`
	Repeat   int      `default:"1" help:"Run each scenario N times, each with a new seed."`
	FailFast bool     `help:"Stop at the first failure."`
	Shard    string   `placeholder:"I/N|auto" help:"Run only the Ith of N equal parts. auto takes both from GitLab, Buildkite, CircleCI, Bazel or a Kubernetes Indexed Job."`
	Parallel int      `least:"1" placeholder:"N" help:"Parallel runs. Default: one per processor, 1 in real time, 8 with a target in another process."`
	Resume   string   `placeholder:"FILE" help:"Keep finished runs in FILE and do not repeat them. After an interrupt, the same command goes on where it stopped."`
	Quiet    bool     `short:"q" help:"Print only runs that did not pass, and the summary."`
	Report   []string `placeholder:"KIND=PATH" help:"${kinds}; repeatable. PATH - is standard output, a folder gets the usual name."`
	otlpFlags
	baselineFlags

	NoHTML   bool   `name:"no-html" help:"Write no chaosrun-report.html when a run fails or is unknown."`
	Timeline string `default:"failed" enum:"failed,all,none" help:"Timelines to keep in reports: failed, all or none. Default: failed."`
	Bisect   bool   `help:"Exit with 125 instead of every code but 0 and 1, for git bisect run."`

	Cells string `placeholder:"FILE" help:"File with lines 'scenario / engine': only these runs are made. See dev cells."`
	Lane  string `hidden:"" help:"N:FILE makes the runs of the Nth engine and appends them to FILE."`

	// lanes make the runs of engines in other processes, each in a process tree of its own.
	lanes *lanes
	// elsewhere says that this program, started again in virtual time, makes the runs. noTree says
	// why there is no virtual time although --clock did not ask for real time, and container
	// whether a container would help.
	elsewhere bool
	noTree    error
	container bool
	// lineage has the releases that Versions asks for, nil for none.
	lineage *lineage
}

// Help returns the text below the flags.
func (runCmd) Help() string {
	return `Examples:
  chaosrun run
  chaosrun run heartbeat-only --policy hermes-0.13 --report json=-
  chaosrun run 'heartbeat-*' --limit time_to_fallback=30s --report junit=report.xml
  chaosrun run --tags core --target my-engine.yaml
  chaosrun run heartbeat-only server-error --target litellm-router --clock wall --resume runs.jsonl

Exit codes: 0 passed or partial, 1 failed, 3 unknown or nothing ran, 4 passed but a report could not be written,
64 bad usage, 65 a file is wrong, 130 interrupted.`
}

// Run runs the scenarios and writes the reports.
func (r *runCmd) Run(c console) error { return r.bisected(r.pushing(c, r.Quiet, r.anywhere)) }

// anywhere runs the scenarios in this process or in another one.
func (r *runCmd) anywhere(c console) error {
	if r.Versions != "" {
		if err := r.releases(c); err != nil {
			return err
		}
	}
	if r.Network == "loopback" {
		if code, done := c.onLoopback(r.Target); done {
			return ended(code)
		}
	}
	return r.run(c)
}

func (r *runCmd) run(c console) error {
	bar := newProgress(c, r.Quiet)
	plan, err := r.plan(c, bar)
	if err != nil {
		return err
	}
	kinds := c.reports()
	sinks, err := campaign.ParseSinks(r.Report, kinds)
	if err != nil {
		return err
	}
	sinks, kinds = c.traces.sink(sinks, kinds)
	if r.Lane != "" {
		sinks = nil
	}
	if err := nothingToRun(c, plan); err != nil {
		return err
	}
	switch {
	case !r.elsewhere, r.lanes != nil:
	case r.Lane == "" && !r.FailFast && len(plan.Lanes()) > 1:
		return r.sideBySide(c, plan)
	default:
		return c.virtually(treeOptions(r.Clock, r.CPU, r.Seed), r.Quiet)
	}
	if err := r.announce(c, plan); err != nil {
		return err
	}
	before := committed(sinks)
	header := reports.Header{
		Version: programVersion(), Seed: r.Seed, SDKVersions: c.Targets.Versions(), Screen: c.screen,
	}
	if len(sinks) > 0 {
		header.Plan = plan.Facts()
	}
	report, err := campaign.OpenReport(sinks, kinds, header, c.out)
	if err != nil {
		return err
	}
	if r.lineage == nil && r.Lane == "" && !campaign.ToStandardOutput(sinks) {
		report.Show(c.out, header, r.Quiet)
	}
	if err := r.execute(c, plan, bar, report); err != nil {
		return err
	}
	return changed(before)
}

// execute makes the runs and returns the error for their verdict.
func (r *runCmd) execute(c console, plan *campaign.Plan, bar *progress, report *campaign.Report) error {
	started := time.Now()
	bar.start()
	add, compare := r.compared(c, report)
	page := r.page(c)
	result, err := plan.Execute(c.ctx, page.with(add))
	bar.stop()
	result.Summary.Took(time.Since(started))
	unwritten := report.Close(result.Summary)
	page.close(c, result.Summary)
	if as[*campaign.OutputError](err) { // of --resume
		unwritten, err = errors.Join(err, unwritten), nil
	}
	return c.beside(cmp.Or(err, r.verdict(c, plan, result), compare()), unwritten)
}

// plan validates the whole command line. It makes no run.
func (r *runCmd) plan(c console, bar *progress) (*campaign.Plan, error) {
	c.logs = logFolder(r.Report)
	below := c
	below.err = bar
	variants, err := r.variants(below)
	if err != nil {
		return nil, err
	}
	if r.Isolate {
		variants = isolate(variants)
	}
	clock, err := r.clock(c, variants)
	if err != nil {
		return nil, err
	}
	cadence, err := campaign.ParseCadence(r.Cadence)
	if err != nil {
		return nil, err
	}
	limits, err := campaign.ParseLimits(c.Vocabulary, r.Limit)
	if err != nil {
		return nil, err
	}
	if err := r.checkBaseline(c); err != nil {
		return nil, err
	}
	shard, err := r.shard(c)
	if err != nil {
		return nil, err
	}
	if r.Repeat < 1 {
		return nil, usage("--repeat must be 1 or more, not %d", r.Repeat)
	}
	o := campaign.Options{
		Scenarios: r.Scenarios, Tags: r.Tags, Limits: limits, Seed: r.Seed, Repeat: r.Repeat, Clock: clock,
		Cadence: cadence, Shard: shard,
		Parallel: r.Parallel, FailFast: r.FailFast, Baseline: r.Baseline, Vocabulary: c.Vocabulary,
		Program: c.Program, Resume: r.Resume, Cells: r.Cells, Progress: bar.hook(),
		Timeline: map[string]campaign.Keep{
			"failed": campaign.KeepFailed, "all": campaign.KeepAll, "none": campaign.KeepNone,
		}[r.Timeline],
	}
	for _, l := range r.Limit {
		o.Arguments = append(o.Arguments, "--limit", l)
	}
	return r.parted(variants, o)
}
