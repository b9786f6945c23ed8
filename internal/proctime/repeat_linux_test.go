//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// repeat prints how time passes, to a tenth of a second, random numbers and the order of a map.
func repeat() {
	began := time.Now()
	for range 5 {
		fmt.Println(time.Since(began).Truncate(time.Second/10), rand.Uint64(), slices.Collect(maps.Keys(children())))
		time.Sleep(time.Duration(1+rand.IntN(60)) * time.Second)
	}
}

// TestRunsRepeat runs each program twice with one seed, and once with another. Its random numbers are
// the same with the same seed, and so is the time that passes: to the nanosecond. A program of Go has
// a second thread that looks at the clock as often as the machine lets it, so its time is the same to
// some hundred microseconds.
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
				if name == "Go" {
					return out
				}
				return fmt.Sprint(out, report.Virtual)
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
