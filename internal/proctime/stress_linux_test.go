//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// exchange runs a child that exchanges data all the time.
func exchange(t *testing.T, name string, rounds int, o proctime.Options) (tally, proctime.Report) {
	t.Helper()
	if raceDetector {
		t.Skip("a process that is forked without exec may inherit a lock that a thread of the race detector holds, " +
			"and wait for it for ever")
	}
	o.Env = append(os.Environ(), fmt.Sprintf("ROUNDS=%d", rounds))
	out, report := run(t, name, o)
	var got tally
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	t.Logf("%s: %d waits, %d wrong, in %s", name, got.Good, got.Wrong, report.Real)
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
		"pingpong": size(2_000, 100_000), "threads": size(2_000, 100_000), "processes": size(2_000, 100_000),
		"forks": size(100, 1_000),
		"nagle": size(50, 250), "silent pipes": size(10_000, 100_000), "silent TCP": size(10_000, 100_000),
		"reaper": size(10_000, 100_000),
	} {
		t.Run(name+"/one processor", func(t *testing.T) { noFalseJump(t, name, rounds, false) })
		t.Run(name+"/all processors", func(t *testing.T) { noFalseJump(t, name, max(rounds/5, 100), true) })
	}
}

func noFalseJump(t *testing.T, name string, rounds int, spread bool) {
	t.Helper()
	got, report := exchange(t, name, rounds, proctime.Options{Spread: spread})
	if got.Wrong != 0 {
		t.Errorf("%d of %d waits timed out", got.Wrong, got.Good+got.Wrong)
	}
	if got.Good < int64(rounds) {
		t.Errorf("got %d rounds, want %d", got.Good, rounds)
	}
	accounted(t, report, false)
}

// TestNoFalseJumpOnABusyMachine does so beside eight processes that never sleep, outside of the
// tree.
func TestNoFalseJumpOnABusyMachine(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	const loops = 8
	for range loops {
		occupy(t, "busy")
	}
	for name, rounds := range map[string]int{
		"pingpong": size(50, 1_000), "processes": size(200, 2_000), "forks": size(10, 50), "nagle": size(10, 50),
		"silent TCP": size(500, 2_000),
	} {
		t.Run(name, func(t *testing.T) { noFalseJump(t, name, rounds, false) })
	}
}

// TestNoFalseJumpOfThreads lets two hundred threads of one process exchange data. It is a program
// of Rust, which has no scheduler of its own.
func TestNoFalseJumpOfThreads(t *testing.T) {
	if _, err := exec.LookPath("rustc"); err != nil {
		t.Skip("there is no rustc on this machine")
	}
	program := filepath.Join(t.TempDir(), "stress")
	made(t, nil, "rustc", "-O", "-o", program, filepath.Join("testdata", "stress.rs"))
	rounds := size(5_000, 100_000)
	for how, spread := range map[string]bool{"one processor": false, "all processors": true} {
		t.Run(how, func(t *testing.T) {
			out, report := command(t, proctime.Options{
				Command: []string{program, strconv.Itoa(rounds)}, Spread: spread,
			})
			fulfilled(t, out, rounds)
			accounted(t, report, false)
		})
	}
}

// fulfilled checks that enough waits were made, and none of them timed out.
func fulfilled(t *testing.T, out string, rounds int) {
	t.Helper()
	var got tally
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	if got.Wrong != 0 || got.Good < int64(rounds) {
		t.Errorf("%d waits timed out and %d were fulfilled, want none and %d", got.Wrong, got.Good, rounds)
	}
}

// occupy keeps a processor busy until the test ends.
func occupy(t *testing.T, name string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "child", name)
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

// TestEachRule switches each rule off by which the tracer knows that a tree sleeps, and plays
// until the counter has seen a wrong jump. That no packet waits in a backlog is not among them:
// since Linux 6.4 a packet over loopback is handed over before the call that sends it returns.
func TestEachRule(t *testing.T) {
	for rule, play := range map[string]struct {
		name   string
		rounds int
		// certain says that a wrong jump does not depend on when exactly the tracer looks.
		certain bool
	}{
		"second look": {"silent TCP", 100_000, false}, "running": {"reaper", 500_000, false},
		"deaths": {"forks", 200, true}, "TCP": {"nagle", 20, true},
	} {
		t.Run(rule, func(t *testing.T) {
			began, limit := time.Now(), 15*time.Second
			for {
				got, _ := exchange(t, play.name, play.rounds, proctime.Without(proctime.Options{Spread: true}, rule))
				if got.Wrong > 0 {
					return
				}
				if time.Since(began) > limit {
					break
				}
			}
			if play.certain {
				t.Errorf("without the rule no wrong jump was seen in %s", limit)
			} else {
				t.Skipf("it takes two processors at the right moment: without the rule no wrong jump was seen in %s",
					limit)
			}
		})
	}
}

// TestBacklog has packets wait on one of two processors.
func TestBacklog(t *testing.T) {
	const idle = "00000b21 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 " +
		"00000000 00000000 00000000 00000000\n"
	waiting := strings.Replace(idle, "00000000 00000000 00000000 00000000\n", "0000000a 00000001 00000000 0000000a\n",
		1)
	for text, want := range map[string]int{
		"": 0, idle: 0, idle + waiting: 10, waiting + waiting: 20, "000012f3 00000000\n": 0,
	} {
		file := filepath.Join(t.TempDir(), "softnet_stat")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := proctime.Backlog(file); got != want {
			t.Errorf("got %d packets, want %d in:\n%s", got, want, text)
		}
	}
}
