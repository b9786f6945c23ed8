package reports_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestScorecardCountsWhatDiffers checks that repetitions which differ are not folded into one.
func TestScorecardCountsWhatDiffers(t *testing.T) {
	run := func(limit time.Duration) reports.Run {
		r := reports.NewRun(hang(), assertions.Judge(hang(), assertions.Must(assertions.TimeToFallback{Max: limit})))
		r.Target, r.Policy, r.TargetVersion, r.Settings = "relay", "", "1.2.3", map[string]string{"retries": "2"}
		return r
	}
	var page bytes.Buffer
	s := reports.NewScorecard(&page, reports.Header{Version: "v0"})
	for _, limit := range []time.Duration{time.Hour, time.Hour, time.Second} {
		if err := s.Add(run(limit)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(reports.Summary{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| [relay](#relay-123) | 1.2.3 | *unknown* |",
		"### Further scenarios\n\n| engine | hang |",
		"| relay | ✓ answered 1+1 (2 of 3), ✗ answered 1+1 (1 of 3) |",
		"| hang | passed (2 of 3), failed (1 of 3) | answered | 1+1 | 5m2.5s | the answer of secondary after 5m3s; " +
			"misses time_to_fallback |",
		"## relay 1.2.3\n\nSettings: retries 2. Clock: virtual. Reproduce a cell with",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, page.String())
		}
	}
}

// levelled is a page of engines in two versions and one of this program, in two scenarios.
func levelled(t *testing.T, outcome timeline.Outcome) string {
	t.Helper()
	var page bytes.Buffer
	s := reports.NewScorecard(&page, reports.Header{Version: "v0"})
	add := func(target, version string, outside bool, scenario string) {
		run := reports.Run{
			Scenario: scenario, Target: target, TargetVersion: version, Verdict: assertions.Passed,
			Calls:        []reports.Call{{Outcome: outcome}},
			Expectations: []reports.Expectation{{Name: "no_fallback", Verdict: assertions.Passed}},
		}
		run.Outside = outside
		if err := s.Add(run); err != nil {
			t.Fatal(err)
		}
	}
	for _, scenario := range reports.Conformance() {
		add("relay", "1.2.3", true, scenario)
		add("mine", "", false, scenario)
	}
	add("relay", "1.2.4", true, "healthy")
	if err := s.Close(reports.Summary{}); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// TestScorecardLevels: the reference comes first, a level is had, lost or unknown, and the
// versions of an engine have a row each.
func TestScorecardLevels(t *testing.T) {
	right, lies := levelled(t, timeline.Answered), levelled(t, timeline.Truncated)
	for page, all := range map[string][]string{
		right: {
			"| [mine](#mine) | – | **yes** | **yes** | *unknown* | **yes** | *unknown* | *unknown* |\n" +
				"| [relay](#relay-123) | 1.2.3 | **yes** | **yes** | *unknown* | **yes** |",
			"| [relay](#relay-124) | 1.2.4 | *unknown* |", "- *falls back in time* is unknown: heartbeat-only, ",
			"| relay 1.2.4 | ✓ answered | – |",
		},
		lies: {
			fmt.Sprintf("| **yes** | **no**, %[1]d of %[1]d | *unknown* |", len(reports.Conformance())),
			"- not *never lies*: heartbeat-only, ",
		},
	} {
		for _, want := range all {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
	}
}
