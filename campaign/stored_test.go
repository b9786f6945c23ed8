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

func TestAgree(t *testing.T) {
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
			stored(assertions.Passed, timeline.Answered, 2, 102.2, label), true, "times to fallback 1m40s and 1m42.2s",
		},
		"another verdict": {
			stored(assertions.Failed, timeline.Answered, 2, 100, label), false, "verdicts passed and failed",
		},
		"another outcome": {
			stored(assertions.Passed, timeline.Hung, 2, 100, label), false, "outcomes answered and hung",
		},
		"another number of requests": {
			stored(assertions.Passed, timeline.Answered, 3, 100, label), false,
			"requests map[primary:2] and map[primary:3]",
		},
		"another number of calls": {
			withoutCalls(stored(assertions.Passed, timeline.Answered, 2, 100, label)), false, "calls 1 and 0",
		},
		"what only one of them has": {
			stored(assertions.Passed, timeline.Answered, 2, 100, "other / e@a"), false, "none",
		},
		"a short time within 0.3 s": {stored(assertions.Passed, timeline.Answered, 2, 100.29, label), true, ""},
		"another time that was never so": {
			never(stored(assertions.Passed, timeline.Answered, 2, 100, label)), true,
			"times to fallback 1m40s and never",
		},
	} {
		m := campaign.Agree(a, c.b, c.times)
		got := strings.TrimPrefix(strings.Join(m.Differences, "\n"), label+", seed 1: ")
		if m.Compared == 0 {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	short := stored(assertions.Passed, timeline.Answered, 2, 1, label)
	if m := campaign.Agree(short, stored(assertions.Passed, timeline.Answered, 2, 1.29, label), true); len(
		m.Differences) > 0 {
		t.Errorf("0.29 s apart: %q", m.Differences)
	}
	if m := campaign.Agree(short, stored(assertions.Passed, timeline.Answered, 2, 1.31, label), true); len(
		m.Differences) == 0 {
		t.Error("0.31 s apart are equal")
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
