package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/timeline"
)

// served is `chaosrun serve` in a process of its own.
type served struct {
	cmd *exec.Cmd
	// env are the variables that it printed; where two providers print the same one, the first of
	// them.
	env    map[string]string
	stderr *bufio.Scanner
}

// start runs `chaosrun serve` and reads what it prints up to its last line.
func start(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{cmd: exec.Command("chaosrun", append([]string{"serve"}, args...)...), env: map[string]string{}}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stderr = bufio.NewScanner(stderr)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok && s.env[name] == "" {
			s.env[name] = value
		}
		if strings.Contains(lines.Text(), "Ctrl-C ends it") {
			return s
		}
	}
	t.Fatalf("it did not start: %v", s.cmd.Wait())
	return nil
}

// interrupt is Ctrl-C; it waits until the drain has begun.
func (s *served) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for s.stderr.Scan() {
		if strings.HasPrefix(s.stderr.Text(), "draining") {
			return
		}
	}
	t.Fatal("it did not drain")
}

// exit waits for the end and returns the exit code.
func (s *served) exit(t *testing.T) int {
	t.Helper()
	for s.stderr.Scan() { // to its end
	}
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

// ask opens a stream of the first provider.
func (s *served) ask(t *testing.T, client *http.Client, model string) *http.Response {
	t.Helper()
	text := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":"say hello"}]}`, model)
	req, err := http.NewRequest(http.MethodPost, s.env["OPENAI_BASE_URL"]+"/chat/completions", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.env["OPENAI_API_KEY"])
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func readTimeline(t *testing.T, file string) timeline.Timeline {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var tl timeline.Timeline
	if err := json.Unmarshal(data, &tl); err != nil {
		t.Fatal(err)
	}
	return tl
}

// What can end within the drain does, what cannot is cut and stays open in the timeline; the exit
// code is 0.
func TestServeDrains(t *testing.T) {
	skipWithoutSignals(t)
	file := filepath.Join(t.TempDir(), "timeline.json")
	s := start(t, "primary=heartbeat-only", "--drain", "2s", "--timeline", file, "--seed", "7")
	silent := s.ask(t, http.DefaultClient, "m")
	short := s.ask(t, http.DefaultClient, "m@healthy,text=the whole answer,itl=100ms")
	s.interrupt(t)
	if data, err := io.ReadAll(short.Body); err != nil || !strings.Contains(string(data), "[DONE]") {
		t.Errorf("the stream that was under way ended with %v: %s", err, data)
	}
	if _, err := io.ReadAll(silent.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream without end ended with %v", err)
	}
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	tl := readTimeline(t, file)
	attempts := tl.Attempts()
	if len(attempts) != 2 || !attempts[0].Open || attempts[1].Text != "the whole answer" || attempts[1].Open ||
		tl.Run.Seed != 7 {
		t.Errorf("the timeline is\n%s", tl)
	}
}

// A second Ctrl-C ends at once, with 130, and what was seen is written all the same.
func TestServeInterruptedTwice(t *testing.T) {
	skipWithoutSignals(t)
	file := filepath.Join(t.TempDir(), "timeline.json")
	s := start(t, "no-response", "--drain", "1h", "--timeline", file)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.env["OPENAI_BASE_URL"]+"/chat/completions",
			strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"say hello"}]}`))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer sk-any")
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			t.Error("it was answered")
		}
	}()
	s.untilAsked(t)
	s.interrupt(t)
	began := time.Now()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := s.exit(t); code != cli.ExitInterrupted || time.Since(began) > 30*time.Second {
		t.Errorf("exit code %d after %s, want %d at once", code, time.Since(began), cli.ExitInterrupted)
	}
	<-asked
	if got := readTimeline(t, file).Attempts(); len(got) != 1 || !got[0].Open {
		t.Errorf("the attempts are %+v", got)
	}
}

// untilAsked waits for the first request, as the admin API sees it.
func (s *served) untilAsked(t *testing.T) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.env["CHAOSRUN_ADMIN_URL"]+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.env["CHAOSRUN_ADMIN_TOKEN"])
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if bytes.Contains(data, []byte(`chaosrun_open_exchanges{provider="primary"} 1`)) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("no request came: %s", data)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestServeOverTLS(t *testing.T) {
	s := start(t, "primary=healthy", "--tls")
	ca, err := os.ReadFile(s.env["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	resp := s.ask(t, &http.Client{Transport: transport}, "m")
	if data, err := io.ReadAll(resp.Body); resp.ProtoMajor != 2 || err != nil ||
		!strings.Contains(string(data), "[DONE]") {
		t.Errorf("got HTTP/%d, %v: %s", resp.ProtoMajor, err, data)
	}
	if runtime.GOOS == "windows" {
		return
	}
	s.interrupt(t)
	if code := s.exit(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(s.env["SSL_CERT_FILE"]); err == nil {
		t.Error("the temporary file of the authority was left behind")
	}
}

// The scenario's providers at the upstreams of a target file.
func TestServeAtATargetsUpstreams(t *testing.T) {
	file := filepath.Join(t.TempDir(), "target.yaml")
	text := "target: mine\nkind: gateway\ncall: {base_url: 'http://127.0.0.1:1/v1'}\nupstreams:\n" +
		"  - {listen: 127.0.0.1:0, protocol: anthropic-messages, advertise: 'http://host.docker.internal:4010'}\n" +
		"  - {listen: 127.0.0.1:0}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "--target", file)
	if got := s.env["ANTHROPIC_BASE_URL"]; got != "http://host.docker.internal:4010" {
		t.Errorf("the first upstream is at %q", got)
	}
	if resp := s.ask(t, http.DefaultClient, "m"); resp.StatusCode != http.StatusOK {
		t.Errorf("the second upstream answers %d", resp.StatusCode)
	}
}

// A target file says how an engine is started, called and judged; serve needs none of that, and
// minds none of it.
func TestServeTakesAWholeTargetFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(file, []byte(wholeTarget), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "heartbeat-only", "--target", file)
	if first, second := s.env["OPENAI_BASE_URL"], s.env["ANTHROPIC_BASE_URL"]; first == "" || second == "" {
		t.Errorf("the upstreams are at %q and %q", first, second)
	}
	if resp := s.ask(t, http.DefaultClient, "m@healthy"); resp.StatusCode != http.StatusOK {
		t.Errorf("the first upstream answers %d", resp.StatusCode)
	}
}

// wholeTarget has most keys of a target file.
const wholeTarget = `
target: my-litellm
kind: gateway
version: {pip: litellm}
install: {pip: ["litellm[proxy]==1.108.7"]}
start:
  command: [litellm, --config, "{{dir}}/config.yaml", --port, "{{port}}", --host, 127.0.0.1]
  files: {config.yaml: {text: "model_list: []"}}
  env: {A: b}
  ready: {get: "{{url}}/health/liveliness", within: 60s}
call: {protocol: openai-chat, base_url: "{{url}}/v1", model: primary, key: "${LITELLM_KEY}", headers: {}}
upstreams:
  - {listen: 127.0.0.1:0, protocol: openai-chat}
  - {listen: 127.0.0.1:0, protocol: anthropic-messages}
settings: {request_timeout: 30s, retries: 2}
limits: {call: 60s, time_to_fallback: 35s}
between_runs: {wait: 6s}
`

func TestServeOnAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for flag, who := range map[string]string{"--port": "primary", "--admin-port": "the admin API"} {
		var stderr bytes.Buffer
		o := options()
		o.Args, o.Stdout, o.Stderr = []string{"serve", "heartbeat-only", flag, port}, io.Discard, &stderr
		code := cli.Main(o)
		if want := who + ": 127.0.0.1:" + port + " is in use"; code != cli.ExitUsage ||
			!strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %q; want %d, %q", flag, code, &stderr, cli.ExitUsage, want)
		}
	}
}

func skipWithoutSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send Ctrl-C to another one there")
	}
}
