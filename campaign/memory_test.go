package campaign_test

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

// passing returns a plan with many runs that pass.
func passing(tb testing.TB, runs int) *campaign.Plan {
	tb.Helper()
	plan, err := campaign.NewPlan([]campaign.Variant{{Name: "mine", Factory: newPlain}}, campaign.Options{
		Scenarios: []string{"healthy"}, Repeat: runs,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

// heldBy makes the runs and returns the bytes held after the last one, before anything is
// released.
func heldBy(tb testing.TB, runs int) uint64 {
	tb.Helper()
	var sinks []campaign.Sink
	for _, kind := range reports.Kinds() {
		sinks = append(sinks, campaign.Sink{Kind: kind, Writer: io.Discard})
	}
	report, err := campaign.OpenReport(sinks, reports.All(), reports.Header{}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	done := 0
	var held uint64
	result, err := passing(tb, runs).Execute(tb.Context(), func(run reports.Run) error {
		if done++; done == runs {
			held = heap()
		}
		return report.Add(run)
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := report.Close(result.Summary); err != nil {
		tb.Fatal(err)
	}
	if result.Summary.Passed != runs {
		tb.Fatalf("got %+v", result.Summary)
	}
	return held
}

func heap() uint64 {
	runtime.GC() //nolint:revive // what is held is what is left after it
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Passed runs take no memory. Ten times as many runs hold the same number of bytes, apart from the
// report buffers. Stored in full, the runs would take 10 MB.
func TestMemoryDoesNotGrowWithPassedRuns(t *testing.T) {
	few, many := 200, 2_000
	heldBy(t, few) // what is computed once
	small, large := heldBy(t, few), heldBy(t, many)
	t.Logf("%d runs hold %d KB, %d runs %d KB", few, small>>10, many, large>>10)
	if large > small+(1<<20) {
		t.Errorf("%d runs hold %d KB, and %d runs %d KB", few, small>>10, many, large>>10)
	}
}

// TestManyRuns makes CHAOSRUN_RUNS runs and logs the peak memory of the process.
func TestManyRuns(t *testing.T) {
	runs, err := strconv.Atoi(os.Getenv("CHAOSRUN_RUNS"))
	if err != nil {
		t.Skip("set CHAOSRUN_RUNS=1000000 to make a million runs")
	}
	held := heldBy(t, runs)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d runs: %d KB held at the end, %d KB asked of the system at most: heap %d, stacks %d, collector %d, "+
		"other %d",
		runs, held>>10, m.Sys>>10, m.HeapSys>>10, m.StackSys>>10, m.GCSys>>10, m.OtherSys>>10)
}

// BenchmarkRun measures one run of a campaign. go test ./campaign -bench Run -benchtime 1000000x
// makes a million.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	heldBy(b, b.N)
}
