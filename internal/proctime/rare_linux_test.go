//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

func TestRareWaits(t *testing.T) {
	const late, never, again = "connection timed out", "function not implemented", "resource temporarily unavailable"
	results := map[string]string{
		"clock_nanosleep BOOTTIME": "0", "clock_nanosleep TAI": "0", "PI futex": late,
		"PI futex of CLOCK_MONOTONIC": late, "requeueing futex": late,
		"futex_waitv": late, "futex_wait": late, "semtimedop": again, "mq_timedreceive": late, "io_getevents": "0",
		"io_pgetevents":    "0",
		"timerfd BOOTTIME": "1", "SO_RCVTIMEO of another descriptor": again, "SO_SNDTIMEO of a connect": again,
		"uptime": "true true true true",
	}
	out, report := run(t, "rare waits", proctime.Options{})
	want := map[string]time.Duration{}
	for name := range results {
		want[name] = sixty
	}
	var kept strings.Builder
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
		var w waited
		if err := dec.Decode(&w); err != nil {
			t.Fatalf("%v in:\n%s", err, out)
		}
		if w.Said == never { // an older kernel
			t.Logf("%s does not exist here", w.Name)
			delete(want, w.Name)
			continue
		}
		if w.Said != results[w.Name] {
			t.Errorf("%s: got %q, want %q", w.Name, w.Said, results[w.Name])
		}
		if err := json.NewEncoder(&kept).Encode(w); err != nil {
			t.Fatal(err)
		}
	}
	exact(t, kept.String(), report, want)
	if report.RealTime != nil {
		t.Errorf("got %q in real time", report.RealTime)
	}
}

// TestOddPrograms compares what programs print.
func TestOddPrograms(t *testing.T) {
	for name, want := range map[string]string{
		"ticks": "5 1 true 1 true", "rest": "40\n40", "two sleepers": "interrupted system call 40\n0 60",
		"timers of a child": "0 0 true\n0 0 true\n60",
		"border":            "0 true bad address bad address", "nested": "0 <nil> true []\ntrue <nil>\ntrue",
	} {
		out, report := run(t, name, proctime.Options{})
		if got := strings.TrimSpace(out); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if report.RealTime != nil {
			t.Errorf("%s: got %q in real time", name, report.RealTime)
		}
	}
}

// TestThreadExecutes has a thread that is not the first one become another program.
func TestThreadExecutes(t *testing.T) {
	if _, report := run(t, "thread executes", proctime.Options{}); report.Virtual < sixty || report.Virtual > 2*sixty {
		t.Errorf("got %s", report)
	}
}

// TestFewFiles has a tracer that may not open a file for each thread.
func TestFewFiles(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	if out, want := child(t, nil, "few files"), "0 <nil> true []\n"; out != want {
		t.Errorf("got %swant %s", out, want)
	}
}

// TestUnixPeersOutsideAreSeen connects to a Unix socket of this test.
func TestUnixPeersOutsideAreSeen(t *testing.T) {
	at := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, report := run(t, "Unix peers", proctime.Options{Env: append(os.Environ(), "OUTSIDE="+at)})
	if len(report.Outside) != 1 ||
		!strings.Contains(report.Outside[0], "Unix socket on which no process of the tree listens") {
		t.Errorf("got %q", report.Outside)
	}
}

// TestServersInDocker has a server whose sockets the tracer cannot duplicate.
func TestServersInDocker(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	if out := child(t, nil, "serve in Docker"); !strings.Contains(out, "<nil> [] []") {
		t.Errorf("got %s", out)
	}
}

// TestLeaderLeaves has a process whose first thread ends before the others.
func TestLeaderLeaves(t *testing.T) {
	out, report := run(t, "leader leaves", proctime.Options{})
	if got := strings.TrimSpace(out); got == "another thread" {
		t.Skip("the first thread was another one")
	} else if got != "true" || report.Real > 10*time.Second {
		t.Errorf("got %q, %s", got, report)
	}
}

// TestWhatStaysRealIsSaid runs programs whose time cannot be held.
func TestWhatStaysRealIsSaid(t *testing.T) {
	said := map[string]string{
		"ptrace": "was refused to trace a process", "adjtimex": "asks how the machine's own clock is kept",
		"set clock": "was refused to set the clock",
		"recvmmsg":  "waits for several messages at once with a timeout",
	}
	if runtime.GOARCH == "amd64" {
		said["vDSO"], said["other architecture"] = "found the vDSO by itself",
			"makes system calls of another architecture"
	}
	for name, want := range said {
		_, report := run(t, name, proctime.Options{})
		if len(report.RealTime) != 1 || !strings.Contains(report.RealTime[0], want) {
			t.Errorf("%s: got %q, want %q", name, report.RealTime, want)
		}
	}
}

// TestVsyscall has a program that asks for the time as old ones of Go do, if they find no vDSO.
func TestVsyscall(t *testing.T) {
	out, report := run(t, "vsyscall", proctime.Options{})
	switch got := strings.TrimSpace(out); got {
	case "none":
		t.Skip("there is no vsyscall page on this machine")
	case "true":
	default:
		t.Errorf("got %s: the time that it read is not that of the tree; %s", got, report)
	}
}

// Test32Bit runs a program of 386, which lives in real time.
func Test32Bit(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("it is a question of amd64")
	}
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(\"here\") }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
	build.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := exec.CommandContext(t.Context(), program).Run(); err != nil {
		t.Skip("this machine runs no 32-bit programs: ", err)
	}
	_, report := command(t, proctime.Options{Command: []string{program}})
	if len(report.RealTime) != 1 || !strings.Contains(report.RealTime[0], "another architecture") {
		t.Errorf("got %q", report.RealTime)
	}
}

// TestSetuid runs a program that would have the rights of another user.
func TestSetuid(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a program setuid")
	}
	data, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Skip(err)
	}
	program := filepath.Join(t.TempDir(), "true")
	if err := os.WriteFile(program, data, 0o600); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	for _, err := range []error{os.Chown(program, nobody, nobody), os.Chmod(program, 0o755|os.ModeSetuid)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, report := command(t, proctime.Options{Command: []string{program}})
	if len(report.RealTime) != 1 || !strings.Contains(report.RealTime[0], "setuid") {
		t.Errorf("got %q", report.RealTime)
	}
}
