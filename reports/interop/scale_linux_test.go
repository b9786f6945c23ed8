package interop_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chaosrun/chaosrun/reports"
)

// scale makes the runs of docs/SCALE.md again, which takes minutes, and writes their numbers there.
var scale = flag.Bool("scale", false, "measure again what docs/SCALE.md says, and write it there")

// measured finds the table of the page.
var measured = regexp.MustCompile(`(?s)(<!-- measured -->\n).*(<!-- end -->\n)`)

// TestScale writes the table of docs/SCALE.md: processor time, memory and bytes of reports of the
// tag core, once and many times over.
func TestScale(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "SCALE.md")
	text, err := os.ReadFile(page)
	if err != nil || !measured.Match(text) {
		t.Fatalf("%s has no table: %v", page, err)
	}
	if !*scale {
		t.Skip("it takes minutes: -scale")
	}
	program := filepath.Join(t.TempDir(), "chaosrun")
	build := exec.Command("go", "build", "-o", program, "./cmd/chaosrun")
	build.Dir = filepath.Join("..", "..")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var table strings.Builder
	table.WriteString("| runs | runs for a second of one core | memory |")
	for _, kind := range reports.Kinds() {
		fmt.Fprintf(&table, " `%s` |", kind)
	}
	table.WriteString("\n|" + strings.Repeat("---:|", 3+len(reports.Kinds())) + "\n")
	for _, repeat := range []int{4, 40, 400} {
		table.WriteString(measure(t, program, repeat))
	}
	fmt.Fprintf(&table, "\nMeasured with %s on %s/%s.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	text = measured.ReplaceAll(text, []byte("${1}"+table.String()+"${2}"))
	if err := os.WriteFile(page, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// verdicts finds the number of runs in the summary.
var verdicts = regexp.MustCompile(`(\d+) passed`)

// measure returns a row of the table.
func measure(t *testing.T, program string, repeat int) string {
	t.Helper()
	folder := t.TempDir()
	args := []string{"run", "--tags", "core", "--repeat", strconv.Itoa(repeat), "--quiet", "--no-html"}
	for _, kind := range reports.Kinds() {
		args = append(args, "--report", kind+"="+filepath.Join(folder, kind))
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found := verdicts.FindStringSubmatch(string(out))
	if found == nil {
		t.Fatalf("no summary: %s", out)
	}
	runs, _ := strconv.Atoi(found[1]) // the expression matches digits
	spent := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	var row strings.Builder
	fmt.Fprintf(&row, "| %d | %.0f | %d MB |", runs, float64(runs)/spent, usage.Maxrss/1000)
	for _, kind := range reports.Kinds() {
		info, err := os.Stat(filepath.Join(folder, kind))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&row, " %.1f kB |", float64(info.Size())/1000/float64(runs))
	}
	return row.String() + "\n"
}
