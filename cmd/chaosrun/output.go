package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

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

// A sink is one report to be written.
type sink struct {
	path  string
	write reports.Writer
}

const standardOutput = "-"

type sinks []sink

// parseSinks reads KIND=PATH.
func parseSinks(args []string) (sinks, error) {
	var all sinks
	for _, arg := range args {
		kind, path, ok := strings.Cut(arg, "=")
		if !ok || path == "" {
			return nil, usage("--report %q: write KIND=PATH, as in --report json=report.json; PATH - is standard output", arg)
		}
		w, err := reports.ForKind(kind)
		if err != nil {
			return nil, usage("--report %q: no such report%s", arg, didYouMean(kind, reports.Kinds()))
		}
		if path == standardOutput && slices.ContainsFunc(all, func(s sink) bool { return s.path == standardOutput }) {
			return nil, usage("only one report can go to standard output")
		}
		all = append(all, sink{path: path, write: w})
	}
	return all, nil
}

// write writes every report; the text report goes to standard output unless another one does.
func (all sinks) write(c console, r reports.Report, quiet bool) error {
	if !slices.ContainsFunc(all, func(s sink) bool { return s.path == standardOutput }) {
		shown := r
		if quiet {
			shown.Runs = slices.DeleteFunc(slices.Clone(r.Runs), func(run reports.Run) bool { return run.Verdict == assertions.Passed })
		}
		if err := reports.Text(c.out, shown); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
	}
	for _, s := range all {
		var buf bytes.Buffer
		if err := s.write(&buf, r); err != nil {
			return err
		}
		if s.path == standardOutput {
			if _, err := c.out.Write(buf.Bytes()); err != nil {
				return fmt.Errorf("standard output: %w", err)
			}
			continue
		}
		if err := os.WriteFile(s.path, buf.Bytes(), 0o644); err != nil { //nolint:gosec // a report is for others to read
			return &exitError{code: exitUsage, err: err}
		}
	}
	return nil
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
