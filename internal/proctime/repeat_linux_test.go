//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// repeat prints clocks and random numbers of a program of Go.
func repeat() {
	for range 5 {
		fmt.Println(time.Now().UnixNano(), rand.Uint64())
		time.Sleep(time.Duration(rand.Int64N(int64(time.Minute))))
	}
}

// TestRunsRepeat runs each program twice with one seed, and once with another. Its clocks and random
// numbers are the same with the same seed: to the nanosecond, but for the moment of the start.
func TestRunsRepeat(t *testing.T) {
	for name, program := range map[string][]string{
		"Python": {"python3", filepath.Join("testdata", "repeat.py")}, "shell": {"bash", filepath.Join("testdata", "repeat.sh")},
		"Go": {"/proc/self/exe", "child", "repeat"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Skipf("there is no %s on this machine", program[0])
			}
			said := func(seed uint64) string {
				out, report := command(t, proctime.Options{
					Command: program, FreeCPU: true, Seeded: true, Seed: seed, Env: append(os.Environ(), "GOMAXPROCS=1"),
				})
				return fmt.Sprint(out, cmp.Or(report.Virtual, 1))
			}
			first, again, other := said(7), said(7), said(8)
			if first != again {
				t.Errorf("got\n%s\nand with the same seed\n%s", first, again)
			}
			if first == other {
				t.Errorf("got the same with another seed:\n%s", other)
			}
		})
	}
}
