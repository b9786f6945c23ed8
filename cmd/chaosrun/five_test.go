package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fiveBlock matches the commands of the README that lead from nothing to a red test.
var fiveBlock = regexp.MustCompile("(?s)<!-- run -->\n```sh\n(.*?)```\n")

// TestFiveCommands runs the commands of the README that lead from `git clone` to a scenario that
// fails on an engine of the reader's own. The clone is a copy of this checkout, and nothing comes
// from the network. The engine as init writes it passes.
func TestFiveCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the command anew")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh here")
	}
	commands := fiveCommands(t)
	dir := t.TempDir()
	copyCheckout(t, "../..", filepath.Join(dir, "chaosrun"))
	say := func(line string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		// -trimpath lets copies of the checkout share what is compiled.
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=-trimpath", "GOWORK=", "CI=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if !strings.HasPrefix(commands[0], "git clone https://") || commands[1] != "cd chaosrun" {
		t.Fatalf("they begin with %q", commands[:2])
	}
	dir = filepath.Join(dir, "chaosrun")
	last := len(commands) - 1
	for _, command := range commands[2 : last-1] {
		if out, err := say(command); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	if out, err := say(commands[last]); err != nil {
		t.Errorf("the engine as it was written: %v\n%s", err, out)
	}
	if out, err := say(commands[last-1]); err != nil {
		t.Fatalf("%s: %v\n%s", commands[last-1], err, out)
	}
	out, err := say(commands[last])
	_, failed := errors.AsType[*exec.ExitError](err)
	if !failed || !strings.Contains(out, "failed: time_to_fallback: ") {
		t.Errorf("the changed engine: %v\n%s", err, out)
	}
}

// fiveCommands returns the commands of the block. There are five at most.
func fiveCommands(t *testing.T) (all []string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fiveBlock.FindAllStringSubmatch(strings.ReplaceAll(string(readme), "\r\n", "\n"), -1)
	if len(blocks) != 1 {
		t.Fatalf("README.md has %d such blocks", len(blocks))
	}
	for line := range strings.SplitSeq(strings.TrimSpace(blocks[0][1]), "\n") {
		command, _, _ := strings.Cut(line, " # ")
		for part := range strings.SplitSeq(command, "&&") {
			all = append(all, strings.TrimSpace(part))
		}
	}
	if len(all) < 4 || len(all) > 5 {
		t.Fatalf("%d commands: %q", len(all), all)
	}
	return all
}

// copyCheckout copies what git would clone, more or less.
func copyCheckout(t *testing.T, from, to string) {
	t.Helper()
	left := []string{".git", ".cache", "dist", "node_modules", "conformance"}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		relative, _ := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(left, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, relative), 0o750)
		case !entry.Type().IsRegular(), entry.Name() == "chaosrun", entry.Name() == "chaosrun.exe":
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
