package reports_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// An engine does what its policy does if it asks as often and falls back within 2 % of the time.
func TestBeside(t *testing.T) {
	policy := releaseRun(assertions.Failed, timeline.Answered, 3, 1000)
	policy.Policy = "p"
	never := releaseRun(assertions.Failed, timeline.Hung, 1, 0)
	never.Policy = "n"
	for name, tt := range map[string]struct {
		engine, policy reports.Run
		want           string
	}{
		"the same":   {releaseRun(assertions.Failed, timeline.Answered, 3, 1000), policy, ""},
		"within 2 %": {releaseRun(assertions.Failed, timeline.Answered, 3, 1019), policy, ""},
		"later": {
			releaseRun(assertions.Failed, timeline.Answered, 3, 1030), policy,
			"it falls back after 17.2 min, but its policy after 16.7 min",
		},
		"sooner": {
			releaseRun(assertions.Failed, timeline.Answered, 3, 970), policy,
			"it falls back after 16.2 min, but its policy after 16.7 min",
		},
		"more often": {
			releaseRun(assertions.Failed, timeline.Answered, 4, 1000), policy, "4+1 requests, but 3+1 with its policy",
		},
		"never, and it does": {
			releaseRun(assertions.Failed, timeline.Answered, 1, 1000), never, "1+1 requests, but 1+0 with its policy",
		},
		"never, and neither": {releaseRun(assertions.Failed, timeline.Hung, 1, 0), never, ""},
		"what was not seen":  {reports.Run{Verdict: assertions.Unknown}, policy, ""},
	} {
		if got := (reports.BesideRow{Engine: &tt.engine, Policy: &tt.policy}).Differs(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	engine, other := releaseRun(assertions.Failed, timeline.Answered, 3, 1001),
		releaseRun(assertions.Failed, timeline.Answered, 9, 9)
	engine.Target, engine.TargetVersion, other.Target = "e@https", "1.2", "o"
	unseen := reports.Run{
		Target: "u", Verdict: assertions.Unknown,
		Expectations: []reports.Expectation{{Verdict: assertions.Unknown, Message: "it did not start"}},
	}
	b := reports.Beside{Issue: "https://x.test/1", Title: "a title", Cadence: time.Second, Rows: []reports.BesideRow{
		{Engine: &engine, Policy: &policy},
		{Engine: &other, Policy: &policy},
		{Engine: &unseen, Policy: &never},
		{Policy: &policy},
	}}
	var out strings.Builder
	if err := b.Text(&out, reports.Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"https://x.test/1\na title\n\n",
		"│ e@https               │ 1.2     │ 3+1      │ 16.7 min │ failed  │\n" +
			"│   p                   │         │ 3+1      │ 16.7 min │ failed  │\n",
		"o differs from p: 9+1 requests, but 3+1 with its policy\n", "u could not be judged: it did not start\n",
		"1 of 3 engines behave as their policies", "heartbeat, up to 1s\n  later.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
