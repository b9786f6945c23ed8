//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An execRun is `chaosrun exec` in a session of its own, without a terminal.
type execRun struct {
	cmd    *exec.Cmd
	stdout *bufio.Scanner
	stderr heard
	said   strings.Builder
}

// heard keeps what was written, and tells when a text is in it.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
	want string
	told chan struct{}
}

// Write keeps p.
func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Write(p)
	if h.told != nil && strings.Contains(h.text.String(), h.want) {
		close(h.told)
		h.told = nil
	}
	return len(p), nil
}

// String returns what was written so far.
func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// when returns a channel that is closed when a text is written from now on.
func (h *heard) when(text string) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.want, h.told = text, make(chan struct{})
	return h.told
}

func startExec(t *testing.T, args ...string) *execRun {
	t.Helper()
	r := &execRun{cmd: exec.Command("chaosrun", append([]string{"exec"}, args...)...)}
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	r.cmd.Env = append(os.Environ(), "COLUMNS=1000") // what a test looks for stands in one line
	r.cmd.Stderr = &r.stderr
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	r.stdout = bufio.NewScanner(stdout)
	return r
}

// until reads standard output up to a line that begins with a text, and returns the rest of the
// line.
func (r *execRun) until(t *testing.T, text string) string {
	t.Helper()
	for r.stdout.Scan() {
		r.said.WriteString(r.stdout.Text() + "\n")
		if rest, ok := strings.CutPrefix(r.stdout.Text(), text); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("it did not print %q but\n%s%s", text, &r.said, &r.stderr)
	return ""
}

// end reads the rest and returns the exit code.
func (r *execRun) end(t *testing.T) int {
	t.Helper()
	for r.stdout.Scan() {
		r.said.WriteString(r.stdout.Text() + "\n")
	}
	var exit *exec.ExitError
	if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode()
}

// want checks the exit code and what was printed.
func (r *execRun) want(t *testing.T, code int, texts ...string) {
	t.Helper()
	got := r.end(t)
	all := r.said.String() + r.stderr.String()
	if got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("no %q", text)
		}
	}
	if t.Failed() {
		t.Logf("it printed\n%s", all)
	}
}

// hanging is a scenario whose primary sends heartbeats only, with limits that a test can wait for.
const hanging = `
scenario: hanging
deadline: 20s
providers:
  - name: primary
    on_request: [{heartbeat-only: {every: 200ms}}]
  - name: secondary
    on_request: [healthy]
limits: {time_to_fallback: 2s}
expect:
  - time_to_fallback
  - answer: {from: secondary}
  - attempts: {primary: {max: 1}, secondary: {max: 1}}
  - connection_closed: {provider: primary, within: 1s}
  - no_leaks
`

func hangingFile(t *testing.T) string {
	t.Helper()
	file := t.TempDir() + "/hanging.yaml"
	if err := os.WriteFile(file, []byte(hanging), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestExec takes some 3 seconds of real time: a hang has to outlast its limit, and all cases run
// side by side.
func TestExec(t *testing.T) {
	file := hangingFile(t)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"a fallback in time passes", []string{"ask", "primary=300ms", "secondary"}, 0, []string{
			"passed   hanging", "passed   time_to_fallback", "skipped  answer", "passed   connection_closed",
			"attempts: primary 1, secondary 1; amplification 2",
			"client-disconnected", "1 ended, 1 closed by the command", "PRIMARY_BASE_URL=http://127.0.0.1:",
		}},
		{
			"one that comes late fails",
			[]string{"ask", "primary=2500ms", "secondary"},
			1,
			[]string{"failed   hanging", "failed   time_to_fallback"},
		},
		{"a hang is cut and fails", []string{"ask", "primary", "secondary"}, 1, []string{
			"failed   time_to_fallback", "cut after 2s without an answer or another provider", "heartbeat-sent",
			"1 closed when the command ended",
		}},
		{
			"too many requests fail",
			[]string{"ask", "primary=50ms", "primary=50ms", "secondary"},
			1,
			[]string{"failed   attempts", "primary received 2 requests"},
		},
		{
			"a suite may ask once per test",
			[]string{"ask", "twice", "primary=100ms", "secondary"},
			0,
			[]string{"passed   attempts", "; 2 calls, amplification 2.0"},
		},
		{
			"a suite whose second test hangs fails",
			[]string{"sh", "-c", "ask primary=100ms secondary; ask primary secondary"},
			1,
			[]string{
				"failed   time_to_fallback", "; 2 calls", "call-2",
			},
		},
		{
			"the command's own failure counts",
			[]string{"ask", "primary=100ms", "secondary", "exit=7"},
			7,
			[]string{"passed   hanging", "exit code 7"},
		},
		{
			"the verdict's failure counts more",
			[]string{"ask", "primary=50ms", "primary=50ms", "secondary", "exit=7"},
			1,
			[]string{"failed   hanging"},
		},
		{"no request is unknown", []string{"ask", "exit=7"}, 3, []string{
			"unknown  hanging", "hint:   the command sent no request; it must read the addresses from PRIMARY_BASE_URL",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			startExec(t, append([]string{file, "--"}, tt.args...)...).want(t, tt.code, tt.want...)
		})
	}
}

