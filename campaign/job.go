package campaign

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A Job is one run to make.
type Job struct {
	Scenario scenarios.Scenario
	Variant  Variant
	Seed     uint64

	plan *Plan
	// variant is the index of Variant in the plan.
	variant int
}

// clock returns the clock of the run. An engine in another process needs real time, unless this
// process and its children are in virtual time. An engine in this process has a virtual clock of
// its own.
func (j Job) clock() harness.Clock {
	switch clock := j.plan.options.Clock; {
	case j.Variant.Outside && clock == harness.Virtual():
		return harness.Wall()
	case !j.Variant.Outside && clock.IsTree() && clock.Pace() == 0:
		return harness.Virtual()
	default:
		return clock
	}
}

// limits returns the limits that replace those of the scenario, by measure: those of the Options,
// else the target's.
func (j Job) limits() assertions.Limits {
	limits := assertions.Limits{}
	maps.Copy(limits, j.Variant.Limits)
	maps.Copy(limits, j.plan.options.Limits)
	delete(limits, CallLimit)
	return limits
}

// harnessOptions returns the options of the run without its cadence.
func (j Job) harnessOptions() []harness.Option {
	target, policy := j.Variant.names()
	cut, by := j.callLimit()
	return append(slices.Clone(j.Variant.Options), harness.WithSeed(j.Seed), harness.WithClock(j.clock()),
		harness.WithLimits(j.limits()), harness.WithCallLimit(cut, by),
		harness.WithNames(target, policy), harness.WithVocabulary(j.plan.options.Vocabulary))
}

// trial makes the run. It is cut when ctx ends.
func (j Job) trial(ctx context.Context) *harness.Trial {
	opts := append(j.harnessOptions(), harness.WithContext(ctx), harness.WithCadence(j.cadence(ctx)))
	return harness.RunScenario(j.Scenario, j.Variant.Factory, opts...)
}

// report builds the report of the run, with its timeline.
func (j Job) report(t *harness.Trial) reports.Run {
	run := newRun(t, j.replay(t.Timeline.Run.Cadence.Duration()))
	run.TargetVersion, run.Settings, run.TargetSHA256 = j.version(), j.Variant.Settings, j.Variant.SHA256
	run.Limits = j.cell().Limits
	if run.NeedsReferee() && j.plan.options.Replay == nil {
		run.Referee = j.commandLine(harness.Wall(), t.Timeline.Run.Cadence.Duration())
	}
	if run.Verdict == assertions.Failed {
		run.Advice = j.Variant.Advice[j.Scenario.Name]
	}
	return run
}

// version returns the version of the engine.
func (j Job) version() string {
	if j.plan.versions == nil || j.Variant.Version == nil {
		return ""
	}
	return j.plan.versions[j.variant]()
}

// kept returns the run as reports keep it: without its timeline unless Options.Timeline keeps it.
func (j Job) kept(run reports.Run) reports.Run {
	if !j.plan.options.Timeline.keeps(run.Verdict) {
		run.Timeline = nil
	}
	return run
}

// replay returns the command that repeats the run. cadence is the run's, 0 for the scenario's own.
func (j Job) replay(cadence time.Duration) string {
	o := &j.plan.options
	if o.Replay != nil {
		return o.Replay(j)
	}
	return j.commandLine(j.clock(), cadence)
}

// commandLine returns the command that makes the run on a clock.
func (j Job) commandLine(clock harness.Clock, cadence time.Duration) string {
	o := &j.plan.options
	words := append([]string{cmp.Or(o.Program, "chaosrun"), "run", argument(j.Scenario)}, j.Variant.Arguments...)
	if clock.Pace() != 0 {
		words = append(words, "--clock", clock.String())
	}
	words = append(words, o.Arguments...)
	switch {
	case cadence > 0:
		words = append(words, "--cadence", cadence.String())
	case o.Cadence.asWritten && j.mayBeTooSlow():
		words = append(words, "--cadence", o.Cadence.String())
	}
	return strings.Join(append(words, "--seed", strconv.FormatUint(j.Seed, 10)), " ")
}

// newRun builds the report of one trial.
func newRun(t *harness.Trial, replay string) reports.Run {
	run := reports.NewRun(t.Timeline, t.Judgement)
	s := t.Scenario
	run.Title, run.Issue, run.Source, run.SHA256, run.Replay = s.Title, s.Issue, s.Source, s.SHA256, replay
	if file := argument(s); file == s.File {
		run.File = filepath.ToSlash(file)
	}
	setLines(run.Expectations, s)
	return run
}

// setLines sets the lines of the expectations in the scenario's file.
func setLines(expectations []reports.Expectation, s scenarios.Scenario) {
	for i, e := range s.Expect { // a broken premise is the only result, and results of the run itself come last
		if i < len(expectations) && e.Expectation != nil && expectations[i].Name == e.Expectation.Name() {
			expectations[i].Line = e.Line
		}
	}
}

// Keep selects the timelines that reports keep. The zero Keep is [KeepFailed].
type Keep uint8

const (
	// KeepFailed keeps the timelines of runs that failed, are partial or unknown.
	KeepFailed Keep = iota
	// KeepAll keeps every timeline.
	KeepAll
	// KeepNone keeps no timelines.
	KeepNone
)

func (k Keep) keeps(v assertions.Verdict) bool {
	return k == KeepAll || (k == KeepFailed && v > assertions.Passed)
}
