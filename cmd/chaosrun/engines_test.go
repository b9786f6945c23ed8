package main

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/reports"
)

var engines = flag.Bool("engines", false, "run engines that `chaosrun install` has installed")

// TestPoliciesDoWhatTheReleasesDo runs each release of the reported engine that ships, with its
// timer at 3 s and on the real clock, and its policy.yaml. Both ask as often, and fall back
// equally late: the engine later by what the policy leaves out, which is the start of a process
// (up to 3 s), the pause between two looks at the timer (0.3 s a kill), and the pause until the
// next heartbeat, at which a kill is noticed. It takes two minutes of real time.
func TestPoliciesDoWhatTheReleasesDo(t *testing.T) {
	if !*engines {
		t.Skip("it needs installed engines, and -engines: see make targets")
	}
	const cadence, poll, start = 500 * time.Millisecond, 300 * time.Millisecond, 3 * time.Second
	for release, fallsBack := range map[string]bool{"0.13": true, "0.18": true, "0.19": false} {
		name := "hermes-agent-" + release
		t.Run(name, func(t *testing.T) {
			common := []string{"run", "heartbeat-only-small", "--cadence", cadence.String(), "--limit", "call=1m"}
			engine := oneRun(t, append(common, "--target", name+"@reported", "--clock", "wall")...)
			if engine.TargetVersion == "" {
				t.Skipf("%s is not installed", name)
			}
			policy := oneRun(t,
				append(common, "--policy", filepath.Join("..", "..", "targets", name, "policy.yaml"))...)
			if len(engine.Calls) != 1 || len(policy.Calls) != 1 {
				t.Fatalf("no call was made: %+v", engine.Expectations)
			}
			e, p := engine.Calls[0].Measures, policy.Calls[0].Measures
			if e.Attempts["primary"] != p.Attempts["primary"] || e.Attempts["primary"] == 0 {
				t.Errorf("%d requests, and %d by the policy", e.Attempts["primary"], p.Attempts["primary"])
			}
			if got := [2]bool{e.TimeToFallback != nil, p.TimeToFallback != nil}; got != [2]bool{fallsBack, fallsBack} {
				t.Fatalf("that it falls back, and its policy: got %v, want %t", got, fallsBack)
			}
			if !fallsBack {
				return
			}
			took, least := e.TimeToFallback.Duration(), p.TimeToFallback.Duration()
			most := least + start + time.Duration(p.Attempts["primary"])*(cadence+poll)
			// The backoffs are drawn at random, by each.
			const jitter = 3 * time.Second
			if took < least-jitter || took > most+jitter {
				t.Errorf("it falls back after %s, and by its policy after %s, at most %s", took, least, most)
			}
		})
	}
}

// oneRun returns the only run of a command line.
func oneRun(t *testing.T, args ...string) reports.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	o := options()
	o.Args, o.Stdout, o.Stderr = append(args, "--no-html", "--report", "json="+file), io.Discard, t.Output()
	code := cli.Main(o)
	var report reports.Report
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &report)
	}
	if err != nil || len(report.Runs) != 1 {
		t.Fatalf("exit code %d, %d runs, %v: %s", code, len(report.Runs), err, data)
	}
	return report.Runs[0]
}
