package interop_test

import (
	"encoding/json"
	"testing"

	"github.com/google/chrometracing/traceinternal"

	"github.com/chaosrun/chaosrun/timeline"
)

// TestChromeTrace reads the trace of the catalogue with the types of google/chrometracing, and
// checks what the Trace Event Format asks for: that the slices of a thread do not overlap, that
// every thread and process has a name, and that every arrow has two ends in slices or instants.
func TestChromeTrace(t *testing.T) {
	report := catalogue(t)
	text := written(t, "chrome-trace", report)
	if again := written(t, "chrome-trace", report); string(again) != string(text) {
		t.Error("one report, two traces")
	}
	var trace struct {
		Events []traceinternal.ViewerEvent `json:"traceEvents"`
	}
	if err := json.Unmarshal(text, &trace); err != nil {
		t.Fatal(err)
	}
	type thread struct{ process, thread uint64 }
	names, ends, arrows := map[thread]string{}, map[thread]float64{}, map[uint64][]traceinternal.ViewerEvent{}
	var slices, beats int
	for _, e := range trace.Events {
		at := thread{e.Pid, e.Tid}
		args, _ := e.Arg.(map[string]any)
		switch e.Phase {
		case "M":
			if name, ok := args["name"].(string); ok {
				names[at] = name
			}
			continue
		case "X":
			slices++
			if e.Time < ends[at]-0.001 || e.Dur < 0 { // a nanosecond, because floats are not exact
				t.Errorf("%v overlaps the slice before it", e)
			}
			ends[at] = e.Time + e.Dur
			if n, ok := args["heartbeats"].(float64); ok {
				beats += int(n)
			}
		case "i":
			if e.Scope != "t" {
				t.Errorf("%v has no scope", e)
			}
		case "s", "f":
			arrows[e.ID] = append(arrows[e.ID], e)
		default:
			t.Errorf("%v has the phase %q", e, e.Phase)
		}
		if names[at] == "" || names[thread{e.Pid, 0}] == "" {
			t.Errorf("%v is in a thread without a name", e)
		}
	}
	for id, both := range arrows {
		if len(both) != 2 || both[0].Phase != "s" || both[1].Phase != "f" || both[1].Time < both[0].Time {
			t.Errorf("arrow %d is %v", id, both)
		}
	}
	want := 0
	for _, run := range report.Runs {
		for _, e := range run.Timeline {
			if e.Kind == timeline.HeartbeatSent {
				want += max(1, e.Count)
			}
		}
	}
	if got := len(report.Runs); names[thread{uint64(got), 0}] == "" || names[thread{uint64(got) + 1, 0}] != "" {
		t.Errorf("there is not one process for each of %d runs", got)
	}
	if slices < 500 || len(arrows) < 5 || beats != want {
		t.Errorf("%d slices, %d arrows, and %d heartbeats of %d", slices, len(arrows), beats, want)
	}
}
