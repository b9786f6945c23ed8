package main

import (
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestMain lets scripts call the program as `chaosrun`, and the commands ask, family and without, in
// processes of their own.
func TestMain(m *testing.M) {
	proctime.Main()
	process.Main()
	testscript.Main(m, map[string]func(){"chaosrun": main, "ask": ask, "family": family, "without": without})
}

// TestScripts runs testdata/*.txtar: what users type, and what they get.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true,
		Condition: condition,
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command and checks its exit code: exits 64 chaosrun run nothing.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || len(args) < 2 || err != nil {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// condition knows [virtual]: processes can live in virtual time here.
func condition(name string) (bool, error) {
	if name != "virtual" {
		return false, fmt.Errorf("no such condition: %s", name)
	}
	return proctime.Supported() == nil, nil
}
