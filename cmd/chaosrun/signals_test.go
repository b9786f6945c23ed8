//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// signalled is how long a command may take to end after a signal. Alone it takes some 0.2 s.
const signalled = 5 * time.Second

// In every clock a signal ends what runs and writes the reports of what had finished.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for clock, args := range map[string]string{
			"virtual": "run --repeat 1000000 -q", "x10": "run heartbeat-only --clock x10", "wall": "run heartbeat-only --clock wall",
		} {
			t.Run(clock+"/"+signal.String(), func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "report.json")
				code, said, took := signalledAfter(t, signal, append(strings.Fields(args), "--report", "json="+file)...)
				if code != 130 || took > signalled {
					t.Errorf("exit code %d after %s: %s", code, took, said)
				}
				if data, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(data, []byte("{")) || !bytes.HasSuffix(data, []byte("}\n")) {
					t.Errorf("%v, the report is %.200q", err, data)
				}
			})
		}
	}
}

// signalledAfter starts a command, sends it a signal a moment later, and returns how it ended and
// how long that took. A signal that comes before the command heeds it kills the command, which
// then has no exit code: it is started again, with more time.
func signalledAfter(t *testing.T, signal syscall.Signal, args ...string) (code int, said string, took time.Duration) {
	t.Helper()
	for moment := 500 * time.Millisecond; ; moment *= 2 {
		cmd := exec.CommandContext(t.Context(), "chaosrun", args...)
		var err bytes.Buffer
		cmd.Stderr = &err
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(moment)
		start := time.Now()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the exit code tells
		if code = cmd.ProcessState.ExitCode(); code >= 0 || moment > 10*time.Second {
			return code, err.String(), time.Since(start)
		}
	}
}
