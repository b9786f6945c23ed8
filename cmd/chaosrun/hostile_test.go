//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostileLimit is how long a refusal may take. A table of them runs beside other tests, so it is
// several times what one takes alone, some 0.2 s, and 1.2 s for a pipe without a writer.
const hostileLimit = 10 * time.Second

// A hostileRow is a command line that has to be refused, or to do what it says, quickly.
type hostileRow struct {
	args string // words, apart from those in more
	more []string
	code int
	says string // what the first line of standard error begins with, behind "chaosrun: "
}

// hostileFiles are the files of the table, by name. FIFO is made beside them.
func hostileFiles() map[string]string {
	scenario := func(entry string) string {
		return "scenario: x\nproviders:\n  - name: primary\n    on_request: [" + entry + "]\nexpect: [no_leaks]\n"
	}
	return map[string]string{
		"good.yaml":     scenario("healthy"),
		"empty.yaml":    "",
		"nul.yaml":      "\x00\x00\x00",
		"binary.yaml":   "\xff\xfe\x00s\x00c",
		"tabs.yaml":     "scenario:\tx\n\tproviders: []\n",
		"list.yaml":     "- a\n- b\n",
		"scalar.yaml":   "hello\n",
		"anchors.yaml":  "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n",
		"deep.yaml":     "scenario: x\nproviders: " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "\n",
		"open.yaml":     "scenario: x\nproviders: [[[[\n",
		"large.yaml":    "# " + strings.Repeat("x", 2<<20) + "\n",
		"twice.yaml":    "scenario: x\nscenario: y\n",
		"storm.yaml":    scenario("script: [{repeat: {every: 1ns, steps: [heartbeat]}}]"),
		"times.yaml":    scenario("script: [{repeat: {times: 999999999999, steps: [heartbeat]}}, {finish: stop}]"),
		"tokens.yaml":   scenario("script: [{text: {tokens: 2000000000}}, {finish: stop}]"),
		"pause.yaml":    scenario("script: [{wait: 999999999999999h}, {finish: stop}]"),
		"negative.yaml": scenario("script: [{wait: -1s}, {text: hi}, {finish: stop}]"),
		"zero1.yaml":    scenario("{no-response: {}, first: 0}"),
		"zero2.yaml":    scenario("{no-response: {}, nth: 0}"),
		"zero3.yaml":    scenario("{no-response: {}, every_nth: 0}"),
		"zero4.yaml":    scenario("{no-response: {}, probability: 0}"),
		"zero5.yaml":    scenario("{no-response: {}, probability: 0.0}"),
		"minus.yaml":    scenario("{no-response: {}, first: -1}"),
		"chance.yaml":   scenario("{no-response: {}, probability: 2}"),
		"header.yaml":   scenario(`script: [{respond: {headers: {X-A: "a\r\nX-B: b"}}}, {text: hi}, {finish: stop}]`),
		"name.yaml":     scenario(`script: [{respond: {headers: {"a b": c}}}, {text: hi}, {finish: stop}]`),
		"retry.yaml":    scenario(`rate-limited: {retry_after: "1\r\nX-B: b"}`),
		"escape.yaml": "scenario: \"a\\e[31mb\"\nproviders: [{name: primary, on_request: [healthy]}]\n" +
			"expect: [no_leaks]\n",
		"lines.yaml": "scenario: \"a\\nb\"\nproviders: [{name: primary, on_request: [healthy]}]\nexpect: [no_leaks]\n",
		"host.yaml":  "scenario: x\nproviders: [{name: \"../x\", on_request: [healthy]}]\nexpect: [no_leaks]\n",
		"typo.yaml": "scenario: x\nproviders: [{name: primary, on_request: [healthy]}]\n" +
			"expect: [answer: {from: primry}]\n",
		"outage.yaml": "scenario: x\nproviders: [{name: primary, on_request: [healthy]}]\n" +
			"outages: [{no-response: {}, probability: 0}]\nexpect: [no_leaks]\n",
		"late.yaml": "scenario: x\ndeadline: -1s\nproviders: [{name: primary, on_request: [healthy]}]\n" +
			"expect: [no_leaks]\n",
		"ages.yaml": "scenario: x\ndeadline: 2000000h\nproviders: [{name: primary, on_request: " +
			"[healthy]}]\nexpect: [no_leaks]\n",
		"policy.yaml": "policy: x\nwatch: {stale: -1s}\n",
		"target.yaml": "target: x\nkind: nothing\n",
		"known.txt":   "no slash here\n",
		"report.json": `{"schema": "chaosrun.report/v9"}`,
		"torn.json":   `{"schema": "chaosrun.report/v1", "runs": [`,
		"array.json":  `[]`,
	}
}

