//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

var stress = flag.Bool("stress", false, "run the stress tests at their full size")

// A language is one whose own waits testdata has a program of.
type language struct {
	// tools have to be installed. The first one's version is logged.
	tools   []string
	version string
	// build returns the command to run. It may write into dir.
	build func(t *testing.T, dir string) []string
	// waits are all that the program makes, by name.
	waits map[string]due
	// ratio is how much longer the program's own time is at least than the real one.
	ratio float64
	// early is how much too early the language's own timers may end a wait.
	early time.Duration
	// slow programs run once, unless the flag -stress is given.
	slow bool
}

// steps is what the clock advances by the calls that a program makes around a wait: a microsecond
// each where processor time is free.
const steps = 200 * time.Microsecond

// A due wait takes as long as after on the program's own clock, and says so. coarse is how much
// later the language's own timers may end it.
type due struct {
	after, coarse time.Duration
	said          string
}

func script(tool, file string) func(*testing.T, string) []string {
	return func(_ *testing.T, dir string) []string { return []string{tool, filepath.Join("testdata", file), dir} }
}

// made runs a compiler.
func made(t *testing.T, env []string, command ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

func languages() map[string]language {
	const each = 50 * time.Second
	const naps = 3 * time.Millisecond // Go's scheduler naps for 20 µs some fifty times
	// Node closes an idle connection a second later than asked, to be later than its client, and
	// undici looks at its timers every half second.
	const coarse = 1100 * time.Millisecond
	return map[string]language{
		"Python": {
			tools: []string{"python3"}, version: "--version", ratio: 30, build: script("python3", "waits.py"),
			waits: map[string]due{
				"time.sleep": {each, 0, "None"}, "Event.wait": {each, 0, "False"}, "queue.get": {each, 0, "Empty"},
				"Condition.wait": {each, 0, "False"}, "Timer": {each, 0, "None"}, "socket": {each, 0, "TimeoutError"},
				"asyncio.sleep": {each, 0, "None"}, "asyncio.wait_for": {each, 0, "TimeoutError"},
				"select":    {each, 0, "([], [], [])"},
				"setitimer": {each, 0, "None"}, "subprocess.run": {each, 0, "TimeoutExpired"},
				"subprocess.wait": {each, 0, "TimeoutExpired"},
			},
		},
		"Node": {
			tools: []string{"node"}, version: "--version", ratio: 20, early: time.Millisecond,
			build: script("node", "waits.mjs"),
			waits: map[string]due{
				"setTimeout":          {sixty, time.Millisecond, "done"},
				"AbortSignal.timeout": {sixty, 2 * time.Millisecond, "TimeoutError"},
				"Atomics.wait":        {sixty, 0, "timed-out"},
				"worker":              {55 * time.Second, time.Millisecond, "done"},
				"keep-alive":          {5 * time.Second, coarse, "closed"},
				"fetch":               {5 * time.Minute, coarse, "UND_ERR_HEADERS_TIMEOUT"},
			},
		},
		"Go": {
			tools: []string{"go"}, version: "version", ratio: 200,
			build: func(t *testing.T, dir string) []string {
				t.Helper()
				out := filepath.Join(dir, "waits")
				made(t, []string{"CGO_ENABLED=0"}, "go", "build", "-o", out, filepath.Join("testdata", "waits.go"))
				return []string{out}
			},
			waits: map[string]due{
				"Sleep": {sixty, naps, ""}, "Ticker": {sixty, naps, ""},
				"WithTimeout":    {sixty, naps, "context deadline exceeded"},
				"Client.Timeout": {sixty, naps, "true"}, "ResponseHeaderTimeout": {5 * sixty, naps, "true"},
				"SetReadDeadline": {sixty, naps, "true"},
				"1000 sleepers":   {sixty, 2 * naps, ""},
			},
		},
		"Java": {
			tools: []string{"javac", "java"}, version: "--version", ratio: 5, slow: true,
			build: func(t *testing.T, dir string) []string {
				t.Helper()
				made(t, nil, "javac", "-d", dir, filepath.Join("testdata", "Waits.java"))
				return []string{"java", "-cp", dir, "Waits"}
			},
			waits: map[string]due{
				"sleep": {sixty, 0, "done"}, "wait": {sixty, 0, "done"}, "poll": {sixty, 2 * time.Millisecond, "null"},
				"schedule":      {sixty, 2 * time.Millisecond, "done"},
				"HttpClient":    {sixty, 100 * time.Millisecond, "HttpTimeoutException"},
				"URLConnection": {sixty, 2 * time.Millisecond, "SocketTimeoutException"},
				"orTimeout":     {sixty, 2 * time.Millisecond, "TimeoutException"},
			},
		},
		"Rust": {
			tools: []string{"rustc"}, version: "--version", ratio: 200,
			build: func(t *testing.T, dir string) []string {
				t.Helper()
				out := filepath.Join(dir, "waits")
				made(t, nil, "rustc", "-o", out, filepath.Join("testdata", "waits.rs"))
				return []string{out}
			},
			waits: map[string]due{
				"sleep": {sixty, 0, "done"}, "recv_timeout": {sixty, 0, "Timeout"}, "wait_timeout": {sixty, 0, "true"},
				"park_timeout": {sixty, 0, "done"}, "set_read_timeout": {sixty, 0, "WouldBlock"},
				"threads": {sixty, 0, "100"},
			},
		},
		"shell": {
			tools: []string{"bash", "timeout", "mkfifo"}, version: "--version", ratio: 200,
			build: script("bash", "waits.sh"),
			waits: map[string]due{
				"sleep": {sixty, 0, "0"}, "timeout": {sixty, 0, "124"}, "read -t": {sixty, 0, "142"},
				"wait": {sixty, 0, "0"}, "pipe": {sixty, 0, "0"},
			},
		},
	}
}

// TestLanguages runs programs that wait in every way that their language has. Each wait takes what
// it was asked for by the program's own clock.
func TestLanguages(t *testing.T) {
	if err := supported(); err != nil {
		t.Skip(err)
	}
	for name, l := range languages() {
		t.Run(name, func(t *testing.T) {
			for _, tool := range l.tools {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("there is no %s on this machine", tool)
				}
			}
			version, err := exec.CommandContext(t.Context(), l.tools[0], l.version).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, version)
			}
			first, _, _ := strings.Cut(string(version), "\n")
			t.Log(first)
			program := l.build(t, t.TempDir())
			t.Run("processor time counts", func(t *testing.T) { l.check(t, program, false) })
			if l.slow && !*stress {
				return
			}
			t.Run("processor time is free", func(t *testing.T) { l.check(t, program, true) })
		})
	}
}

