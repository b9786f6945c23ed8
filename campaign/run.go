package campaign

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// Run runs the selected scenarios against one engine. If the test has a method Run, as *testing.T
// does, each scenario becomes a subtest with its name. go test -run then selects scenarios.
//
// A run that failed or is unknown fails the test, with the findings and the timeline. A run of
// [Options.Baseline] fails the test only if it passes. A scenario that the target cannot run skips
// its subtest. If the target can run none, the whole test is skipped, and Run does not return. A
// seed of 0 means 1. The Result covers all runs.
func Run[T harness.T](t T, newTarget harness.Factory, o Options) *Result {
	t.Helper()
	if o.Name == "" {
		o.Name = "engine"
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Replay == nil {
		o.Replay = func(j Job) string { return goTest(t, j) }
	}
	plan, err := NewPlan([]Variant{{Name: o.Name, Factory: newTarget, Options: speaking(o.Protocols)}}, o)
	if err != nil {
		return refuse(t, err)
	}
	if plan.Len() == 0 {
		return refuse(t, usage("", "campaign: nothing to run: no scenario is left after Tags and Shard"))
	}
	kinds := append(reports.All(), o.Kinds...)
	for i := range o.Reports {
		if err := checkSinks(o.Reports[:i+1], reports.Names(kinds)); err != nil {
			return refuse(t, err)
		}
	}
	report, err := OpenReport(o.Reports, kinds, reports.Header{
		Version: "go test", Seed: o.Seed, SDKVersions: map[string]string{}, Plan: plan.Facts(),
	}, os.Stdout)
	if err != nil {
		return refuse(t, err)
	}
	r := runner[T]{t: t, plan: plan}
	var skipped string // the reason of the first scenario
	result, err := plan.execute(testContext(t), r.run, func(run reports.Run) error {
		skipped = cmp.Or(skipped, run.SkipReason)
		return report.Add(run)
	})
	if closing := report.Close(result.Summary); err == nil {
		err = closing
	}
	if err != nil {
		t.Errorf("%v", err)
	}
	for _, fixed := range result.Fixed {
		t.Errorf("%s", fixed)
	}
	if all := result.Summary; err == nil && all.Runs() > 0 && all.Runs() == all.Skipped {
		ranNone(t, fmt.Sprintf("the target can run none of the %d scenarios; the first: %s", all.Skipped, skipped))
	}
	return result
}

// ranNone skips a test in which every scenario was skipped. It fails a test that cannot be skipped.
func ranNone(t harness.T, why string) {
	t.Helper()
	if s, ok := t.(skipper); ok {
		s.Skipf("%s", why)
		return
	}
	t.Errorf("%s", why)
}

// refuse fails a test with an error in its options.
func refuse(t harness.T, err error) *Result {
	t.Helper()
	t.Errorf("%v", err)
	t.FailNow()
	return &Result{}
}

// testContext returns the context of the test, or the background context.
func testContext(t any) context.Context {
	if c, ok := t.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}

// goTest returns the go test command that repeats a run.
func goTest(t any, j Job) string {
	name := "…"
	if n, ok := t.(interface{ Name() string }); ok {
		name = n.Name()
	}
	return fmt.Sprintf("go test -run '^%s$/^%s$' # seed %d", name, j.Scenario.Name, j.Seed)
}

// Optional methods of a test, beyond those of harness.T.
type (
	parent[T any] interface {
		Run(name string, body func(T)) bool
	}
	skipper interface {
		Skipf(format string, args ...any)
	}
	logger interface {
		Logf(format string, args ...any)
	}
)

// A runner makes the runs of one test.
type runner[T harness.T] struct {
	t    T
	plan *Plan
	// speaking serializes the messages if there are no subtests.
	speaking sync.Mutex
}

// run makes one run, in a subtest if the test supports them. It returns nil if go test -run
// excludes the subtest.
func (r *runner[T]) run(ctx context.Context, j Job) (made *reports.Run) {
	body := func(t T) {
		t.Helper()
		trial := j.trial(ctx)
		run := j.kept(j.report(trial))
		made = &run
		r.say(t, trial, run)
	}
	if parent, ok := any(r.t).(parent[T]); ok {
		parent.Run(r.name(j), body)
		return made
	}
	trial := j.trial(ctx)
	run := j.kept(j.report(trial))
	r.speaking.Lock()
	defer r.speaking.Unlock()
	r.say(r.t, trial, run)
	return &run
}

// name returns the name of the subtest.
func (r *runner[T]) name(j Job) string {
	if r.plan.options.Repeat > 1 {
		return fmt.Sprintf("%s/seed-%d", j.Scenario.Name, j.Seed)
	}
	return j.Scenario.Name
}

// say reports the run to the test.
func (r *runner[T]) say(t T, trial *harness.Trial, run reports.Run) {
	t.Helper()
	switch {
	case run.Verdict == assertions.Skipped:
		if s, ok := any(t).(skipper); ok && any(t) != any(r.t) {
			s.Skipf("%s", run.SkipReason)
		}
	case run.Verdict == assertions.Failed && r.plan.baseline.has(run.Label()):
		if l, ok := any(t).(logger); ok {
			l.Logf("%s failed, as in the baseline", run.Label())
		}
	default:
		trial.Check(t)
	}
}
