package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
)

// role says what the test binary is to be instead of a test.
const role = "PROCESS_TEST_ROLE"

func TestMain(m *testing.M) {
	if strings.HasSuffix(os.Args[len(os.Args)-1], forgetful) {
		os.Exit(play("forget")) // the guard that is none
	}
	process.Main()
	if name := os.Getenv(role); name != "" {
		os.Exit(play(name))
	}
	m.Run()
}

// forgetful is the name of a program that does not call Main.
const forgetful = "forgetful-program"

// play is the program that a test starts.
func play(name string) int {
	name, argument, _ := strings.Cut(name, " ")
	switch name {
	case "say":
		fmt.Println(argument)
		fmt.Fprintln(os.Stderr, "and this is stderr")
	case "exit":
		var code int
		_, _ = fmt.Sscan(argument, &code)
		return code
	case "cat":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "env":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "dir":
		dir, _ := os.Getwd()
		fmt.Println(dir)
	case "sleep":
		time.Sleep(time.Minute)
	case "forget": // it would start itself again and again
		_, err := process.Start(context.Background(), process.Options{Command: []string{os.Args[1]}})
		fmt.Println(err)
	default:
		return playUnix(name, argument)
	}
	return 0
}

// self returns options that start the test binary in a role.
func self(t *testing.T, as string) process.Options {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return process.Options{Command: []string{path}, Env: []string{role + "=" + as}}
}

// start starts a process that is gone when the test ends.
func start(t *testing.T, o process.Options) *process.Process {
	t.Helper()
	p, err := process.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// wait waits for the end of a process. It fails the test after a time that no machine needs.
func wait(t *testing.T, p *process.Process) error {
	t.Helper()
	select {
	case <-p.Done():
		return p.Err()
	case <-time.After(30 * time.Second):
		t.Fatal("the process did not end")
		return nil
	}
}

func TestOutputAndExit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		as, out, stderr string
		want            string
	}{
		{"say hello", "hello\n", "and this is stderr\n", ""},
		{"exit 0", "", "", ""},
		{"exit 3", "", "", "exit code 3"},
	}
	for _, tt := range tests {
		var out, stderr bytes.Buffer
		o := self(t, tt.as)
		o.Stdout, o.Stderr = &out, &stderr
		err := wait(t, start(t, o))
		if got := errorText(err); got != tt.want || out.String() != tt.out || stderr.String() != tt.stderr {
			t.Errorf("%s: got %q, %q, error %q, want %q, %q, %q", tt.as, out.String(), stderr.String(), got, tt.out,
				tt.stderr, tt.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestStdin(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := self(t, "cat")
	o.Stdout = &out
	p := start(t, o)
	_, _ = io.WriteString(p.Stdin(), "one\ntwo\n")
	_ = p.Stdin().Close()
	if err := wait(t, p); err != nil || out.String() != "one\ntwo\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestEnvAndDir(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-secret")
	t.Setenv("HTTPS_PROXY", "http://proxy:3128")
	t.Setenv("VIRTUAL_ENV", "/venv")
	home := t.TempDir()
	env, err := process.CleanEnv(home, map[string]string{role: "env", "LANG": "C"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	o := self(t, "")
	o.Stdout, o.Env = &out, env
	if err := wait(t, start(t, o)); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, want := range []string{
		"HOME=" + home, "VIRTUAL_ENV=/venv", "PATH=" + os.Getenv("PATH"), "LANG=C",
		"TMPDIR=" + filepath.Join(home, "tmp"),
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, entry := range got {
		for _, no := range []string{"OPENAI", "PROXY", "CHAOSRUN"} {
			if strings.Contains(entry, no) {
				t.Errorf("got %s", entry)
			}
		}
	}
	dir, err := filepath.EvalSymlinks(home)
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	o = self(t, "dir")
	o.Stdout, o.Dir = &out, home
	if err := wait(t, start(t, o)); err != nil || strings.TrimSpace(out.String()) != dir {
		t.Errorf("got %q, %v, want %q", out.String(), err, dir)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		command, want string
		missing       bool
	}{
		{"litellm", "command not found: litellm", true},
		{"./litellm", "command not found: ./litellm", true},
		{"", "process: no command", false},
		{dir, "a folder is not a command: " + dir, false},
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, struct {
			command, want string
			missing       bool
		}{"./data", "permission denied: not executable: ./data", false})
	}
	for _, tt := range tests {
		_, err := process.Start(t.Context(), process.Options{
			Command: []string{tt.command}, Dir: dir, Env: []string{"PATH=" + dir},
		})
		if errorText(err) != tt.want || errors.Is(err, process.ErrNotFound) != tt.missing {
			t.Errorf("%q: got %v, want %s", tt.command, err, tt.want)
		}
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p, err := process.Start(ctx, self(t, "sleep"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := wait(t, p); err == nil {
		t.Error("got no error for a killed process")
	}
	p.Kill() // and again
	if _, err := process.Start(ctx, self(t, "sleep")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMainIsMissing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no guards on Windows")
	}
	o := self(t, "")
	path := filepath.Join(t.TempDir(), forgetful)
	if err := os.Symlink(o.Command[0], path); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err := process.Start(t.Context(), process.Options{Command: []string{path}, Stdout: &out})
	const want = "must call cli.Main or process.Main first"
	if !strings.Contains(errorText(err), want) || !strings.Contains(out.String(), want) {
		t.Errorf("got %v and %q", err, out.String())
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	log, err := process.CreateLog(path, 20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40000 {
		fmt.Fprintf(log, "line %d\n\n", i)
	}
	if got, want := log.Tail(2), "line 39998\nline 39999"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strings.Count(log.Tail(1<<20), "\n"); got < 1000 || got > 20000 {
		t.Errorf("%d lines are remembered", got)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(path)
	if got, want := string(data), "line 0\n\nline 1\n\nline\n… cut: the log is full\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got := process.Cut("aäb", 2); got != "a…" {
		t.Errorf("got %q", got)
	}
}

// pids reads the numbers that a family wrote.
func pids(t *testing.T, path string) (all []int) {
	t.Helper()
	for range 600 {
		data, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(data, &all) == nil && len(all) > 0 {
			return all
		}
		time.Sleep(50 * time.Millisecond) // of another process there is nothing to select on
	}
	t.Fatal("the family did not start")
	return nil
}
