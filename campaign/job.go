package campaign

import (
	"cmp"
	"strconv"
	"strings"

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
}

// trial makes the run.
func (j Job) trial() *harness.Trial {
	o := &j.plan.options
	target, policy := j.Variant.names()
	return harness.RunScenario(j.Scenario, j.Variant.Factory,
		harness.WithSeed(j.Seed), harness.WithClock(o.Clock), harness.WithLimits(o.Limits), harness.WithNames(target, policy),
		harness.WithVocabulary(o.Vocabulary))
}

// report builds the report of the run. It drops the timeline unless Options.Timeline keeps it.
func (j Job) report(t *harness.Trial) reports.Run {
	run := newRun(t, j.replay())
	if run.Verdict == assertions.Failed {
		run.Advice = j.Variant.Advice[j.Scenario.Name]
	}
	if !j.plan.options.Timeline.keeps(run.Verdict) {
		run.Timeline = nil
	}
	return run
}

// replay returns the command that repeats the run.
func (j Job) replay() string {
	o := &j.plan.options
	if o.Replay != nil {
		return o.Replay(j)
	}
	words := append([]string{cmp.Or(o.Program, "chaosrun"), "run", argument(j.Scenario)}, j.Variant.Arguments...)
	if o.Clock != harness.Virtual() {
		words = append(words, "--clock", o.Clock.String())
	}
	words = append(words, o.Arguments...)
	return strings.Join(append(words, "--seed", strconv.FormatUint(j.Seed, 10)), " ")
}

// newRun builds the report of one trial.
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

// Keep selects the timelines that reports keep. The zero Keep is KeepFailed.
type Keep uint8

const (
	// KeepFailed keeps the timelines of runs that failed or are unknown.
	KeepFailed Keep = iota
	// KeepAll keeps every timeline.
	KeepAll
	// KeepNone keeps no timelines.
	KeepNone
)

func (k Keep) keeps(v assertions.Verdict) bool {
	return k == KeepAll || (k == KeepFailed && (v == assertions.Failed || v == assertions.Unknown))
}
