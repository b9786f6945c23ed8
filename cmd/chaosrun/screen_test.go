package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/reports"
)

// tooLong returns the lines that are wider than a screen. A line of one word, such as a URL or a
// path, and a command line may be longer: neither can be copied once it is broken.
func tooLong(output string, width int) (lines []string) {
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		said := strings.TrimLeft(line, " ")
		whole := !strings.Contains(said, " ") || strings.HasPrefix(said, "`")
		for _, start := range []string{"chaosrun ", "export ", "docker run ", "go test "} {
			whole = whole || strings.HasPrefix(said, start)
		}
		if text.StringWidthWithoutEscSequences(line) > width && !whole {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestTooLong shows that the check finds a long line, and nothing in one that may be long.
func TestTooLong(t *testing.T) {
	for line, want := range map[string]int{
		"a sentence that is too long":        1,
		"│ a table │ with │ columns │":       1,
		"  replay: chaosrun run healthy":     1,
		"a short line":                       0,
		"  https://example.com/with/a/path/": 0,
		"  chaosrun run healthy --seed 1":    0,
		"\x1b[31mfailed\x1b[0m   by colour":  0,
	} {
		if got := tooLong(line+"\n", 20); len(got) != want {
			t.Errorf("%q: got %q", line, got)
		}
	}
	// What the program prints on a wide screen does not fit a narrow one.
	wide := output(t, 200, "reproduce", "22277")
	if len(tooLong(wide, 80)) == 0 {
		t.Error("no line of a screen of 200 columns is longer than 80")
	}
}

// notRaced skips a test that prints hundreds of texts one after the other.
func notRaced(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("one goroutine prints, and the race detector takes minutes to see it; .ci/run test runs it without")
	}
}

// output returns what a command line prints for people on a screen.
func output(t *testing.T, width int, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", strconv.Itoa(width))
	var out, problems bytes.Buffer
	o := options()
	o.Args, o.Stdout, o.Stderr = args, &out, &problems
	if code := cli.Main(o); code > cli.ExitUnknown {
		t.Fatalf("%q: exit code %d\n%s", args, code, &problems)
	}
	return out.String()
}

// everyOutput returns command lines that print for people, each subcommand and its help among them.
func everyOutput(t *testing.T) (all []string) {
	t.Helper()
	const commands = "run reproduce exec serve init list check explain report compare bench fixture install " +
		"doctor version"
	for name := range strings.FieldsSeq(commands) {
		all = append(all, name+" --help")
	}
	all = append(all, "", "--help", "dev --help", "dev new --help", "dev cells --help", "dev overlay --help", "version",
		"doctor", "install --list", "reproduce", "reproduce NousResearch/hermes-agent#28161",
		"run --no-html", "run --no-html --policy hermes-0.13 --policy sdk-defaults",
		"run --no-html heartbeat-only --policy hermes-0.13", "run --no-html -q many-callers --policy sdk-defaults",
		"bench heartbeat-only healthy -n 2")
	for what := range strings.FieldsSeq("scenarios faults policies targets protocols expectations") {
		all = append(all, "list "+what)
		for name := range strings.Lines(output(t, 1000, "list", what)) {
			all = append(all, "explain "+strings.TrimSuffix(what, "s")+":"+strings.Fields(name)[0])
		}
	}
	for i := range all {
		all[i] = strings.Replace(all[i], "policie:", "policy:", 1)
	}
	return all
}

// TestEveryLineFits runs the commands on screens of 80 and of 40 columns.
func TestEveryLineFits(t *testing.T) {
	notRaced(t)
	lines := everyOutput(t)
	a, b := filepath.Join(t.TempDir(), "a.json"), filepath.Join(t.TempDir(), "b.json")
	output(t, 80, "run", "healthy", "heartbeat-only", "--policy", "hermes-0.13", "--no-html", "--report", "json="+a)
	output(t, 80, "run", "healthy", "heartbeat-only", "--policy", "hermes-0.13", "--no-html", "--limit",
		"time_to_fallback=20m", "--report", "json="+b)
	scenario := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(scenario, []byte("scenario: mine\nproviders: [{name: a, on_request: [healthy]}]\n"+
		"expect: [answer]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines = append(lines, "report "+a, "compare "+a+" "+b, "check "+scenario, "explain "+scenario)
	for _, width := range []int{80, 40} {
		for _, line := range lines {
			for _, l := range tooLong(output(t, width, strings.Fields(line)...), width) {
				t.Errorf("%s: longer than %d columns:\n%s", line, width, l)
			}
		}
	}
}

// TestEveryRunFits draws every run of the catalogue that fails, with colours and in ASCII.
func TestEveryRunFits(t *testing.T) {
	notRaced(t)
	file := filepath.Join(t.TempDir(), "all.json")
	output(t, 80, "run", "--policy", "hermes-0.13", "--policy", "sdk-defaults", "--policy", "hermes-landed-fix",
		"--no-html", "--report", "json="+file)
	all, err := campaign.LoadReports([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	for _, screen := range []reports.Screen{{}, {Width: 40, Colour: true, ASCII: true}, {Width: 200}} {
		for _, run := range all[0].Runs {
			var out bytes.Buffer
			stream := reports.NewText(&out, reports.Header{Screen: screen})
			if err := stream.Add(run); err != nil {
				t.Fatal(err)
			}
			if err := stream.Close(reports.Summary{}); err != nil {
				t.Fatal(err)
			}
			for _, l := range tooLong(out.String(), screen.Columns()) {
				t.Errorf("%s: longer than %d columns:\n%s", run.Label(), screen.Columns(), l)
			}
			plain := strings.ReplaceAll(out.String(), "\x1b", "")
			if screen.ASCII && strings.ContainsFunc(plain, func(r rune) bool { return r >= 0x80 }) {
				t.Errorf("%s: not ASCII:\n%s", run.Label(), plain)
			}
			if strings.Contains(out.String(), "\x1b[") != screen.Colour {
				t.Errorf("%s: colours %t:\n%s", run.Label(), screen.Colour, out.String())
			}
		}
	}
}
