package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/reports"
)

// full is the whole catalogue under every shipped policy, with every timeline, as the command
// writes it.
var full = sync.OnceValues(func() (reports.Report, error) {
	dir, err := os.MkdirTemp("", "chaosrun-browser-*")
	if err != nil {
		return reports.Report{}, err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "chaosrun")
	build := exec.Command("go", "build", "-o", bin, "./cmd/chaosrun")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return reports.Report{}, fmt.Errorf("go build: %w\n%s", err, out)
	}
	args := strings.Fields("run --quiet --timeline all --report json=report.json --report html=report.html")
	for _, policy := range failover.Policies() {
		args = append(args, "--policy", policy.Name)
	}
	run := exec.Command(bin, args...)
	run.Dir = dir
	if out, err := run.CombinedOutput(); run.ProcessState.ExitCode() != 1 { // some policies fail, as they should
		return reports.Report{}, fmt.Errorf("chaosrun run: %w\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		return reports.Report{}, err
	}
	var report reports.Report
	if err := json.Unmarshal(data, &report); err != nil {
		return report, err
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		return report, err
	}
	var again bytes.Buffer
	if err := reports.HTML(&again, report); err != nil {
		return report, err
	}
	if !bytes.Equal(page, again.Bytes()) {
		return report, fmt.Errorf("the page of the command has %d bytes, and that of its JSON report %d others",
			len(page), again.Len())
	}
	return report, nil
})

// catalogue returns the whole catalogue under every policy.
func catalogue(t *testing.T) reports.Report {
	t.Helper()
	needBrowser(t)
	report, err := full()
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// only returns the runs of a report that fit, with their totals.
func only(report reports.Report, fits func(reports.Run) bool) reports.Report {
	some := reports.Report{Schema: report.Schema, Version: report.Version, Seed: report.Seed}
	for _, run := range report.Runs {
		if fits(run) {
			some.Add(run)
		}
	}
	return some
}

// few is a report of three policies and five scenarios: enough for the most tests.
func few(t *testing.T) reports.Report {
	t.Helper()
	return only(catalogue(t), func(run reports.Run) bool {
		switch run.Scenario {
		case "healthy", "heartbeat-only", "server-error", "slow-but-healthy", "early-end":
		default:
			return false
		}
		return run.Policy == "recommended" || run.Policy == "hermes-0.13" || run.Policy == "sdk-defaults"
	})
}

// position returns the position of a run in a report, as the page counts them.
func position(t *testing.T, report reports.Report, scenario, policy string) int {
	t.Helper()
	for i, run := range report.Runs {
		if run.Scenario == scenario && run.Policy == policy {
			return i + 1
		}
	}
	t.Fatalf("there is no run of %s under %s", scenario, policy)
	return 0
}

// addressOf writes the page of a report, and returns its address.
func addressOf(t *testing.T, report reports.Report) string {
	t.Helper()
	var html strings.Builder
	if err := reports.HTML(&html, report); err != nil {
		t.Fatal(err)
	}
	return written(t, "report.html", html.String())
}

// loaded opens a page of a report, waits until its script is done, and sees at the end of the test
// that it did nothing wrong.
func loaded(t *testing.T, url string, l look) *page {
	t.Helper()
	p := open(t, url, l)
	if !l.noScript {
		p.until(`document.documentElement.dataset.ready === '1'`)
	}
	t.Cleanup(p.clean)
	return p
}