// hostileRows returns the table. Files stand in the folder that the commands run in.
func hostileRows() []hostileRow {
	rows := []hostileRow{
		{"check good.yaml", nil, 0, ""},
		{"check zero1.yaml", nil, 65, "zero1.yaml:4:43: first: 0 would be never"},
		{"check zero2.yaml", nil, 65, "zero2.yaml:4:41: nth: 0 would be never"},
		{"check zero3.yaml", nil, 65, "zero3.yaml:4:47: every_nth: 0 would be never"},
		{"check zero4.yaml", nil, 65, "zero4.yaml:4:49: probability: 0 would be never"},
		{"check zero5.yaml", nil, 65, "zero5.yaml:4:49: probability: 0 would be never"},
		{"check outage.yaml", nil, 65, "outage.yaml:3:42: probability: 0 would be never"},
		{"check storm.yaml", nil, 65, "storm.yaml:4:28: this sends and waits 1.44e+13 times"},
		{"run storm.yaml", nil, 65, "storm.yaml:4:28: this sends and waits 1.44e+13 times"},
		{"check times.yaml", nil, 65, "times.yaml:4:28: this sends and waits 2e+12 times"},
		{"check tokens.yaml", nil, 65, "tokens.yaml:4:28: this sends and waits 4e+09 times"},
		{"check large.yaml", nil, 65, "large.yaml:1:1: the file is larger than 1048576 bytes"},
		{"check typo.yaml", nil, 65, `typo.yaml:3:25: unknown provider "primry" (did you mean "primary"?)`},
		{"check known.txt", nil, 65, "known.txt:"},
		{"run healthy --baseline known.txt", nil, 65, "known.txt:1:1:"},
		{"report report.json", nil, 65, "report.json: its schema is"},
		{"report torn.json", nil, 65, "torn.json:1:43: not a report: the file ends in the middle"},
		{"report array.json", nil, 65, "array.json:1:2: not a report"},
		{"run healthy --parallel=-1", nil, 64, "--parallel is -1: want 0 or more"},
		{"run healthy --parallel 0", nil, 64, "--parallel must be 1 or more"},
		{"bench healthy --parallel 0", nil, 64, "--parallel must be 1 or more"},
		{"run healthy --repeat 0", nil, 64, "--repeat must be 1 or more"},
		{"run healthy --repeat=-1", nil, 64, "--repeat is -1: want 0 or more"},
		{"bench healthy -n 0", nil, 64, "-n must be 1 or more"},
		{"run healthy --seed 1 --seed 2", nil, 64, "--seed is given twice"},
		{"run healthy --clock wall --clock virtual", nil, 64, "--clock is given twice"},
		{"run healthy --seed -1", nil, 64, "--seed"},
		{"run healthy --seed 99999999999999999999999", nil, 64, "--seed"},
		{"run healthy --shard 1/0", nil, 64, "--shard"},
		{"run healthy --shard 3/2", nil, 64, "--shard"},
		{"run healthy --clock x0", nil, 64, "no such clock"},
		{"run healthy --clock xNaN", nil, 64, "no such clock"},
		{"run healthy --limit time_to_answer=0s", nil, 64, "--limit"},
		{"run healthy --limit time_to_answer=-1s", nil, 64, "--limit"},
		{"run healthy --limit time_to_answer=1s --limit time_to_answer=2s", nil, 64, "--limit"},
		{"run healthy --limit nothing=1s", nil, 64, "--limit"},
		{"run healthy --report json=x --report json=./x", nil, 64, "two reports go to ./x"},
		{"run healthy --report json=x --report text=sub/../x", nil, 64, "two reports go to sub/../x"},
		{"run healthy --report json=- --report text=-", nil, 64, "only one report"},
		{"run healthy --report nothing=x", nil, 64, "--report"},
		{"run healthy --report json=no/such/folder/x", nil, 64, ""},
		{"run healthy --tags (((", nil, 64, "--tags"},
		{"run [", nil, 64, "pattern"},
		{"run nothing", nil, 64, "no such scenario"},
		{"run healthy --policy nothing", nil, 64, "no such policy"},
		{"run healthy --target nothing", nil, 64, ""},
		{"serve primary=nothing", nil, 64, ""},
		{"exec --", nil, 64, "exec: there is no command"},
		{"nothing", nil, 64, ""},
		{"run --nothing", nil, 64, ""},
		{"run", []string{""}, 64, `no such scenario: ""`},
		{"run", []string{"x/\x1b[31mb.yaml"}, 64, "stat x/\ufffd[31mb.yaml"},
		{"run healthy --policy", []string{"\x1b]0;x\a"}, 64, "no such policy"},
	}
	for _, file := range []string{
		"empty.yaml", "nul.yaml", "binary.yaml", "tabs.yaml", "list.yaml", "scalar.yaml", "anchors.yaml", "deep.yaml",
		"open.yaml", "twice.yaml",
		"pause.yaml", "negative.yaml", "minus.yaml", "chance.yaml", "header.yaml", "name.yaml", "retry.yaml",
		"escape.yaml", "lines.yaml", "host.yaml",
		"late.yaml", "ages.yaml", "policy.yaml", "target.yaml",
	} {
		rows = append(rows, hostileRow{"check " + file, nil, 65, file + ":"})
	}
	for _, use := range []string{
		"run %", "check %", "explain %", "run healthy --policy %", "run healthy --target %",
		"run healthy --baseline %", "run healthy --cells %", "report %", "serve %", "exec % -- true", "bench %",
	} {
		rows = append(rows,
			hostileRow{strings.ReplaceAll(use, "%", "/dev/zero"), nil, 64, "/dev/zero: this is a device"},
			hostileRow{
				strings.ReplaceAll(use, "%", "./fifo.yaml"), nil, 64, "./fifo.yaml: this is a pipe without a writer",
			},
			hostileRow{strings.ReplaceAll(use, "%", "no/such.yaml"), nil, 64, ""},
		)
		if !strings.HasPrefix(use, "report") { // a folder of reports is fine
			rows = append(rows, hostileRow{
				strings.ReplaceAll(use, "%", "./sub.yaml"), nil, 64, "./sub.yaml: this is a folder",
			})
		}
	}
	for _, flag := range []string{
		"--shard", "--tags", "--resume", "--baseline", "--cells", "--target", "--policy", "--report", "--clock",
		"--versions", "--limit",
	} {
		rows = append(rows, hostileRow{"run healthy " + flag, []string{""}, 64, flag + ": its value is empty"})
	}
	return rows
}

