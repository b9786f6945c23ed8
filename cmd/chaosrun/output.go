package main

import (
	"fmt"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/targets/builtin"
)

// newReport starts the report of one invocation.
func newReport(seed uint64) reports.Report {
	return reports.Report{Schema: reports.Schema, Version: programVersion(), Seed: seed, SDKVersions: builtin.SDKVersions()}
}

// newRun is what the report says of one trial.
func newRun(t *harness.Trial, replay string) reports.Run {
	run := reports.NewRun(t.Timeline, t.Judgement)
	s := t.Scenario
	run.Title, run.Issue, run.Source, run.SHA256, run.Replay = s.Title, s.Issue, s.Source, s.SHA256, replay
	run.Verdict, run.SkipReason = t.Verdict(), t.Skipped
	if len(run.Expectations) == len(s.Expect) {
		for i := range run.Expectations {
			run.Expectations[i].Line = s.Expect[i].Line
		}
	}
	return run
}

// writeRuns writes every report; the text report goes to standard output unless another one does.
func writeRuns(all sinks[reports.Report], c console, r reports.Report, quiet bool) error {
	if !all.takeStandardOutput() {
		shown := r
		if quiet {
			shown.Runs = slices.DeleteFunc(slices.Clone(r.Runs), func(run reports.Run) bool { return run.Verdict == assertions.Passed })
		}
		if err := reports.Text(c.out, shown); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
	}
	return all.write(c, r)
}

// progress is a counter on a terminal, and nothing elsewhere.
type progress struct {
	c     console
	done  int
	total int
	shown bool
}

func newProgress(c console, total int, quiet bool) *progress {
	return &progress{c: c, total: total, shown: c.errTTY && !quiet}
}

func (p *progress) step() {
	p.done++
	if p.shown {
		fmt.Fprintf(p.c.err, "\r%d/%d", p.done, p.total)
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.c.err, "\r\033[K")
	}
}
