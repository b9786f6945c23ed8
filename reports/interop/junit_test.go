package interop_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/joshdk/go-junit"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// TestJUnitIsReadBack checks that another project's parser finds each run with its verdict, time,
// message and replay command, and the totals.
func TestJUnitIsReadBack(t *testing.T) {
	report := catalogue(t)
	suites, err := junit.Ingest(junitOf(t))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]junit.Test{}
	var totals junit.Totals
	for _, suite := range suites {
		for _, test := range suite.Tests {
			label := suite.Name + " " + test.Name
			if _, twice := got[label]; twice {
				t.Errorf("%s is there twice", label)
			}
			got[label] = test
		}
		totals.Passed += suite.Totals.Passed
		totals.Failed += suite.Totals.Failed
		totals.Error += suite.Totals.Error
		totals.Skipped += suite.Totals.Skipped
		totals.Tests += suite.Totals.Tests
		if suite.Properties["version"] != "test" || suite.Properties["seed"] != "1" {
			t.Errorf("%s has the properties %v, want version test and seed 1", suite.Name, suite.Properties)
		}
	}
	sum := report.Summary
	want := junit.Totals{
		Tests: len(report.Runs), Passed: sum.Passed + sum.Partial, Failed: sum.Failed, Error: sum.Unknown,
		Skipped: sum.Skipped,
	}
	totals.Duration = 0
	if diff := cmp.Diff(want, totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	for _, run := range report.Runs {
		label := strings.Trim(run.Target+"/"+run.Policy, "/") + " " + run.Scenario
		test, ok := got[label]
		if !ok {
			t.Errorf("no test %q; there are %v", label, slices.Sorted(maps.Keys(got)))
			continue
		}
		checkCase(t, run, test)
	}
}

// checkCase compares a test that was read back with its run.
func checkCase(t *testing.T, run reports.Run, test junit.Test) {
	t.Helper()
	want := map[assertions.Verdict]junit.Status{
		assertions.Passed: junit.StatusPassed, assertions.Partial: junit.StatusPassed,
		assertions.Failed: junit.StatusFailed, assertions.Unknown: junit.StatusError,
		assertions.Skipped: junit.StatusSkipped,
	}[run.Verdict]
	if test.Status != want {
		t.Errorf("%s is %s, want %s for %s", run.Label(), test.Status, want, run.Verdict)
	}
	if diff := test.Duration - run.Simulated.Duration(); diff.Abs() > time.Millisecond {
		t.Errorf("%s took %v, want %v of scenario time", run.Label(), test.Duration, run.Simulated.Duration())
	}
	switch run.Verdict {
	case assertions.Skipped:
		if test.Message != run.SkipReason {
			t.Errorf("%s was skipped because of %q, want %q", run.Label(), test.Message, run.SkipReason)
		}
	case assertions.Failed, assertions.Unknown:
		i := slices.IndexFunc(run.Expectations, func(e reports.Expectation) bool { return e.Verdict == run.Verdict })
		if i < 0 {
			t.Fatalf("%s is %s, and no expectation is", run.Label(), run.Verdict)
		}
		if first := run.Expectations[i]; test.Message != first.Name+": "+first.Message {
			t.Errorf("%s has the message %q, want that of %s: %q", run.Label(), test.Message, first.Name, first.Message)
		}
		if test.Error == nil || !strings.Contains(test.Error.Error(), run.Replay) {
			t.Errorf("%s does not say how to repeat it with %q: %v", run.Label(), run.Replay, test.Error)
		}
	case assertions.Passed, assertions.Partial:
	}
}
