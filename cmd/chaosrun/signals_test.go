//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// signalled is how long a command may take to end after a signal. Alone it takes some 0.2 s.
const signalled = 5 * time.Second

// deaf is when a command that did not heed a signal is killed.
const deaf = time.Minute

// In every clock a signal ends what runs and writes the reports of what had finished.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for clock, args := range map[string]string{
			"virtual": "run --repeat 1000000 -q", "x10": "run heartbeat-only --clock x10",
			"wall": "run heartbeat-only --clock wall",
		} {
			t.Run(clock+"/"+s.String(), func(t *testing.T) {
				t.Parallel()
				if signal.Ignored(s) {
					t.Skipf("%s is ignored here, as under nohup, and what these tests start ignores it too", s)
				}
				file := filepath.Join(t.TempDir(), "report.json")
				code, said, took := signalledAfter(t, s, append(strings.Fields(args), "--report", "json="+file)...)
				if code != 130 || took > signalled {
					t.Errorf("exit code %d after %s: %s", code, took, said)
				}
				if data, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(data, []byte("{")) ||
					!bytes.HasSuffix(data, []byte("}\n")) {
					t.Errorf("%v, the report is %.200q", err, data)
				}
			})
		}
	}
}

// signalledAfter starts a command, sends it a signal a moment later, and returns how it ended and
// how long that took. A signal that comes before the command heeds it kills the command, which
// then has no exit code: it is started again, with more time.
func signalledAfter(t *testing.T, s syscall.Signal, args ...string) (code int, said string, took time.Duration) {
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
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		patience := time.AfterFunc(deaf, func() { _ = cmd.Process.Kill() }) // it may be gone
		_ = cmd.Wait()                                                      // the exit code tells
		patience.Stop()
		if code = cmd.ProcessState.ExitCode(); code >= 0 || moment > 10*time.Second {
			return code, err.String(), time.Since(start)
		}
	}
}
