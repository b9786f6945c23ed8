//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// TestEveryWaitAtAPace makes each kind of wait on clocks that do not jump. By the program's clock
// each takes what it should, and by ours all take a Kth of that. A busy machine makes them late,
// so what is asked is a ratio, of the median wait.
func TestEveryWaitAtAPace(t *testing.T) {
	for _, tt := range []struct {
		speed float64
		each  time.Duration
	}{{20, 2 * time.Second}, {100, 10 * time.Second}} {
		out, report := run(t, "waits", proctime.Options{
			Speed: tt.speed, Env: append(os.Environ(), "LENGTH="+tt.each.String()),
		})
		n, late, sum := 0, 0, time.Duration(0)
		for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); n++ {
			var w waited
			if err := dec.Decode(&w); err != nil {
				t.Fatal(err)
			}
			sum += w.Took
			if w.Took < tt.each {
				t.Errorf("x%g: %s took %s, less than %s", tt.speed, w.Name, w.Took, tt.each)
			}
			if w.Took > tt.each*5/4 {
				late++
				t.Logf("x%g: %s took %s", tt.speed, w.Name, w.Took)
			}
		}
		if n < 15 || late > n/2 {
			t.Errorf("x%g: %d of %d waits took more than a quarter longer than they should", tt.speed, late, n)
		}
		if ratio := float64(report.Virtual) / float64(report.Real); ratio < tt.speed*0.9 || ratio > tt.speed*1.01 ||
			report.Jumps > 0 {
			t.Errorf("x%g: got %s, which is x%.1f", tt.speed, report, ratio)
		}
		if report.Virtual < sum {
			t.Errorf("x%g: the waits took %s of %s", tt.speed, sum, report.Virtual)
		}
	}
}

// TestPaceNeedsLittle lets a tree sleep. The tracer must not spin meanwhile.
func TestPaceNeedsLittle(t *testing.T) {
	used := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			t.Fatal(err)
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	if err := proctime.Supported(); err != nil {
		t.Skip(err)
	}
	before := used()
	_, report := run(t, "minute-long", proctime.Options{Speed: 30})
	if share := float64(used()-before) / float64(report.Real); share > 0.5 {
		t.Errorf("the tracer used %.0f%% of a processor while the tree slept", 100*share)
	} else {
		t.Logf("the tracer used %.1f%% of a processor", 100*share)
	}
}

// TestReadersOfTheClockLetOthersWake lets one thread read the clock all the time beside one that
// sleeps.
func TestReadersOfTheClockLetOthersWake(t *testing.T) {
	for _, speed := range []float64{0, 20} {
		if out, _ := run(t, "readers", proctime.Options{Speed: speed}); strings.TrimSpace(out) != "true" {
			t.Errorf("x%g: the sleeper woke too late or too early", speed)
		}
	}
}

// TestReceiveTimeoutsBeginAnew receives a byte each 6 s with a timeout of 10 s.
func TestReceiveTimeoutsBeginAnew(t *testing.T) {
	for _, speed := range []float64{0, 20} {
		if out, _ := run(t, "receives", proctime.Options{Speed: speed}); strings.TrimSpace(out) != "<nil> <nil> <nil>" {
			t.Errorf("x%g: got %s", speed, out)
		}
	}
}

// TestProgramsOfOneThreadRepeatExactly runs a script twice with the same seed while the processor
// is free: what its programs draw, how long they wait and when each begins is equal to the
// nanosecond.
func TestProgramsOfOneThreadRepeatExactly(t *testing.T) {
	const script = `a=$(date +%s%N); for i in 1 2 3; do mktemp -u /tmp/XXXXXXXXXX; sleep 0.37; echo $(( $(date +%s%N) - a )); done`
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output(); err != nil || len(out) == 0 {
		t.Skipf("this system's sh, date and mktemp cannot run the script: %v", err)
	}
	play := func(seed uint64) string {
		out, _ := command(t, proctime.Options{
			Command: []string{"sh", "-c", script}, FreeCPU: true, Seeded: true, Seed: seed,
		})
		return out
	}
	first, again, other := play(7), play(7), play(8)
	if first != again {
		t.Errorf("got\n%s\nand\n%s", first, again)
	}
	if first == other {
		t.Errorf("another seed changes nothing:\n%s", first)
	}
}
