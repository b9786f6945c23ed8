package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/reports"
)

// realTime matches how long a command took, which is measured, in JSON and in text.
var realTime = regexp.MustCompile(`"wall_s": [0-9.]+|of scenario time in [0-9.µa-z]+|[0-9.µa-z]+ of real time`)

// same compares two files apart from real times: same A B.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same A B")
	}
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if diff := cmp.Diff(realTime.ReplaceAllString(a, ""), realTime.ReplaceAllString(b, "")); diff != "" {
		ts.Fatalf("%s and %s differ:\n%s", args[0], args[1], diff)
	}
}

// The command joins 1 to 16 shards of a plan, in every form, into what one run writes: the same
// bytes apart from the real time. The SDK of Anthropic draws its pauses from no seed, so its
// scenarios are left out.
func TestShardsAreTheWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plan := []string{
		"run", "--no-html", "--tags", "flagship || core && stall", "--policy", "hermes-0.13", "--policy",
		"recommended", "--quiet",
	}
	forms := func(name string) (args []string) {
		for _, kind := range reports.Kinds() {
			args = append(args, "--report", fmt.Sprintf("%s=%s", kind, filepath.Join(dir, name+"."+kind)))
		}
		return args
	}
	code := inProcess(t, append(plan, forms("whole")...)...)
	if code != cli.ExitFailed {
		t.Fatalf("exit code %d", code)
	}
	for n := 1; n <= 16; n++ {
		join := []string{"report"}
		for i := 1; i <= n; i++ {
			file := filepath.Join(dir, fmt.Sprintf("%d.json", i))
			inProcess(t, append(plan, "--shard", fmt.Sprintf("%d/%d", i, n), "--report", "json="+file)...)
			join = append(join, file)
		}
		if got := inProcess(t, append(join, forms("joined")...)...); got != code {
			t.Errorf("%d shards: exit code %d, want %d", n, got, code)
		}
		for _, kind := range reports.Kinds() {
			want, got := unmeasured(t, dir, "whole."+kind), unmeasured(t, dir, "joined."+kind)
			if want != got {
				t.Errorf("%d shards: %s differs", n, kind)
			}
		}
	}
}

// inProcess runs a command line in this process and returns its exit code.
func inProcess(t *testing.T, args ...string) int {
	t.Helper()
	var out, errors bytes.Buffer
	o := options()
	o.Args, o.Stdin, o.Stdout, o.Stderr = args, strings.NewReader(""), &out, &errors
	code := cli.Main(o)
	if code >= cli.ExitUsage {
		t.Fatalf("%q: exit code %d: %s", args, code, &errors)
	}
	return code
}

// unmeasured returns a file without real times.
func unmeasured(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return realTime.ReplaceAllString(string(data), "")
}
