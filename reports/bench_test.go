package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// trialOf returns a run with that many requests to the primary and a fallback at that instant. 0
// means no fallback.
func trialOf(attempts int, fallback float64) timeline.Timeline {
	client := timeline.ClientLane(1)
	events := []timeline.Event{at(0, client, timeline.CallStarted, "say hello")}
	for i := range attempts {
		events = append(events,
			at(float64(i), timeline.ProviderLane("primary", 1, i+1), timeline.RequestReceived, "POST"))
	}
	if fallback > 0 {
		events = append(events,
			at(fallback, timeline.ProviderLane("secondary", 1, 1), timeline.RequestReceived, "POST"))
	}
	t := hang()
	t.Events = append(events, at(4000, client, timeline.CallAnswered, ""))
	return t
}

// benchOf returns twenty trials. Every fourth does not fall back.
func benchOf() reports.Bench {
	cell := reports.BenchCell{Scenario: "s", Policy: "p"}
	for i := range 20 {
		fallback := 100 + float64(i)
		if i%4 == 3 {
			fallback = 0
		}
		cell.Add(assertions.Passed, trialOf(1+i%2, fallback))
	}
	return reports.Bench{Version: "v1", Seed: 7, Cells: []reports.BenchCell{cell}, Wall: timeline.Seconds(time.Second)}
}

// Each trial is a line. A trial without a fallback has no time. The output has only benchmark
// lines and comments, because benchstat does not compare files whose configuration differs.
func TestBenchfmt(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := reports.Benchfmt(&out, benchOf()); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("# chaosrun v1, seed 7\n")
	for i := range 20 {
		want.WriteString("BenchmarkFallback/scenario=s/policy=p 1")
		if i%4 != 3 {
			fmt.Fprintf(&want, " %d sec-to-fallback", 100+i)
		}
		fmt.Fprintf(&want, " %d attempts\n", 1+i%2)
	}
	if diff := cmp.Diff(want.String(), out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Of 15 fallbacks at 100, 101, 102, 104, … 118 s the eighth is the median, and the fifteenth is
// the 95th percentile.
func TestBenchQuantiles(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := reports.BenchJSON(&out, benchOf()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema string `json:"schema"`
		Cells  []struct {
			Trials   int               `json:"trials"`
			Fallback reports.Quantiles `json:"time_to_fallback_s"`
			Attempts reports.Quantiles `json:"primary_attempts"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	q := func(count int, least, p50, p95, most float64) reports.Quantiles {
		return reports.Quantiles{Count: count, Min: &least, P50: &p50, P95: &p95, Max: &most}
	}
	if got.Schema != reports.BenchSchema || len(got.Cells) != 1 || got.Cells[0].Trials != 20 {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff(q(15, 100, 109, 118, 118), got.Cells[0].Fallback); diff != "" {
		t.Errorf("time to fallback (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(q(20, 1, 1, 2, 2), got.Cells[0].Attempts); diff != "" {
		t.Errorf("attempts (-want +got)\n%s", diff)
	}
}

func TestBenchText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := reports.BenchText(&out, benchOf()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1m40s", "1m49s", "1m58s", "over 20 trials", "│ 1–2 ", "│ 15 ", "│ 20 "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestBenchHTML checks the page of a bench, without its script, against a golden, and that it loads
// nothing.
func TestBenchHTML(t *testing.T) {
	var out bytes.Buffer
	if err := reports.BenchHTML(&out, benchOf()); err != nil {
		t.Fatal(err)
	}
	loadsNothing(t, out.String())
	const golden = "testdata/bench.html"
	got := withoutScript(t, out.String())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("%s (-got +want), rewrite with -update:\n%s", golden, diff)
	}
}
