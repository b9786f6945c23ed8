package target_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// flagship runs the reported engine against heartbeats that keep its stream open.
func flagship(t *testing.T, seed uint64) *harness.Trial {
	t.Helper()
	return harness.Run(t, "heartbeat-only", target.Factory(policy(t, "hermes-0.13")), harness.WithSeed(seed))
}

// TestOneSeedOneTimeline runs one seed a thousand times. The timelines are identical per lane,
// including the engine's decisions.
func TestOneSeedOneTimeline(t *testing.T) {
	t.Parallel()
	lanes := func() map[string]string {
		told := map[string]string{}
		for name, events := range flagship(t, 1).Timeline.Lanes() {
			told[name] = timeline.Timeline{Events: events}.String()
		}
		return told
	}
	want := lanes()
	for range 1000 {
		got := lanes()
		if len(got) != len(want) {
			t.Fatalf("%d lanes, want %d", len(got), len(want))
		}
		for name := range want {
			if got[name] != want[name] {
				t.Fatalf("lane %s differs\n%s\nwant\n%s", name, got[name], want[name])
			}
		}
	}
}

// TestAnotherSeedDiffersOnlyInChance compares two seeds. The events have the same order. Their
// times differ at most by the jitter drawn before them.
func TestAnotherSeedDiffersOnlyInChance(t *testing.T) {
	t.Parallel()
	one, two := flagship(t, 1).Timeline.Lanes(), flagship(t, 2).Timeline.Lanes()
	// Two backoffs of [2,3) and [4,6) s, and up to 9 ms of phase for each of the four requests.
	const most = 3*time.Second + 4*9*time.Millisecond
	moved := false
	for lane, events := range one {
		if lane == timeline.EngineLane {
			continue // its texts show the waits that were drawn
		}
		if len(events) != len(two[lane]) {
			t.Fatalf("lane %s has %d events with one seed and %d with another", lane, len(events), len(two[lane]))
		}
		for i, e := range events {
			other := two[lane][i]
			if e.Kind != other.Kind || e.Text != other.Text || e.Count != other.Count {
				t.Errorf("lane %s, event %d: %s %q ×%d with one seed, %s %q ×%d with another", lane, i, e.Kind, e.Text,
					e.Count, other.Kind, other.Text, other.Count)
			}
			if d := (e.At - other.At).Abs(); d > most {
				t.Errorf("lane %s, event %d moved by %s, which is more than all jitter together", lane, i, d)
			}
			moved = moved || e.At != other.At
		}
	}
	if !moved {
		t.Error("two seeds drew the same jitter")
	}
}

// BenchmarkRun measures a whole run of the flagship: fifteen minutes of scenario time.
func BenchmarkRun(b *testing.B) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		b.Fatal(err)
	}
	p := policy(b, "hermes-0.13")
	b.ReportAllocs()
	for b.Loop() {
		if harness.RunScenario(s, target.Factory(p)).Verdict() != assertions.Failed {
			b.Fatal("the bug is gone")
		}
	}
}
