package docs_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

var update = flag.Bool("update", false, "write CONFORMANCE.md from the reports in conformance")

// mostBytes bounds what the reports of all engines take.
const mostBytes = 15 << 20

// TestConformance writes the scorecard again from the reports below conformance, so that the page
// says what was measured. -update rewrites it.
func TestConformance(t *testing.T) {
	merge, err := campaign.OpenMerge([]string{"conformance"}, campaign.MergeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	stream := reports.NewScorecard(&page, merge.Header())
	result, err := merge.Runs(stream.Add)
	if err := errors.Join(err, stream.Close(result.Summary)); err != nil {
		t.Fatal(err)
	}
	generated(t, "CONFORMANCE.md", page.String())
	generated(t, "conformance/scenarios.txt", strings.Join(reports.Conformance(), "\n")+"\n")
}

// generated compares a file with what it should be, or writes it.
func generated(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("%s (-got +want), rewrite with -update:\n%s", file, diff)
	}
}

// TestStoredReports looks at what is committed: each report is where its engine and version say,
// holds no timelines and no texts of scenarios, and all together stay small.
func TestStoredReports(t *testing.T) {
	files, err := filepath.Glob("conformance/*/*/report.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d reports, %v", len(files), err)
	}
	var size int64
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
		stored, err := campaign.LoadReports([]string{file})
		if err != nil {
			t.Fatal(err)
		}
		again, err := campaign.Store(t.TempDir(), stored)
		if err != nil || len(again) != 1 || !strings.HasSuffix(again[0], strings.TrimPrefix(file, "conformance")) {
			t.Errorf("%s: stored again it is %q, %v", file, again, err)
		}
		for _, run := range stored[0].Runs {
			if len(run.Timeline) > 0 || run.Source != "" {
				t.Errorf("%s: %s has a timeline or a source", file, run.Label())
			}
		}
	}
	if size > mostBytes {
		t.Errorf("the reports take %d bytes, want at most %d", size, mostBytes)
	}
}
