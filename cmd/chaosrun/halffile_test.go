//go:build unix

package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A report is whole or was never there, whatever ends the program at whichever moment.
func TestNoHalfFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	chance := rand.New(rand.NewPCG(1, 0))
	whole, killed := 0, 0
	var span time.Duration // a little more than the first run takes, which nobody kills
	for i := range 13 {
		started, moment := time.Now(), time.Hour
		if i > 0 {
			moment = time.Duration(chance.Float64() * float64(span))
		}
		cmd := exec.CommandContext(t.Context(), "chaosrun", "run", "--no-html", "--repeat", "4", "-q",
			"--timeline", "all", "--report", "json="+file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // killed or not
		kill.Stop()
		if i == 0 {
			span = time.Since(started) * 9 / 8
		}
		if cmd.ProcessState.ExitCode() < 0 {
			killed++
		}
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		whole++
		if !json.Valid(data) {
			t.Fatalf("a report of %d bytes is not whole", len(data))
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if whole == 0 || killed == 0 {
		t.Errorf("%d reports, %d killed: nothing was tried", whole, killed)
	}
}