// The flagship's secondary is another vendor's. An engine with one SDK cannot use it, and is told
// what to do.
func TestExecOnTheWrongWire(t *testing.T) {
	t.Parallel()
	startExec(t, "heartbeat-only", "--", "ask", "primary=200ms", "secondary").want(t, 3,
		"unknown  heartbeat-only", "secondary speaks anthropic-messages, was asked at /chat/completions",
		"hint:   --protocol openai-chat makes every provider speak the protocol of the first request")
	startExec(t, "heartbeat-only", "--protocol", "openai-chat", "--", "ask", "primary=200ms", "secondary").want(t, 0,
		"passed   heartbeat-only")
}

// An idle timer that any byte resets is no watchdog, although it is shorter than the scenario's
// pauses. The hang takes its limit of 3 seconds.
func TestExecCadence(t *testing.T) {
	args := []string{
		"--protocol", "openai-chat", "--limit", "time_to_fallback=3s", "--", "ask", "primary=idle:1s", "secondary",
	}
	t.Run("found", func(t *testing.T) {
		t.Parallel()
		startExec(t, append([]string{"heartbeat-only"}, args...)...).want(t, 1, "failed   time_to_fallback",
			"heartbeats every 500ms")
	})
	t.Run("missed as the scenario is written", func(t *testing.T) {
		t.Parallel()
		startExec(t, append([]string{"heartbeat-only", "--cadence", "as-written"}, args...)...).want(t, 0,
			"passed   time_to_fallback", "--cadence as-written")
	})
}

func TestExecEnvironment(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://proxy.test:1")
	t.Setenv("NO_PROXY", "intern.test")
	t.Setenv("OPENAI_API_KEY", "sk-of-the-user")
	r := startExec(t, "heartbeat-only", "--", "ask", "env=PRIMARY_URL", "env=PRIMARY_BASE_URL",
		"env=SECONDARY_BASE_URL", "env=SECONDARY_URL", "env=PRIMARY_MODEL",
		"env=OPENAI_BASE_URL", "env=OPENAI_API_KEY", "env=PRIMARY_API_KEY", "env=ANTHROPIC_BASE_URL", "env=NO_PROXY",
		"env=CHAOSRUN_UPSTREAMS", "env=PATH")
	url := r.until(t, "PRIMARY_URL=")
	for _, want := range []string{"PRIMARY_BASE_URL=" + url + "/v1"} {
		r.until(t, want)
	}
	second := r.until(t, "SECONDARY_BASE_URL=")
	r.until(t, "SECONDARY_URL="+second) // Anthropic's SDKs add /v1
	if got := r.until(t, "PRIMARY_MODEL="); got == "" {
		t.Error("no model")
	}
	r.until(t, "OPENAI_BASE_URL="+url+"/v1")
	key := r.until(t, "OPENAI_API_KEY=")
	if key == "sk-of-the-user" || key != r.until(t, "PRIMARY_API_KEY=") {
		t.Errorf("OPENAI_API_KEY=%s", key)
	}
	r.until(t, "ANTHROPIC_BASE_URL="+second)
	r.until(t, "NO_PROXY=intern.test,127.0.0.1,localhost")
	var upstreams []map[string]string
	if err := json.Unmarshal([]byte(r.until(t, "CHAOSRUN_UPSTREAMS=")), &upstreams); err != nil || len(upstreams) != 2 {
		t.Fatalf("%d upstreams, %v", len(upstreams), err)
	}
	if u := upstreams[0]; u["name"] != "primary" || u["protocol"] != "openai-chat" || u["url"] != url ||
		u["base_url"] != url+"/v1" || u["key"] != key || u["model"] == "" {
		t.Errorf("got %v", u)
	}
	if r.until(t, "PATH=") != os.Getenv("PATH") {
		t.Error("the user's PATH is gone")
	}
	r.end(t)
}

// Ctrl-C ends the command, and what was seen until then is still printed.
func TestExecInterrupted(t *testing.T) {
	t.Parallel()
	r := startExec(t, "heartbeat-only", "--", "ask", "primary")
	r.until(t, "asking PRIMARY")
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	r.want(t, 130, "what the providers saw", "interrupted")
}

// gone waits until a process has ended.
func gone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if errors.Is(syscall.Kill(n, 0), syscall.ESRCH) {
			return
		}
		time.Sleep(10 * time.Millisecond) // a process that is not ours cannot be waited for
	}
	t.Errorf("process %d is still there", n)
	_ = syscall.Kill(n, syscall.SIGKILL)
}

// However chaosrun ends, the command and what it started end with it.
func TestExecLeavesNothing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signal syscall.Signal
		args   []string
	}{
		{"by itself", 0, nil},
		{"SIGINT", syscall.SIGINT, []string{"forever"}},
		{"SIGTERM", syscall.SIGTERM, []string{"forever"}},
		{"SIGKILL", syscall.SIGKILL, []string{"forever"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startExec(t, append([]string{"heartbeat-only", "--", "ask", "linger"}, tt.args...)...)
			child := r.until(t, "started")
			if tt.signal != 0 {
				r.until(t, "waiting")
				if err := r.cmd.Process.Signal(tt.signal); err != nil {
					t.Fatal(err)
				}
			}
			r.end(t)
			gone(t, child)
		})
	}
}

// A command that is told to end and does not is killed: at once if told twice.
func TestExecInterruptedTwice(t *testing.T) {
	t.Parallel()
	r := startExec(t, "heartbeat-only", "--", "ask", "deaf", "forever")
	r.until(t, "waiting")
	interrupted := r.stderr.when("Ctrl-C again kills it")
	for range 2 {
		if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		<-interrupted // two signals at once are one
	}
	r.want(t, 130, "killed at the second interrupt")
}
