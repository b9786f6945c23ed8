package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// programs is a folder with the real programs of a page, such as litellm.
var programs = flag.String("programs", "", "a folder with the real programs of docs/GATEWAY.md, in place of stand-ins")

// run matches a block of commands that a test runs, and what they print.
var run = regexp.MustCompile("(?s)<!-- run -->\n```console\n(.*?)```\n")

// A pageCommand is a command of a page, with the lines that it prints there.
type pageCommand struct {
	line string
	want []string
}

// commandsOf returns the commands of a page.
func commandsOf(page string) (all []pageCommand) {
	for _, m := range run.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(m[1]) {
			line = strings.TrimSuffix(line, "\n")
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				all = append(all, pageCommand{line: command})
				continue
			}
			last := &all[len(all)-1]
			last.want = append(last.want, line)
		}
	}
	return all
}

// verdict matches a line with a verdict that does not depend on the machine: whose it is, and what
// the call came to.
var verdict = regexp.MustCompile(`^(passed|failed|unknown) +(\S+(?: / \S+)?)(?: +(.*?) after .*)?$`)

// page runs the commands of a page in one shell and in virtual time, and compares the verdicts:
// page FILE.
func page(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: page FILE")
	}
	data, err := os.ReadFile(args[0])
	ts.Check(err)
	commands := commandsOf(strings.ReplaceAll(string(data), "\r\n", "\n"))
	if len(commands) < 5 {
		ts.Fatalf("%s has %d commands", args[0], len(commands))
	}
	var script strings.Builder
	if *programs != "" {
		fmt.Fprintf(&script, "PATH=$PATH:%s\n", *programs)
	}
	// Somebody may listen on the page's port. The providers' ports are avoided by init.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	for i, c := range commands {
		line := regexp.MustCompile(`\b4000\b`).ReplaceAllString(c.line, port)
		fmt.Fprintf(&script, "%s\necho \"### %d $?\"\n", line, i)
	}
	script.WriteString("kill $!\n")
	ts.Check(os.WriteFile(ts.MkAbs("page.sh"), []byte(script.String()), 0o600))
	ts.Check(ts.Exec("chaosrun", "exec", "--", "sh", filepath.Base("page.sh")))
	rest := ts.ReadFile("stdout")
	for i, c := range commands {
		said, after, ok := strings.Cut(rest, fmt.Sprintf("### %d ", i))
		if !ok {
			ts.Fatalf("%s: it did not end:\n%s", c.line, rest)
		}
		code, after, _ := strings.Cut(after, "\n")
		rest = after
		want, found := "0", 0
		for _, line := range c.want {
			m := verdict.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			found++
			if m[1] == "failed" {
				want = "1"
			}
			got := `(?m)^` + m[1] + ` +` + regexp.QuoteMeta(m[2])
			if m[3] != "" {
				got += ` +` + regexp.QuoteMeta(m[3]) + ` after `
			}
			if !regexp.MustCompile(got).MatchString(said) {
				ts.Fatalf("%s: the page says %q, and got\n%s", c.line, line, said)
			}
		}
		if code != want || found == 0 && len(c.want) > 0 {
			ts.Fatalf("%s: exit code %s, want %s, and %d verdicts on the page:\n%s", c.line, code, want, found, said)
		}
	}
}
