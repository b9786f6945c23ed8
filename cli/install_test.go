package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/targets"
)

// An engine is installed from its target file, started as a worker, and judged: with its watchdog
// it passes, and without it fails. It takes real time: that of a Go build, and the 3 s after which
// the wrong engine's call is cut.
func TestInstallAndRun(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	file, scenario := filepath.Join("testdata", "worker", "target.yaml"),
		filepath.Join("testdata", "worker", "stalls.yaml")
	report := filepath.Join(t.TempDir(), "report.json")
	for _, tt := range []struct {
		line string
		code int
		want []string
	}{
		{"check " + file, cli.ExitPassed, []string{"target installed-worker, no problems"}},
		{
			"run " + scenario + " --target " + file, cli.ExitUnknown,
			[]string{"command not found", "not installed: run `chaosrun install " + file + "`"},
		},
		{"install --list " + file, cli.ExitPassed, []string{"installed-worker  not installed: run"}},
		{"install " + file, cli.ExitPassed, []string{"+ go build", "installed-worker: installed"}},
		{"install " + file, cli.ExitPassed, []string{"installed-worker: installed"}},
		{"explain " + file, cli.ExitPassed, []string{
			"target installed-worker\nAn engine that is built", "state:     installed", "settings:  patience=500ms",
		}},
		{
			"run " + scenario + " --target " + file + " --report json=" + report, cli.ExitPassed,
			[]string{"passed   stalls / installed-worker  answered by secondary"},
		},
		{"run " + scenario + " --target " + file + " --set patience=0s", cli.ExitFailed, []string{
			"failed   stalls / installed-worker", "engine: version 1.2.3, patience=0s",
			"replay: chaosrun run " + scenario + " --target " + file + " --set patience=0s",
		}},
		{"install", cli.ExitUsage, []string{"nothing to install"}},
		{"install nobody", cli.ExitUsage, []string{`no such target: "nobody"`}},
	} {
		code, stdout, stderr := chaosrun(cli.Options{}, strings.Fields(tt.line)...)
		if code != tt.code {
			t.Errorf("%s: exit code %d, want %d", tt.line, code, tt.code)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("%s: no %q in\n%s%s", tt.line, want, stdout, stderr)
			}
		}
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"target_version": "1.2.3"`, `"patience": "500ms"`, `"target": "installed-worker"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in the report", want)
		}
	}
	if logs, err := filepath.Glob(filepath.Join(strings.TrimSuffix(report, ".json")+".logs", "*.log")); err != nil ||
		len(logs) == 0 {
		t.Errorf("no log beside the report, %v", err)
	}
}
