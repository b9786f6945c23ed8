package campaign

import (
	"context"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Result is what came of a plan. It grows with the failures and with the labels, not with the
// runs.
type Result struct {
	Summary reports.Summary
	// Failures are the runs that failed or could not be judged, in order, without timelines and
	// sources.
	Failures []reports.Run
	// Slowest is the slowest run of each label that fell back, in the order of the plan.
	Slowest []Slowest
	// Fixed says, for each run that is listed as a known failure, that it passed.
	Fixed []string
	// Interrupted says that the context ended before the last run had begun.
	Interrupted bool

	fresh bool
}

// Slowest is a run with the longest time to fallback.
type Slowest struct {
	Label          string
	TimeToFallback timeline.Seconds
	Seed           uint64
	Replay         string
}

// Verdict returns the verdict of the whole: Failed if a run failed that is not known to fail, or
// one that is known to fail passed; Unknown if a run could not be judged, or none ran; else Passed.
func (r *Result) Verdict() assertions.Verdict {
	switch {
	case r.fresh || len(r.Fixed) > 0:
		return assertions.Failed
	case r.Summary.Unknown > 0, r.Summary.Runs() == r.Summary.Skipped:
		return assertions.Unknown
	}
	return assertions.Passed
}

// Execute makes the runs, some side by side, and calls each for every one in the order of the plan.
// It stops early when ctx ends, when each returns an error, or at the first failure if Options say
// so; runs under way are waited for. The error is that of each.
func (p *Plan) Execute(ctx context.Context, each func(reports.Run) error) (*Result, error) {
	return p.execute(ctx, func(j Job) *reports.Run {
		run := j.report(j.trial())
		return &run
	}, each)
}

// execute is Execute with another way to make a run; nil stands for a run that was not wanted after
// all.
func (p *Plan) execute(ctx context.Context, do func(Job) *reports.Run, each func(reports.Run) error) (*Result, error) {
	c := newCount(p.known)
	for run := range ordered(ctx, p.Jobs(), parallelism(p.options.Parallel, p.options.Clock), do) {
		if run == nil {
			continue
		}
		c.add(*run)
		if err := each(*run); err != nil {
			return c.result(), err
		}
		if p.options.FailFast && run.Verdict == assertions.Failed {
			break
		}
	}
	result := c.result()
	result.Interrupted = ctx.Err() != nil
	return result, nil
}

// A count collects a Result.
type count struct {
	known  Known
	out    Result
	labels []*labelCount
	index  map[string]*labelCount
}

// A labelCount is what came of all runs of one label.
type labelCount struct {
	label   string
	passed  int
	broken  bool
	slowest *Slowest
}

func newCount(known Known) *count { return &count{known: known, index: map[string]*labelCount{}} }

func (c *count) add(run reports.Run) {
	c.out.Summary.Add(run)
	label := run.Label()
	l, ok := c.index[label]
	if !ok {
		l = &labelCount{label: label}
		c.index[label] = l
		c.labels = append(c.labels, l)
	}
	switch run.Verdict {
	case assertions.Passed:
		l.passed++
	case assertions.Failed:
		l.broken = true
		c.out.fresh = c.out.fresh || !c.known.Has(label)
		c.keep(run)
	case assertions.Unknown:
		c.keep(run)
	case assertions.Skipped:
	}
	for _, call := range run.Calls {
		if took := call.Measures.TimeToFallback; took != nil && (l.slowest == nil || *took > l.slowest.TimeToFallback) {
			l.slowest = &Slowest{Label: label, TimeToFallback: *took, Seed: run.Seed, Replay: run.Replay}
		}
	}
}

// keep keeps a run without what makes it large.
func (c *count) keep(run reports.Run) {
	run.Timeline, run.Source = nil, ""
	c.out.Failures = append(c.out.Failures, run)
}

func (c *count) result() *Result {
	out := c.out
	for _, l := range c.labels {
		if l.slowest != nil {
			out.Slowest = append(out.Slowest, *l.slowest)
		}
		if c.known.Has(l.label) && !l.broken {
			for range l.passed {
				out.Fixed = append(out.Fixed, c.known.fixed(l.label))
			}
		}
	}
	return &out
}
