package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/reports"
)

var update = flag.Bool("update", false, "write CONFORMANCE.md from the reports in conformance")

// TestConformance writes the scorecard again from the reports beside it, so that the page says what
// was measured. -update rewrites it.
func TestConformance(t *testing.T) {
	files, err := filepath.Glob("conformance/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d reports, %v", len(files), err)
	}
	var page bytes.Buffer
	var stream reports.Stream
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var report reports.Report
		if err := json.Unmarshal(data, &report); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if report.Schema != reports.Schema || len(report.Runs) == 0 {
			t.Errorf("%s has %d runs of schema %q", file, len(report.Runs), report.Schema)
		}
		if stream == nil {
			stream = reports.NewScorecard(&page, reports.Header{Version: report.Version})
		}
		for _, run := range report.Runs {
			if err := stream.Add(run); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := stream.Close(reports.Summary{}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("CONFORMANCE.md", page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page.String(), string(want)); diff != "" {
		t.Errorf("CONFORMANCE.md (-got +want), rewrite with -update:\n%s", diff)
	}
}
