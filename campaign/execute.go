package campaign

import (
	"context"
	"errors"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Result is the outcome of a plan. Its size depends on the number of failures and of labels, not
// on the number of runs.
type Result struct {
	Summary reports.Summary
	// Failures are the runs that failed or are unknown, in order, without timelines and sources.
	Failures []reports.Run
	// Slowest has the slowest fallback of each label, in the order of the plan.
	Slowest []Slowest
	// Fixed has a message for each run that passed although the baseline lists it.
	Fixed []string
	// Interrupted reports whether the context ended before all runs were made.
	Interrupted bool

	// fresh says that a run failed that the baseline does not list.
	fresh bool
	// judged holds the verdict of each label: Failed if a run failed, Passed if all passed or are
	// partial. A label with unknown or skipped runs, and no failed one, is not in it.
	judged map[string]assertions.Verdict
	// unmatched is a sentence about lines of the baseline without a run, or "".
	unmatched string
}

// Slowest is the run of a label with the longest time to fallback.
type Slowest struct {
	Label          string
	TimeToFallback timeline.Seconds
	Seed           uint64
	Replay         string
}

// Verdict returns the verdict of the whole plan. It is Failed if a run failed that the baseline
// does not list, or if a listed one passed. Otherwise it is Unknown if a run is unknown or if none
// was made, else Passed. Partial runs count as passed.
func (r *Result) Verdict() assertions.Verdict {
	switch {
	case r.fresh || len(r.Fixed) > 0:
		return assertions.Failed
	case r.Summary.Unknown > 0, r.Summary.Runs() == r.Summary.Skipped:
		return assertions.Unknown
	}
	return assertions.Passed
}

// Accepted returns the verdict with the baseline that [Result.WriteBaseline] writes, which lists
// all failures.
func (r *Result) Accepted() assertions.Verdict {
	accepted := Result{Summary: r.Summary}
	return accepted.Verdict()
}

// Unmatched returns a sentence about the lines of the baseline that no run has, or "". Their
// scenarios may not have been selected.
func (r *Result) Unmatched() string { return r.unmatched }

// Execute makes the runs, several in parallel, and calls each for every run in the order of the
// plan. It stops early when ctx ends, when each returns an error, or at the first failure if
// FailFast is set. It then cuts runs in progress on the wall clock, and does not report them. The
// error is the one that each returned, or one of the file of [Options.Resume].
func (p *Plan) Execute(ctx context.Context, each func(reports.Run) error) (*Result, error) {
	defer p.release()
	if err := p.finished.append(); err != nil {
		return newCount(p.baseline).result(), err
	}
	progress := p.newTracker()
	interrupt := ctx
	if p.options.Lanes != nil {
		ctx = context.WithoutCancel(ctx) // report what the lanes had finished, also after an interrupt
	}
	result, err := p.execute(ctx, func(ctx context.Context, j Job) *reports.Run {
		cost := progress.cost(j)
		run := p.obtain(ctx, interrupt, j)
		if run == nil {
			return nil
		}
		progress.finish(cost)
		kept := j.kept(*run)
		return &kept
	}, each)
	result.Interrupted = result.Interrupted || interrupt.Err() != nil
	return result, errors.Join(err, p.finished.close())
}

// obtain returns the run of a job: from Options.Resume, from a lane, or made here. It returns nil
// if it was interrupted.
func (p *Plan) obtain(ctx, interrupt context.Context, j Job) *reports.Run {
	if run, ok := p.finished.find(j); ok {
		return &run
	}
	if p.options.Lanes != nil && j.Variant.Outside {
		return p.await(ctx, interrupt, j)
	}
	if interrupt.Err() != nil {
		return nil
	}
	t := j.trial(ctx)
	if t.Interrupted {
		return nil
	}
	run := j.report(t)
	p.finished.add(j, run)
	return &run
}

// release ends what the variants keep between runs.
func (p *Plan) release() {
	for _, v := range p.variants {
		if v.Release != nil {
			v.Release()
		}
	}
}

// execute is Execute with do to make a run. If do returns nil, the run is ignored.
func (p *Plan) execute(ctx context.Context, do func(context.Context, Job) *reports.Run,
	each func(reports.Run) error,
) (*Result, error) {
	c := newCount(p.baseline)
	for run := range ordered(ctx, p.Jobs(), p.schedule(), do) {
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

// A count accumulates a Result.
type count struct {
	baseline labels
	out      Result
	labels   []*labelCount
	index    map[string]*labelCount
}

// A labelCount accumulates the runs of one label.
type labelCount struct {
	label   string
	passed  int
	open    bool // a run is unknown or was skipped
	broken  bool
	slowest *Slowest
	// saw counts the distinct behaviours of repetitions, which should be equal.
	saw []reports.Saw
}

// mostSaw bounds the distinct behaviours that are reported for one label.
const mostSaw = 5

// see counts what a run did. It skips runs that are unknown because the harness could not look.
func (l *labelCount) see(run reports.Run) {
	did := run.Did()
	broken := slices.ContainsFunc(run.Expectations,
		func(e reports.Expectation) bool { return e.Name == assertions.PremiseName })
	if did == "" || broken && run.Verdict == assertions.Unknown {
		return
	}
	for i := range l.saw {
		if l.saw[i].What == did {
			l.saw[i].Runs++
			return
		}
	}
	if len(l.saw) < mostSaw {
		l.saw = append(l.saw, reports.Saw{What: did, Runs: 1})
	}
}

func newCount(baseline labels) *count {
	return &count{baseline: baseline, index: map[string]*labelCount{}}
}

func (c *count) add(run reports.Run) {
	c.out.Summary.Add(run)
	label := run.Label()
	l, ok := c.index[label]
	if !ok {
		l = &labelCount{label: label}
		c.index[label] = l
		c.labels = append(c.labels, l)
	}
	l.see(run)
	switch run.Verdict {
	case assertions.Passed, assertions.Partial:
		l.passed++
	case assertions.Failed:
		l.broken = true
		c.out.fresh = c.out.fresh || !c.baseline.has(label)
		c.keep(run)
	case assertions.Unknown:
		l.open = true
		c.keep(run)
	case assertions.Skipped:
		l.open = true
	}
	for _, call := range run.Calls {
		if took := call.Measures.TimeToFallback; took != nil && (l.slowest == nil || *took > l.slowest.TimeToFallback) {
			l.slowest = &Slowest{Label: label, TimeToFallback: *took, Seed: run.Seed, Replay: run.Replay}
		}
	}
}

// keep stores a failure without its timeline and source.
func (c *count) keep(run reports.Run) {
	run.Timeline, run.Source = nil, ""
	c.out.Failures = append(c.out.Failures, run)
}

func (c *count) result() *Result {
	out := c.out
	out.judged = map[string]assertions.Verdict{}
	out.unmatched = c.baseline.unmatched(func(label string) bool { return c.index[label] != nil })
	for _, l := range c.labels {
		if l.slowest != nil {
			out.Slowest = append(out.Slowest, *l.slowest)
		}
		if len(l.saw) > 1 {
			out.Summary.Unequal = append(out.Summary.Unequal, reports.Unequal{Label: l.label, Saw: l.saw})
		}
		switch {
		case l.broken:
			out.judged[l.label] = assertions.Failed
		case !l.open:
			out.judged[l.label] = assertions.Passed
		}
		if c.baseline.has(l.label) && !l.broken {
			for range l.passed {
				out.Fixed = append(out.Fixed, c.baseline.fixed(l.label))
			}
		}
	}
	return &out
}
