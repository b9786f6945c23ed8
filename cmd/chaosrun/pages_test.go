package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chaosrun/chaosrun/cli"
)

// TestPages runs the commands of the README and of every page, each page in a folder of its own. A
// chaosrun command has to end with a verdict; a wrong flag, name or file fails. The files that it
// names are those of pageFiles, and the command behind `exec … --` is a stand-in that asks the
// providers.
//
// What cannot run here, because it needs a registry, another language or hours, is looked at
// instead: see [lookAt].
func TestPages(t *testing.T) {
	dir := t.TempDir()
	scripts, used := []string{}, map[string]bool{}
	for _, page := range pagePaths(t) {
		var script strings.Builder
		script.WriteString("env CHAOSRUN_HOME=$WORK/home\n")
		n := 0
		for _, c := range documentedIn(t, page) {
			line, why := scriptLine(c.words)
			if why == "" {
				why = otherwise(c.text, used)
			}
			switch {
			case why != "":
				lookAt(t, page, c)
			case line != "":
				n++
				fmt.Fprintf(&script, "# %s:%d: %s\n%s\n", filepath.Base(page), c.line, c.text, line)
			default:
				lookAt(t, page, c)
			}
		}
		if n == 0 {
			continue
		}
		path := filepath.Join(dir, strings.ToLower(strings.TrimSuffix(filepath.Base(page), ".md"))+".txtar")
		if err := os.WriteFile(path, []byte(script.String()+pageFiles(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, path)
	}
	if len(scripts) < 5 {
		t.Fatalf("commands of only %d pages run", len(scripts))
	}
	for prefix := range elsewhere() {
		if !used[prefix] {
			t.Errorf("no page has a command that begins with %q", prefix)
		}
	}
	testscript.Run(t, testscript.Params{
		Files: scripts, RequireExplicitExec: true, Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serves": serves},
	})
}

// elsewhere has the beginnings of chaosrun commands that do not run in this test, with the reason.
// They are parsed all the same.
func elsewhere() map[string]string {
	return map[string]string{
		"chaosrun install":                     "it needs a registry: make targets",
		"chaosrun run --otlp":                  "it needs a server of OTLP: reports/interop",
		"chaosrun report report.json --otlp":   "it needs a server of OTLP: reports/interop",
		"chaosrun run heartbeat-only --target": "it needs an engine of a registry: make targets",
	}
}

// otherwise returns why a command does not run here, or "".
func otherwise(text string, used map[string]bool) string {
	for prefix, why := range elsewhere() {
		if strings.HasPrefix(text, prefix) {
			used[prefix] = true
			return why
		}
	}
	return ""
}

// A documented command stands in a block of a page.
type documented struct {
	line  int
	text  string
	words []string
}

func pagePaths(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"../../README.md", "../../CI.md", "../../CONTRIBUTING.md", "../../SKILL.md"}, paths...)
}

// ownTest stands above a block whose commands depend on each other, and have a test of their own.
const ownTest = "<!-- run -->"

var (
	fenceLine = regexp.MustCompile("^\\s*```")
	// commandLine matches what begins a command in a block, behind a prompt or the keys of a
	// pipeline.
	commandLine = regexp.MustCompile(
		`^(?:[$] |- run: |- |run: |sh '|- command: )?((?:\./)?chaosrun|go|make|\.ci/run|npx|npm|pip|pytest|python3?|node|docker) (.*)$`)
	// remark is what stands behind a command on its line.
	remark = regexp.MustCompile(`\s{2,}\S.*$|\s+#\s.*$`)
)

