//go:build unix

package harness_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// standingEnv makes the test binary a program that makes one run on the wall clock, and prints its
// first finding.
const standingEnv = "CHAOSRUN_TEST_STANDING"

// TestAMachineThatStops stops a program in the middle of a run. It takes real time, because only
// the kernel can stop a process, and it has to be longer than a busy machine pauses.
func TestAMachineThatStops(t *testing.T) {
	if os.Getenv(standingEnv) != "" {
		stand(t)
		return
	}
	t.Parallel()
	for stopped, says := range map[time.Duration]string{
		3 * time.Second:        "the harness could not look: the machine stopped for 3",
		300 * time.Millisecond: "the call was answered by primary",
	} {
		t.Run(stopped.String(), func(t *testing.T) {
			t.Parallel()
			if got := standFor(t, stopped); !strings.Contains(got, says) {
				t.Errorf("after it stood still for %s: %q, want %q", stopped, got, says)
			}
		})
	}
}

// standFor starts the program, stops it for a while once its call has begun, and returns what it
// prints.
func standFor(t *testing.T, stopped time.Duration) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self, "-test.run=^TestAMachineThatStops$")
	program.Env = append(os.Environ(), standingEnv+"=1")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	begun := make([]byte, len("begun"))
	if _, err := io.ReadFull(out, begun); err != nil {
		t.Fatal(err)
	}
	for _, step := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := program.Process.Signal(step); err != nil {
			t.Fatal(err)
		}
		if step == syscall.SIGSTOP {
			time.Sleep(stopped)
		}
	}
	_ = in.Close() // the call goes on, for as long as several ticks
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("%v: %s", err, rest)
	}
	return string(rest)
}

// stand makes a run whose call lasts until standard input ends.
func stand(t *testing.T) {
	t.Helper()
	run := harness.RunScenario(scenarios.OfFault("standing", fakeprovider.Healthy{}),
		primary(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
			fmt.Print("begun")
			_, _ = io.Copy(io.Discard, os.Stdin) // until it is closed
			return ask(ctx, u, "/v1/chat/completions", emit)
		}), harness.WithClock(harness.Wall()))
	fmt.Println(run.Judgement.Results[0].Message)
}
