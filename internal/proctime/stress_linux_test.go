//go:build linux && amd64

package proctime_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// exchange runs a child that exchanges data all the time.
func exchange(t *testing.T, name string, rounds int, o proctime.Options) (tally, proctime.Report) {
	t.Helper()
	o.Env = append(os.Environ(), fmt.Sprintf("ROUNDS=%d", rounds))
	out, report := run(t, name, o)
	var got tally
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	t.Logf("%s: %d rounds, %d wrong, in %s", name, got.Rounds, got.Wrong, report.Real)
	return got, report
}

// size is how many rounds a child plays: many with the flag -stress, else few.
func size(few, many int) int {
	if *stress {
		return many
	}
	return few
}

// TestNoFalseJump lets threads and processes exchange data all the time. A wait that times out
// shows that the clock jumped while data was under way.
func TestNoFalseJump(t *testing.T) {
	for name, rounds := range map[string]int{
		"pingpong": size(2_000, 100_000), "threads": size(5_000, 100_000), "forks": size(100, 1_000), "nagle": size(50, 250),
	} {
		for how, spread := range map[string]bool{"one processor": false, "all processors": true} {
			t.Run(name+"/"+how, func(t *testing.T) { noFalseJump(t, name, rounds, spread) })
		}
	}
}

func noFalseJump(t *testing.T, name string, rounds int, spread bool) {
	t.Helper()
	got, report := exchange(t, name, rounds, proctime.Options{Spread: spread})
	if got.Wrong != 0 {
		t.Errorf("%d of %d waits timed out", got.Wrong, got.Rounds+got.Wrong)
	}
	if got.Rounds < int64(rounds) {
		t.Errorf("got %d rounds, want %d", got.Rounds, rounds)
	}
	accounted(t, report, false)
}

// TestNoFalseJumpOnABusyMachine does so beside eight processes that never sleep, outside of the tree.
func TestNoFalseJumpOnABusyMachine(t *testing.T) {
	if err := proctime.Supported(); err != nil {
		t.Skip(err)
	}
	const loops = 8
	for range loops {
		occupy(t)
	}
	for name, rounds := range map[string]int{
		"pingpong": size(200, 5_000), "threads": size(1_000, 10_000), "forks": size(10, 100), "nagle": size(10, 50),
	} {
		t.Run(name, func(t *testing.T) { noFalseJump(t, name, rounds, false) })
	}
}

// occupy keeps a processor busy until the test ends.
func occupy(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "child", "busy")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	if line := make([]byte, 8); true {
		if _, err := out.Read(line); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClockBesideOthers has programs that are awake, or stopped, while the clock is to move.
func TestClockBesideOthers(t *testing.T) {
	for _, name := range []string{"spin", "stop"} {
		if out, _ := run(t, name, proctime.Options{}); strings.TrimSpace(out) != "true" {
			t.Errorf("%s: got %s", name, out)
		}
	}
}

// TestEachRule switches each rule off by which the tracer knows that a tree sleeps. The counter of
// wrong jumps then counts some, so it would see one.
func TestEachRule(t *testing.T) {
	for _, rule := range proctime.Rules() {
		for _, name := range []string{"pingpong", "threads", "forks", "nagle"} {
			for _, spread := range []bool{false, true} {
				n := map[string]int{"pingpong": 5000, "threads": 5000, "forks": 200, "nagle": 20}[name]
				got, report := exchange(t, name, n, proctime.Without(proctime.Options{Spread: spread}, rule))
				t.Logf("XX %s without, %s, spread %v: %d wrong of %d  %s", rule, name, spread, got.Wrong, got.Rounds, report.Real)
			}
		}
	}
}