// documentedIn returns the commands in the blocks of a page.
func documentedIn(t *testing.T, path string) (all []documented) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fenced, before, byItself := false, "", false
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		if fenceLine.MatchString(line) {
			fenced, byItself = !fenced, byItself && !fenced
			continue
		}
		byItself = byItself && fenced || line == ownTest
		if byItself || !fenced && !strings.HasPrefix(line, "    ") {
			continue
		}
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "sh '") { // of a Jenkinsfile
			line = strings.TrimSuffix(line, "'")
		}
		if rest, goesOn := strings.CutSuffix(line, `\`); goesOn && (before != "" || commandLine.MatchString(line)) {
			before += rest
			continue
		}
		m := commandLine.FindStringSubmatch(before + line)
		before = ""
		if m == nil {
			continue
		}
		text := strings.TrimSpace(remark.ReplaceAllString(m[1]+" "+m[2], ""))
		text = strings.TrimPrefix(strings.TrimPrefix(text, "./"), "npx ")
		text = strings.Replace(text, "go run ./cmd/chaosrun", "chaosrun", 1)
		all = append(all, documented{i + 1, text, shellWords(text)})
	}
	return all
}

// shellWords splits a command as a shell does, up to a pipe or another command.
func shellWords(text string) (words []string) {
	word, quote, quoted := "", rune(0), false
	for _, r := range text + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '\'' || r == '"':
			quote, quoted = r, true
		case strings.ContainsRune(" |;&>", r):
			if quoted || word != "" {
				words = append(words, word)
			}
			word, quoted = "", false
			if r != ' ' {
				return words
			}
		default:
			word += string(r)
		}
	}
	return words
}

// scriptLine returns the line of a script that runs a command, or why there is none. Placeholders
// in capitals are names of any file or engine.
func scriptLine(words []string) (line, why string) {
	if words[0] != "chaosrun" {
		return "", ""
	}
	if slices.ContainsFunc(words, func(w string) bool { return placeholder.MatchString(w) }) {
		return "", "it is a form of commands"
	}
	if i := slices.Index(words, "--"); i > 0 && len(words) > i+1 {
		stands := []string{"python", "python3", "pytest", "npm", "npx", "node"}
		if slices.Contains(stands, words[i+1]) {
			words = append(slices.Clone(words[:i+1]), "ask", "primary=40s", "secondary")
		}
	}
	if i := slices.Index(words, "--clock"); i > 0 && slices.Contains(words[i:], "wall") {
		return "", "it takes real time"
	}
	if words[1] == "init" {
		words = append(slices.Clone(words), "--force") // a page shows several in one folder
	}
	if words[1] == "serve" {
		return "serves " + quotedWords(words), ""
	}
	if words[1] == "fixture" {
		return "exits 3 " + quotedWords(words), "" // its input has ended before it began
	}
	return "exits 0,1,3 " + quotedWords(words), ""
}

var placeholder = regexp.MustCompile(`^((fault:)?[A-Z]+([|.:=][A-Z.]+)*|…|.*\$\{\{.*|.*\$[A-Z_]+.*)$`)

func quotedWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", "''") + "'"
	}
	return strings.Join(quoted, " ")
}

// lookAt looks at a command that does not run here: a chaosrun command has to parse, the target of
// make and the step of .ci/run have to exist, and so have the packages of go and the tests that it
// selects. What other languages run is run by the step packages.
func lookAt(t *testing.T, page string, c documented) {
	t.Helper()
	at := fmt.Sprintf("%s:%d: %s", filepath.Base(page), c.line, c.text)
	switch c.words[0] {
	case "chaosrun":
		var filled []string
		for _, w := range c.words[1:] {
			filled = append(filled, strings.TrimSuffix(w, "…"))
		}
		if err := cli.Parse(options(), filled); err != nil && !slices.ContainsFunc(c.words, placeholder.MatchString) {
			t.Errorf("%s: %v", at, err)
		}
	case "make":
		lookForAll(t, at, "../../Makefile", `(?m)^%s:.*## `, c.words[1:])
	case ".ci/run":
		lookForAll(t, at, "../../.ci/run", `(?m)^step_%s\(\)`, c.words[1:])
	case "go":
		lookAtGo(t, at, c.words)
	}
}

// lookForAll fails unless a file has a match for each word that is no variable.
func lookForAll(t *testing.T, at, path, pattern string, words []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(w, "=") && !regexp.MustCompile(fmt.Sprintf(pattern, regexp.QuoteMeta(w))).Match(data) {
			t.Errorf("%s: there is no %s in %s", at, w, filepath.Base(path))
		}
	}
}

