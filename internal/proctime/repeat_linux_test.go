//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// TestRunsRepeat runs each program twice with one seed, and once with another. Its random numbers
// are the same with the same seed, and so are the times that it prints. Programs with more than
// one thread are no part of this: those of Go draw the random numbers of each thread in the order
// in which the machine starts them.
func TestRunsRepeat(t *testing.T) {
	for name, program := range map[string][]string{
		"Python": {"python3", filepath.Join("testdata", "repeat.py")},
		"shell":  {"bash", filepath.Join("testdata", "repeat.sh")},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Skipf("there is no %s on this machine", program[0])
			}
			said := func(seed uint64) string {
				out, _ := command(t, proctime.Options{Command: program, FreeCPU: true, Seeded: true, Seed: seed})
				return out
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
