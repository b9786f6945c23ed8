package campaign_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// stored returns a report with a run of each label, whose call fell back after some seconds.
func stored(verdict assertions.Verdict, outcome timeline.Outcome, attempts int, fallback float64,
	labels ...string,
) []reports.Report {
	var r reports.Report
	for _, label := range labels {
		scenario, target, _ := strings.Cut(label, " / ")
		took := timeline.Seconds(fallback * float64(time.Second))
		run := reports.Run{
			Scenario: scenario, Target: target, TargetVersion: "1.0", Seed: 1, Verdict: verdict, Simulated: took,
			Source:   "text",
			Timeline: []timeline.Event{{}}, Calls: []reports.Call{{Outcome: outcome}},
			Conditions: reports.Conditions{Outside: true},
		}
		run.Calls[0].Measures = timeline.Measures{Attempts: map[string]int{"primary": attempts}, TimeToFallback: &took}
		r.Add(run)
	}
	return []reports.Report{r}
}

func TestCompareReportsEqual(t *testing.T) {
	t.Parallel()
	const label = "server-error / e@a"
	a := stored(assertions.Passed, timeline.Answered, 2, 100, label, "only / here")
	for name, c := range map[string]struct {
		b     []reports.Report
		times bool
		want  string
	}{
		"equal":                       {stored(assertions.Passed, timeline.Answered, 2, 100, label), true, ""},
		"times that nobody asked for": {stored(assertions.Passed, timeline.Answered, 2, 900, label), false, ""},
		"a time within a fiftieth":    {stored(assertions.Passed, timeline.Answered, 2, 101.9, label), true, ""},
		"a time that is more than that": {
			stored(assertions.Passed, timeline.Answered, 2, 102.2, label), true, "time to fallback 1m40s → 1m42.2s",
		},
		"a time that is less": {
			stored(assertions.Passed, timeline.Answered, 2, 97.5, label), true, "time to fallback 1m40s → 1m37.5s",
		},
		"another verdict": {
			stored(assertions.Failed, timeline.Answered, 2, 100, label), false, "verdict passed → failed",
		},
		"another outcome": {
			stored(assertions.Passed, timeline.Hung, 2, 100, label), false, "outcome answered → hung",
		},
		"another number of requests": {
			stored(assertions.Passed, timeline.Answered, 3, 100, label), false, "requests primary 2 → primary 3",
		},
		"another number of calls": {
			withoutCalls(stored(assertions.Passed, timeline.Answered, 2, 100, label)), false, "calls 1 → 0",
		},
		"what only one of them has": {
			stored(assertions.Passed, timeline.Answered, 2, 100, "other / e@a"), false, "none",
		},
		"a short time within 0.3 s": {stored(assertions.Passed, timeline.Answered, 2, 100.29, label), true, ""},
		"another time that was never so": {
			never(stored(assertions.Passed, timeline.Answered, 2, 100, label)), true, "time to fallback 1m40s → never",
		},
	} {
		m := campaign.CompareReports(a, c.b, campaign.CompareOptions{Equal: true, Times: c.times})
		var got string
		for _, change := range m.All {
			got = strings.Join(change.How, "; ")
			if change.Cell != label+", seed 1" || change.Kind != campaign.Different {
				t.Errorf("%s: got %+v", name, change)
			}
		}
		if m.Compared == 0 {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	short := stored(assertions.Passed, timeline.Answered, 2, 1, label)
	for took, want := range map[float64]int{1.29: 0, 1.31: 1} {
		m := campaign.CompareReports(short, stored(assertions.Passed, timeline.Answered, 2, took, label),
			campaign.CompareOptions{Equal: true, Times: true})
		if len(m.All) != want {
			t.Errorf("1 s and %g s: %+v", took, m.All)
		}
	}
}

// A change for the worse is told from one for the better, and from one that only differs.
func TestCompareReports(t *testing.T) {
	t.Parallel()
	const (
		passed, partial, failed = assertions.Passed, assertions.Partial, assertions.Failed
		unknown, skipped        = assertions.Unknown, assertions.Skipped
	)
	fifth := campaign.Tolerance{Share: 0.2, Time: 300 * time.Millisecond}
	for _, c := range []struct {
		was, is  assertions.Verdict
		from, to float64 // seconds to the fallback
		slower   campaign.Tolerance
		want     campaign.ChangeKind // 0 for none
	}{
		{passed, passed, 10, 10, fifth, 0},
		{passed, failed, 10, 10, fifth, campaign.NewlyFailed},
		{partial, failed, 10, 10, fifth, campaign.NewlyFailed},
		{unknown, failed, 10, 10, fifth, campaign.NewlyFailed},
		{passed, failed, 10, 90, fifth, campaign.NewlyFailed},
		{failed, failed, 10, 90, fifth, campaign.Slower},
		{failed, passed, 10, 10, fifth, campaign.NewlyPassed},
		{failed, partial, 10, 10, fifth, campaign.NewlyPassed},
		{passed, unknown, 10, 10, fifth, campaign.NewlyOpen},
		{failed, skipped, 10, 10, fifth, campaign.NewlyOpen},
		{unknown, skipped, 10, 10, fifth, campaign.Different},
		{unknown, passed, 10, 10, fifth, campaign.Different},
		{passed, partial, 10, 10, fifth, campaign.Different},
		{passed, passed, 10, 12, fifth, 0},
		{passed, passed, 10, 12.1, fifth, campaign.Slower},
		{passed, passed, 10, 7, fifth, campaign.Different}, // faster
		{passed, passed, 0.01, 0.3, fifth, 0},              // what a machine adds
		{passed, passed, 10, 12.1, campaign.Tolerance{Time: 5 * time.Second}, 0},
		{passed, passed, 10, 15.1, campaign.Tolerance{Time: 5 * time.Second}, campaign.Slower},
		{passed, passed, 10, 10.001, campaign.Tolerance{}, campaign.Slower},
	} {
		m := campaign.CompareReports(stored(c.was, timeline.Answered, 2, c.from, "a / b"),
			stored(c.is, timeline.Answered, 2, c.to, "a / b"), campaign.CompareOptions{Slower: c.slower})
		var got campaign.ChangeKind
		if len(m.All) > 0 {
			got = m.All[0].Kind
		}
		if got != c.want || c.want > 0 && m.Count(c.want) != 1 {
			t.Errorf("%+v: got %+v", c, m.All)
		}
	}
	m := campaign.CompareReports(stored(passed, timeline.Answered, 2, 1, "b / x", "a / x", "c / x", "d / x"),
		append(stored(failed, timeline.Answered, 2, 1, "c / x"),
			append(stored(unknown, timeline.Answered, 2, 1, "b / x"),
				stored(failed, timeline.Answered, 2, 1, "a / x", "e / x")...)...),
		campaign.CompareOptions{Slower: fifth})
	var cells []string
	for _, change := range m.All {
		cells = append(cells, change.Kind.String()+" "+change.Cell)
	}
	want := []string{"newly failed a / x, seed 1", "newly failed c / x, seed 1", "no longer judged b / x, seed 1"}
	if diff := cmp.Diff(want, cells); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !cmp.Equal(m.OnlyA, []string{"d / x, seed 1"}) || !cmp.Equal(m.OnlyB, []string{"e / x, seed 1"}) {
		t.Errorf("only in one: %q and %q", m.OnlyA, m.OnlyB)
	}
}

func TestParseTolerance(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]campaign.Tolerance{
		"20%": {Share: 0.2, Time: 300 * time.Millisecond}, "0.5%": {Share: 0.005, Time: 300 * time.Millisecond},
		"2s": {Time: 2 * time.Second}, "0s": {},
	} {
		if got, err := campaign.ParseTolerance(text); got != want || err != nil {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "20", "-1%", "-2s", "NaN%", "Inf%", "%", "much"} {
		if got, err := campaign.ParseTolerance(text); !is[*campaign.UsageError](err) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func withoutCalls(r []reports.Report) []reports.Report {
	r[0].Runs[0].Calls = nil
	return r
}

func never(r []reports.Report) []reports.Report {
	r[0].Runs[0].Calls[0].Measures.TimeToFallback = nil
	return r
}

func TestDraw(t *testing.T) {
	t.Parallel()
	var labels []string
	for i := range 20 {
		labels = append(labels, fmt.Sprintf("s%02d / e@a", i))
	}
	all := append(stored(assertions.Failed, timeline.Hung, 1, 30, labels...),
		stored(assertions.Unknown, timeline.Hung, 1, 30, "open / e@a")...)
	all = append(all, stored(assertions.Passed, timeline.Answered, 1, 300, "slow / f@a")...)
	if got := (campaign.Sample{}).Draw(all); len(got) != 21 {
		t.Errorf("all of them are %q", got)
	}
	one, again, other := campaign.Sample{OneIn: 5, Seed: 1}.Draw(all), campaign.Sample{OneIn: 5, Seed: 1}.Draw(all),
		campaign.Sample{OneIn: 5, Seed: 2}.Draw(all)
	if len(one) != 5 || !cmp.Equal(one, again) || cmp.Equal(one, other) {
		t.Errorf("a fifth is %q, %q and with another seed %q", one, again, other)
	}
	if got := (campaign.Sample{Below: 2 * time.Minute}).Draw(all); len(got) != 20 {
		t.Errorf("short ones are %q", got)
	}
	if got := (campaign.Sample{Targets: []string{"f"}}).Draw(all); !cmp.Equal(got, []string{"slow / f@a"}) {
		t.Errorf("those of one target are %q", got)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files, err := campaign.Store(folder,
		stored(assertions.Passed, timeline.Answered, 1, 1, "b / e@y", "a / e@x", "a / f"))
	want := []string{filepath.Join(folder, "e", "1.0", "report.json"), filepath.Join(folder, "f", "1.0", "report.json")}
	if err != nil || !cmp.Equal(files, want) {
		t.Fatalf("got %q, %v", files, err)
	}
	all, err := campaign.LoadReports([]string{folder})
	if err != nil || len(all) != 2 || len(all[0].Runs) != 2 || all[0].Runs[0].Label() != "a / e@x" {
		t.Fatalf("got %+v, %v", all, err)
	}
	if run := all[0].Runs[0]; len(run.Timeline) > 0 || run.Source != "" || all[0].Summary.Passed != 2 {
		t.Errorf("got %+v", run)
	}
	wrong := filepath.Join(folder, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"schema": "another"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.LoadReports([]string{wrong}); !is[*campaign.DataError](err) {
		t.Errorf("got %v", err)
	}
	for _, path := range []string{filepath.Join(folder, "nowhere"), t.TempDir()} {
		if _, err := campaign.LoadReports([]string{path}); !is[*campaign.UsageError](err) {
			t.Errorf("got %v", err)
		}
	}
}
