package reports_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// long returns a report of several suites that exceeds the memory buffer.
func long() reports.Report {
	var r reports.Report
	for i, run := range report().Runs {
		for n := range 100 {
			run.Policy, run.Scenario = fmt.Sprintf("p%d", (i+n)%3), fmt.Sprintf("s%d-%d", i, n)
			run.Title = strings.Repeat("Grüße & <x> \xff ", 3)
			r.Add(run)
		}
	}
	return r
}

// A report buffered in a file has the same bytes as one buffered in memory. It leaves no file
// behind.
func TestLongReports(t *testing.T) {
	r := long()
	for _, kind := range reports.All() {
		if kind.Name == "svg" || kind.Name == "github" {
			continue // they show the first runs and wait in no file: TestPictureIsBounded, TestAnnotations
		}
		atOnce := slices.Contains([]string{"chrome-trace", "otlp"}, kind.Name)
		t.Run(kind.Name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			t.Setenv("TMP", temp)
			var whole bytes.Buffer
			stream := kind.Open(&whole, reports.Header{})
			files := 0
			for i, run := range r.Runs {
				if err := stream.Add(run); err != nil {
					t.Fatal(err)
				}
				if i == len(r.Runs)-1 {
					entries, err := os.ReadDir(temp)
					if err != nil {
						t.Fatal(err)
					}
					files = len(entries)
				}
			}
			if written := whole.Len() > 0; written != atOnce {
				t.Errorf("it was written to before its end: %v, want %v", written, atOnce)
			}
			if err := stream.Close(r.Summary); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(temp)
			if err != nil || len(entries) > 0 {
				t.Errorf("%v, and it leaves %v behind", err, entries)
			}
			if files == 0 && !atOnce && kind.Name != "scorecard" { // its memory depends on its cells
				t.Error("the report is too short to wait in a file, so that this test shows nothing")
			}
			told := map[string]bool{}
			for _, name := range regexp.MustCompile(`\bs\d-\d+\b`).FindAllString(whole.String(), -1) {
				told[name] = true
			}
			if len(told) != len(r.Runs) {
				t.Errorf("it tells of %d runs, want %d", len(told), len(r.Runs))
			}
		})
	}
}

// Parts keep the order of the runs, however the runs are grouped.
func TestJUnitOfSeveralSuites(t *testing.T) {
	var out bytes.Buffer
	if err := reports.JUnit(&out, long()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "<testsuite "); n != 3 {
		t.Errorf("got %d suites, want 3", n)
	}
	if n := strings.Count(out.String(), "\n    <testcase "); n != len(long().Runs) {
		t.Errorf("got %d cases, want %d", n, len(long().Runs))
	}
	for _, part := range strings.Split(out.String(), "<testsuite ")[1:] {
		name := strings.SplitN(part, `"`, 3)[1]
		n, own := strings.Count(part, "classname="), strings.Count(part, fmt.Sprintf("classname=%q", name))
		if n != own {
			t.Errorf("suite %s has %d cases, of which %d are its own", name, n, own)
		}
	}
}

// comparison returns two variants with one scenario for the issue and one false alarm.
func comparison() *reports.Comparison {
	column := reports.CompareColumn{Scenario: "hang-for-a-long-time", Primary: "primary", Tokens: 1000}
	c := &reports.Comparison{
		Flagship: column, Issue: "https://github.com/o/r/issues/1", Title: "It hangs",
		Variants: []string{"slow", "quick"},
		Speed:    []reports.CompareColumn{column}, Healthy: []reports.CompareColumn{{Scenario: "slow-but-healthy"}},
		Patience: map[string]string{"slow": "up to 5m0s", "quick": "1h0m0s and longer"},
	}
	for _, v := range c.Variants {
		t := hang()
		t.Run.Scenario, t.Run.Policy = column.Scenario, v
		judged := assertions.Judgement{
			Verdict: map[string]assertions.Verdict{"slow": assertions.Failed, "quick": assertions.Passed}[v],
		}
		run := reports.NewRun(t, judged)
		run.Replay = "chaosrun run --policy " + v
		c.Set(v, run)
	}
	alarm := reports.NewRun(timeline.Timeline{Run: hang().Run}, assertions.Judgement{Verdict: assertions.Passed})
	alarm.Scenario = "slow-but-healthy"
	c.Set("quick", alarm)
	return c
}

func TestComparison(t *testing.T) {
	var out bytes.Buffer
	if err := comparison().Text(&out, reports.Screen{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"https://github.com/o/r/issues/1\nIt hangs\n\nRequests at the primary × time to fallback\n",
		"│ slow   │ 1× 5.0 min  │ failed  │",
		"if only slow\n  (slow-but-healthy)\n", "│ quick  │ 1h0m0s and longer │ all –", "1k tokens of context",
		"Timeline of hang-for-a-long-time / slow\n",
		"\nreplay: chaosrun run --policy slow\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err := comparison().Text(broken{}, reports.Screen{}); err == nil {
		t.Error("the writer's error is lost")
	}
}
