package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
)

var inTmux = flag.Bool("tmux", false, "run the command in terminals of tmux, which has to be installed")

// A pane is a terminal of a tmux server of its own.
type pane struct {
	t      *testing.T
	socket string
}

// tmux runs a command of tmux and returns what it prints.
func (p pane) tmux(args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "tmux", append([]string{"-S", p.socket}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// until waits until the terminal shows a text, and returns all that it shows. Lines that the
// terminal broke are whole.
func (p pane) until(text string) string {
	p.t.Helper()
	shown := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if shown = p.tmux("capture-pane", "-p", "-e", "-J", "-S", "-"); strings.Contains(shown, text) {
			return shown
		}
	}
	p.t.Fatalf("no %q in\n%s", text, shown)
	return ""
}

// TestTerminal interrupts runs on the wall clock in terminals of 80 and 40 columns, with and
// without colours.
func TestTerminal(t *testing.T) {
	if !*inTmux {
		t.Skip("without -tmux: it needs tmux and real time")
	}
	program := filepath.Join(t.TempDir(), "chaosrun")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, width := range []int{80, 40} {
		for _, environment := range []string{"NO_COLOR=", "NO_COLOR=1", "TERM=dumb"} {
			name := fmt.Sprintf("%d columns %s", width, strings.ReplaceAll(environment, "=", " "))
			t.Run(name, func(t *testing.T) {
				interrupted(t, program, width, environment)
			})
		}
	}
}

func interrupted(t *testing.T, program string, width int, environment string) {
	t.Helper()
	dir := t.TempDir()
	p := pane{t, filepath.Join(dir, "socket")}
	report := filepath.Join(dir, "report.json")
	script := filepath.Join(dir, "script.sh")
	line := fmt.Sprintf("trap : INT\nexport LC_ALL=C.UTF-8 %s\n"+
		"%s run healthy empty-answer heartbeat-only --policy hermes-0.13 --clock wall --no-html --report json=%s\n"+
		"echo \"exit $?\"\nsleep 60\n", environment, program, report)
	if err := os.WriteFile(script, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	p.tmux("-u", "new-session", "-d", "-x", strconv.Itoa(width), "-y", "100", "sh "+script)
	defer p.tmux("kill-server")
	if environment == "TERM=dumb" {
		time.Sleep(5 * time.Second) // no progress says when two runs are over
	} else {
		p.until("2/3")
	}
	p.tmux("send-keys", "C-c")
	shown := p.until("exit 130")
	for _, l := range tooLong(shown, width) {
		if !strings.Contains(l, program) {
			t.Errorf("a line that the terminal broke:\n%s", l)
		}
	}
	if strings.Contains(shown, "2/3") {
		t.Errorf("the progress is left:\n%s", shown)
	}
	const green = "\x1b[32mpassed"
	coloured := strings.Contains(shown, green)
	if coloured != (environment == "NO_COLOR=") || !strings.Contains(shown, "passed") {
		t.Errorf("colours: %t\n%s", coloured, shown)
	}
	all, err := campaign.LoadReports([]string{report})
	if err != nil || len(all[0].Runs) != 2 {
		t.Errorf("%v, %+v", err, all)
	}
}