// check runs a program and compares what it says with what is due.
func (l *language) check(t *testing.T, program []string, free bool) {
	t.Helper()
	out, report := command(t, proctime.Options{Command: program, FreeCPU: free})
	for dec, missing := json.NewDecoder(strings.NewReader(out)), maps.Clone(l.waits); ; {
		var w waited
		if err := dec.Decode(&w); err != nil {
			if !errors.Is(err, io.EOF) || len(missing) > 0 {
				t.Errorf("%v, and nothing is said of %v in:\n%s", err, slices.Sorted(maps.Keys(missing)), out)
			}
			break
		}
		want, known := missing[w.Name]
		if !known {
			t.Errorf("unexpected: %+v", w)
		}
		delete(missing, w.Name)
		if w.Said != want.said {
			t.Errorf("%s: got %q, want %q", w.Name, w.Said, want.said)
		}
		early, late := want.after-w.Took, w.Took-want.after
		if early > l.early || late > steps+want.coarse+report.CPU {
			t.Errorf("%s took %s, want %s and at most %s more, beside the processor time of %s", w.Name, w.Took,
				want.after, steps+want.coarse, report.CPU)
		}
	}
	if ratio := float64(report.Virtual) / float64(report.Real); ratio < l.ratio {
		t.Errorf("the program's time was %.0f times the real one, want at least %.0f", ratio, l.ratio)
	}
	accounted(t, report, free)
}

// accounted checks that all of a tree's time is a jump, processor time or the price of a trap.
func accounted(t *testing.T, report proctime.Report, free bool) {
	t.Helper()
	price := 100 * time.Nanosecond
	if free {
		price = time.Microsecond
	}
	if sum := report.Jumped + report.CPU + time.Duration(report.Traps)*price; sum != report.Virtual {
		t.Errorf("%s passed, of which %s is accounted for", report.Virtual, sum)
	}
}
