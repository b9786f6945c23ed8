package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestMain lets scripts call the program as `chaosrun`, and the commands ask, family and without,
// in processes of their own.
func TestMain(m *testing.M) {
	proctime.Main()
	process.Main()
	commands := map[string]func(){
		"chaosrun": main, "ask": ask, "family": family, "without": without, "npm": npm, "release": release, "pip": pip,
		"curl": curl,
	}
	if !slices.ContainsFunc(os.Args, func(arg string) bool {
		return strings.HasPrefix(arg, "-test.programs") || strings.HasPrefix(arg, "-programs")
	}) {
		commands["litellm"] = litellm
	}
	testscript.Main(m, commands)
}

// TestScripts runs testdata/*.txtar: what users type, and what they get.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true,
		Condition: condition,
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "page": page, "same": same},
		Setup: func(env *testscript.Env) error {
			page, err := filepath.Abs(filepath.Join("..", "..", "docs", "GATEWAY.md"))
			env.Setenv("GATEWAY", page)
			env.Setenv("COLUMNS", "1000") // what a script looks for stands in one line
			return err
		},
	})
}

// exits runs a command and checks its exit code: exits 64 chaosrun run nothing. It may be one of
// several, as in 0,3.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE[,CODE] COMMAND ARG…")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(code)) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// condition knows [virtual]: processes can live in virtual time here.
func condition(name string) (bool, error) {
	if name != "virtual" {
		return false, fmt.Errorf("no such condition: %s", name)
	}
	return proctime.Supported() == nil, nil
}