// Every hostile file and flag is refused, soon and in words.
func TestHostile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range hostileFiles() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "sub.yaml"), 0o700),
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
		syscall.Mkfifo(filepath.Join(dir, "fifo.yaml"), 0o600)); err != nil {
		t.Fatal(err)
	}
	rows := hostileRows()
	if len(rows) < 120 {
		t.Errorf("there are %d rows", len(rows))
	}
	before := listing(t, dir)
	for _, row := range rows {
		t.Run(row.args, func(t *testing.T) {
			t.Parallel()
			refused(t, dir, row)
		})
	}
	t.Cleanup(func() {
		if after := listing(t, dir); !slices.Equal(before, after) {
			t.Errorf("there were %q, and are %q", before, after)
		}
	})
}

// refused runs a command and compares its end.
func refused(t *testing.T, dir string, row hostileRow) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hostileLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "chaosrun", append(strings.Fields(row.args), row.more...)...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("it takes more than %s", hostileLimit)
	}
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(said.String(), "\n")
	if code := cmd.ProcessState.ExitCode(); code != row.code ||
		!strings.HasPrefix(strings.TrimPrefix(first, "chaosrun: "), row.says) {
		t.Errorf("exit code %d, want %d: %q, want %q", code, row.code, first, row.says)
	}
	if all := out.String() + said.String(); strings.Contains(all, "goroutine ") ||
		strings.ContainsAny(all, "\x1b\x07\x00") {
		t.Errorf("it prints %q", all)
	}
}

// listing returns the names in a folder.
func listing(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
