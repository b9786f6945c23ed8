package reports_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// releaseRun is a run of one call: requests at the primary, and seconds until the fallback, 0 for
// none.
func releaseRun(verdict assertions.Verdict, outcome timeline.Outcome, requests int, fallback float64) reports.Run {
	run := reports.Run{Scenario: "s", Verdict: verdict, Providers: []timeline.Provider{{Name: "a"}, {Name: "b"}}}
	call := reports.Call{Outcome: outcome}
	call.Measures.Attempts = map[string]int{"a": requests, "b": 0}
	if fallback > 0 {
		took := timeline.Seconds(fallback * 1e9)
		call.Measures.TimeToFallback = &took
		call.Measures.Attempts["b"] = 1
	} else {
		call.Measures.WhereTimeWent.Stall = timeline.Seconds(3600 * 1e9)
	}
	run.Calls = []reports.Call{call}
	return run
}

// What is said of releases: the first that fails, and each change, but neither an engine's own
// jitter nor what could not be judged.
func TestReleases(t *testing.T) {
	r := &reports.Releases{
		Engine: "e", Versions: []string{"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"}, Notes: []string{"a note"},
	}
	for version, run := range map[string]reports.Run{
		"1.0": releaseRun(assertions.Passed, timeline.Answered, 1, 100),
		"1.1": releaseRun(assertions.Passed, timeline.Answered, 1, 104),
		"1.2": {Scenario: "s", Verdict: assertions.Unknown},
		"1.3": releaseRun(assertions.Failed, timeline.Answered, 3, 300),
		"1.4": releaseRun(assertions.Failed, timeline.Hung, 1, 0),
		"1.5": releaseRun(assertions.Passed, timeline.Answered, 1, 90),
	} {
		r.Add(version, "defaults", run)
	}
	var b strings.Builder
	if err := r.Text(&b, reports.Screen{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"s / e@defaults\n", "│ 1.0     │ passed  │ answered │ 1+1      │ 1m40s",
		"│ 1.2     │ unknown │ –        │ –        │ –", "│ never, in 1h0m0s │",
		"\nThe first version seen to fail is 1.3; 1.2 could not be judged.\n" +
			"1.3: 3+1 requests rather than 1+1; it falls back after 5m0s rather than 1m44s; failed rather than " +
			"passed.\n" +
			"1.4: 1+0 requests rather than 3+1; it no longer falls back, as 1.3 did after 5m0s; hung rather than " +
			"answered.\n" +
			"1.5: 1+1 requests rather than 1+0; it falls back, after 1m30s; answered rather than hung; passed rather " +
			"than failed.\n\na note\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestTheFirstReleaseThatFails(t *testing.T) {
	passed, failed, unknown := releaseRun(assertions.Passed, timeline.Answered, 1, 9),
		releaseRun(assertions.Failed, timeline.Hung, 1, 0), reports.Run{Scenario: "s", Verdict: assertions.Unknown}
	for want, runs := range map[string][2]reports.Run{
		"No version fails.":                                               {passed, passed},
		"The first version that fails is 2.":                              {passed, failed},
		"The first version that fails is 1, the oldest that was run.":     {failed, passed},
		"No version was seen to fail; 2 could not be judged.":             {passed, unknown},
		"The first version seen to fail is 2; 1 could not be judged.":     {unknown, failed},
		"No version was seen to fail; 1, 2 could not be judged.":          {unknown, unknown},
		"The first version that fails is 1, the oldest that was run.\n\n": {failed, unknown},
	} {
		r := &reports.Releases{Engine: "e", Versions: []string{"1", "2"}}
		r.Add("1", "", runs[0])
		r.Add("2", "", runs[1])
		var b strings.Builder
		if err := r.Text(&b, reports.Screen{Width: 200}); err != nil || !strings.Contains(b.String(), "\n"+want) {
			t.Errorf("%v, no %q in\n%s", err, want, b.String())
		}
	}
}
