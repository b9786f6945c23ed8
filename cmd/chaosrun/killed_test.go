//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family is a worker that never answers. It has a child, and on Linux a daemon that left its
// session and lost its parent. It writes their numbers into the file that is its argument.
func family() {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	child := func(args ...string) *exec.Cmd {
		return &exec.Cmd{
			Path: self, Args: append([]string{"family"}, args...),
			SysProcAttr: &syscall.SysProcAttr{Setsid: args[0] != "sit"},
		}
	}
	switch os.Args[1] {
	case "sit", "daemon":
		time.Sleep(time.Minute)
		return
	case "middle":
		daemon := child("daemon")
		if err := daemon.Start(); err != nil {
			panic(err)
		}
		fmt.Println(daemon.Process.Pid)
		return
	}
	out, err := child("middle").Output()
	if err != nil {
		panic(err)
	}
	sitting := child("sit")
	if err := sitting.Start(); err != nil {
		panic(err)
	}
	var daemon int
	_, _ = fmt.Sscan(string(out), &daemon)
	data, err := json.Marshal([]int{os.Getpid(), sitting.Process.Pid, daemon})
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(os.Args[1]+".new", data, 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(os.Args[1]+".new", os.Args[1]); err != nil {
		panic(err)
	}
	time.Sleep(time.Minute)
}

// running reports whether a process runs. One that is dead and not yet waited for does not.
func running(pid int) bool {
	if data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		return !strings.Contains(string(data), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}

// eventually waits for a condition of other processes, on which there is nothing to select.
func eventually(holds func() bool) bool {
	for range 600 {
		if holds() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// TestNothingIsLeft ends the command in the ways that it can be ended while an engine runs. An
// interrupt still writes the report.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		for _, network := range []string{"loopback", "host"} {
			t.Run(sig.String()+"/"+network, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				file, report := filepath.Join(dir, "pids"), filepath.Join(dir, "report.json")
				target := fmt.Sprintf("target: family\nkind: worker\nstart: {command: [%q, %q]}\n",
					filepath.Join(dir, "family"), file)
				if err := os.Symlink(self, filepath.Join(dir, "family")); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(target), 0o600); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var said bytes.Buffer
				cmd := exec.CommandContext(ctx, self)
				cmd.Args = []string{
					"chaosrun", "run", "healthy", "--target", "t.yaml", "--clock", "wall", "--network", network,
					"--report", "json=" + report,
				}
				cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir,
					append(os.Environ(), "CHAOSRUN_HOME="+dir, "TMPDIR="+dir), &said, &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				var pids []int
				if !eventually(func() bool {
					data, err := os.ReadFile(file)
					return err == nil && json.Unmarshal(data, &pids) == nil
				}) {
					t.Fatalf("the engine did not start: %s", said.String())
				}
				_ = cmd.Process.Signal(sig)
				_ = cmd.Wait()
				leftovers(t, dir, pids)
				if sig == syscall.SIGKILL {
					return
				}
				if _, err := os.Stat(report); err != nil || cmd.ProcessState.ExitCode() != 130 {
					t.Errorf("exit code %d, want 130; %v\n%s", cmd.ProcessState.ExitCode(), err, said.String())
				}
			})
		}
	}
}

// leftovers reports what is left of an engine: its processes, and its scratch folder.
func leftovers(t *testing.T, dir string, pids []int) {
	t.Helper()
	for i, pid := range pids {
		if i == 2 && runtime.GOOS != "linux" {
			_ = syscall.Kill(pid, syscall.SIGKILL) // as documented, it is not found elsewhere
			continue
		}
		if !eventually(func() bool { return !running(pid) }) {
			t.Errorf("process %d of %d still runs", pid, pids)
		}
	}
	if !eventually(func() bool {
		scratch, err := filepath.Glob(filepath.Join(dir, "chaosrun-*"))
		return err == nil && len(scratch) == 0
	}) {
		t.Error("its scratch folder is left")
	}
}
