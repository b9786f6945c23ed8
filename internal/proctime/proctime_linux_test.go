//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

func TestMain(m *testing.M) {
	proctime.Main()
	if n := len(os.Args); n >= 2 && os.Args[n-2] == "child" {
		children()[os.Args[n-1]]()
		os.Exit(0)
	}
	m.Run()
}

// supported asks once whether this machine permits virtual time.
var supported = sync.OnceValue(proctime.Supported)

// run runs a child in virtual time and returns what it printed.
func run(t *testing.T, name string, o proctime.Options) (string, proctime.Report) {
	t.Helper()
	o.Command = []string{"/proc/self/exe", "child", name}
	return command(t, o)
}

func command(t *testing.T, o proctime.Options) (string, proctime.Report) {
	t.Helper()
	if err := supported(); err != nil {
		t.Skip(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); _, _ = io.Copy(&out, r) }()
	o.Stdout = w
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code, report, err := proctime.Run(ctx, o)
	_ = w.Close()
	<-read
	_ = r.Close()
	if err != nil || code != 0 {
		t.Fatalf("got exit code %d, %v: %s\n%s", code, err, report, out.String())
	}
	t.Log(report)
	return out.String(), report
}

// exact checks that each wait took its time on the program's own clock, plus what the processor
// took for it.
func exact(t *testing.T, out string, report proctime.Report, want map[string]time.Duration) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(out))
	for dec.More() {
		var w waited
		if err := dec.Decode(&w); err != nil {
			t.Fatalf("%v in:\n%s", err, out)
		}
		due, known := want[w.Name]
		if !known {
			t.Errorf("unexpected wait %s", w.Name)
		}
		delete(want, w.Name)
		if w.Took < due || w.Took > due+report.CPU+time.Millisecond {
			t.Errorf("%s took %s, want %s and at most the processor time of %s", w.Name, w.Took, due, report.CPU)
		}
	}
	for name := range want {
		t.Errorf("%s is missing in:\n%s", name, out)
	}
	if report.Real > report.Virtual/10 {
		t.Errorf("it took %s for %s", report.Real, report.Virtual)
	}
}

func TestEveryWaitEndsAtItsDeadline(t *testing.T) {
	out, report := run(t, "waits", proctime.Options{})
	want := map[string]time.Duration{}
	results := map[string]string{
		"nanosleep": "0", "clock_nanosleep": "0", "clock_nanosleep absolute": "0", "futex": "connection timed out",
		"futex absolute": "connection timed out", "futex realtime": "connection timed out", "poll": "0", "ppoll": "0",
		"select": "0", "pselect": "0",
		"epoll_wait": "0", "epoll_pwait2": "0", "timerfd": "8", "rt_sigtimedwait": "resource temporarily unavailable",
		"SO_RCVTIMEO": "resource temporarily unavailable", "SO_SNDTIMEO": "resource temporarily unavailable",
		"setitimer": "alarm clock", "POSIX timer": "alarm clock",
	}
	for name := range results {
		want[name] = sixty
	}
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
		var w waited
		if err := dec.Decode(&w); err != nil {
			t.Fatal(err)
		}
		if w.Said != results[w.Name] {
			t.Errorf("%s: got %q, want %q", w.Name, w.Said, results[w.Name])
		}
	}
	exact(t, out, report, want)
}

func TestGoEngine(t *testing.T) {
	out, report := run(t, "engine", proctime.Options{})
	exact(t, out, report, map[string]time.Duration{
		"Sleep": sixty, "Ticker": sixty, "WithTimeout": sixty, "http.Client": 5 * sixty, "SetReadDeadline": sixty,
		"1000 sleepers": sixty,
		"a process":     sixty,
	})
}

func TestSeedsRepeat(t *testing.T) {
	first, _ := run(t, "random", proctime.Options{Seeded: true, Seed: 7})
	again, _ := run(t, "random", proctime.Options{Seeded: true, Seed: 7})
	other, _ := run(t, "random", proctime.Options{Seeded: true, Seed: 8})
	if first != again || first == other {
		t.Errorf("got %q, %q with the same seed and %q with another", first, again, other)
	}
}

func TestPeersOutsideAreSeen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, report := run(t, "outside", proctime.Options{Env: append(os.Environ(), "OUTSIDE="+l.Addr().String())})
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if len(report.Outside) != 1 || !strings.Contains(report.Outside[0], "port "+port) {
		t.Errorf("got %q, want one peer at port %s", report.Outside, port)
	}
	if _, report := run(t, "engine", proctime.Options{}); report.Outside != nil {
		t.Errorf("got %q for a tree of its own", report.Outside)
	}
}

// TestNothingIsLeft looks for the process that a command leaves behind.
func TestNothingIsLeft(t *testing.T) {
	out, _ := run(t, "leave", proctime.Options{})
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

func TestInterrupt(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := proctime.Run(ctx, proctime.Options{Command: []string{"/proc/self/exe", "child", "sleep"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestExitCodes(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	for script, want := range map[string]int{"exit 3": 3, "kill -TERM $$": 128 + int(unix.SIGTERM)} {
		code, _, err := proctime.Run(t.Context(), proctime.Options{Command: []string{"/bin/sh", "-c", script}})
		if code != want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", script, code, err, want)
		}
	}
	silent, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	code, _, err := proctime.Run(t.Context(), proctime.Options{Command: []string{"no-such-program"}, Stderr: silent})
	if code != 127 || err != nil {
		t.Errorf("got %d, %v for a program that is missing, want 127", code, err)
	}
}

// TestShellAndSleep is the simplest demonstration.
func TestShellAndSleep(t *testing.T) {
	if _, err := exec.LookPath("sleep"); err != nil {
		t.Skip("there is no sleep on this machine")
	}
	_, report := command(t, proctime.Options{Command: []string{"sleep", "900"}})
	if report.Virtual < 15*time.Minute || report.Real > 5*time.Second {
		t.Errorf("got %s", report)
	}
}
