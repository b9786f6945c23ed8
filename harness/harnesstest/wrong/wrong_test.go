package wrong_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
)

// Each wrong engine is found by its scenario, with the verdict and the words that its entry names,
// and the plain engine passes the same scenario or, if no provider answers, returns an error. Those
// that stop virtual time are given up after a little real time, which is why this test waits.
func TestEachIsFound(t *testing.T) {
	t.Parallel()
	for _, e := range wrong.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(e.Release)
			if e.Scenario.Name == "" {
				if e.Rule == "" {
					t.Error("neither a scenario nor a rule finds it")
				}
				t.Skip("no single run finds it: see the tests of harnesstest.Accept")
			}
			want := cmp.Or(e.Verdict, assertions.Failed)
			trial := harness.RunScenario(e.Scenario, e.Factory, e.Options()...)
			if trial.Verdict() != want {
				t.Fatalf("verdict is %s, want %s: %+v\n%s", trial.Verdict(), want, trial.Judgement, trial.Timeline)
			}
			found := false
			for _, r := range trial.Judgement.Results {
				if r.Name != e.Finding || r.Verdict != want {
					continue
				}
				found = true
				for _, what := range e.Says {
					if !strings.Contains(r.Message, what) {
						t.Errorf("%s says %q, which does not speak of %q", r.Name, r.Message, what)
					}
				}
			}
			if !found {
				t.Errorf("no finding %s is %s: %+v", e.Finding, want, trial.Judgement.Results)
			}
		})
	}
}

// The plain engine passes what each of these fails.
func TestThePlainEngineIsRight(t *testing.T) {
	t.Parallel()
	for _, e := range wrong.All() {
		if e.Scenario.Name == "" {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			run := harness.RunScenario(e.Scenario, harnesstest.Plain)
			if len(e.Scenario.Providers) == 1 { // there is no answer to be had, and it says so
				if outcome, _ := run.Timeline.Outcome(1); outcome.String() != "failed" {
					t.Errorf("it is %s, want an error", outcome)
				}
				return
			}
			run.Check(t)
		})
	}
}

func TestNamesAndWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range wrong.All() {
		if e.Name == "" || seen[e.Name] || !strings.HasSuffix(e.Wrong, ".") || e.Factory == nil {
			t.Errorf("%q (%q): want a name of its own, a sentence and a factory", e.Name, e.Wrong)
		}
		seen[e.Name] = true
		if found, err := wrong.Find(e.Name); err != nil || found.Wrong != e.Wrong {
			t.Errorf("Find(%q) = %q, %v", e.Name, found.Wrong, err)
		}
	}
	if _, err := wrong.Find("right"); err == nil {
		t.Error("there is a wrong engine that is right")
	}
}