// lookAtGo fails unless the folders of a go command have Go files, and a test that -run selects.
func lookAtGo(t *testing.T, at string, words []string) {
	t.Helper()
	var run *regexp.Regexp
	for i, w := range words {
		if w == "-run" && i+1 < len(words) {
			run = regexp.MustCompile(strings.Trim(words[i+1], "'"))
		}
	}
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "./") || strings.Contains(w, "NAME") || w == "./..." {
			continue
		}
		sources, _ := filepath.Glob("../../" + strings.TrimSuffix(w, "/...") + "/*.go")
		if len(sources) == 0 {
			t.Errorf("%s: no Go files in %s", at, w)
		}
		found := run == nil || strings.Contains(run.String(), "NAME")
		for _, source := range sources {
			data, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+|Example\w*)\(`).FindAllSubmatch(data, -1) {
				found = found || run.Match(m[1])
			}
		}
		if !found {
			t.Errorf("%s: %s has no test that -run %s selects", at, w, run)
		}
	}
}

// serves runs a command that serves until it is interrupted, and interrupts it when it says where.
func serves(ts *testscript.TestScript, _ bool, args []string) {
	path := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path == "" {
			path, _ = exec.LookPath(filepath.Join(dir, args[0]))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, args[1:]...)
	command.Dir, command.Env = ts.MkAbs("."),
		append(os.Environ(), "PATH="+ts.Getenv("PATH"), "CHAOSRUN_HOME="+ts.Getenv("CHAOSRUN_HOME"))
	out, err := command.StdoutPipe()
	ts.Check(err)
	command.Stderr = command.Stdout
	ts.Check(command.Start())
	var said strings.Builder
	interrupt := sync.OnceFunc(func() { ts.Check(command.Process.Signal(os.Interrupt)) })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "http://") {
			interrupt()
		}
	}
	if err = command.Wait(); err != nil || !strings.Contains(said.String(), "http://") {
		ts.Fatalf("it ended with %v: %s", err, said.String())
	}
}

// lateStall is a scenario of the reader's own.
const lateStall = "scenario: late-stall\nproviders:\n  - {name: primary, protocol: openai-chat, " +
	"on_request: [heartbeat-only]}\n  - {name: secondary, protocol: openai-chat, on_request: " +
	"[healthy]}\nlimits: {time_to_fallback: 2m}\nexpect: [time_to_fallback]\n"

// gateway returns a target file of a gateway that runs already, and is not there.
func gateway(t *testing.T, name string) string {
	t.Helper()
	var ports [3]net.Addr
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports[i] = l.Addr()
		_ = l.Close() // another program may take it, and then the page's command says so
	}
	return "target: " + name + "\nkind: gateway\n" +
		fmt.Sprintf("upstreams: [{listen: %q}, {listen: %q}]\n"+
			"call: {base_url: \"http://%s/v1\", model: primary, key: sk-any}\n",
			ports[0].String(), ports[1].String(), ports[2])
}

// pageFiles returns the files that the pages name, as the end of a script.
func pageFiles(t *testing.T) string {
	t.Helper()
	policy, err := os.ReadFile("../../failover/policies/recommended.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for name, text := range map[string]string{
		"policy.yaml":                string(policy),
		"baseline.txt":               "",
		"late-stall.yaml":            lateStall,
		"my-engine/slow-start.yaml":  lateStall,
		"my-gateway/slow-start.yaml": lateStall,
		"my-gateway.yaml":            gateway(t, "my-gateway"),
		"my-gateway/target.yaml":     gateway(t, "my-gateway"),
		"my-engine.yaml":             gateway(t, "my-engine"),
		"my-engine/target.yaml":      gateway(t, "my-engine"),
	} {
		fmt.Fprintf(&b, "-- %s --\n%s", name, text)
	}
	dir := t.TempDir()
	for name, shard := range map[string]string{
		"before.json": "1/1", "after.json": "1/1",
		"chaosrun-1.json": "1/4", "chaosrun-2.json": "2/4", "chaosrun-3.json": "3/4", "chaosrun-4.json": "4/4",
	} {
		file := filepath.Join(dir, name)
		inProcess(t, "run", "healthy", "server-error", "--repeat", "3", "--shard", shard, "--report", "json="+file)
		report, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "-- %s --\n%s", name, report)
	}
	return b.String()
}
