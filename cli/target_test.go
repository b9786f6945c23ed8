package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/targets"
)

// relay is a gateway that asks the next provider if one answers with an error, and trusts any
// stream.
type relay struct{ upstreams []string }

func (g relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	for _, base := range g.upstreams {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, base+"/v1/chat/completions",
			bytes.NewReader(body))
		if err != nil {
			return
		}
		ask.Header.Set("Authorization", "Bearer any")
		ask.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(ask)
		if err != nil {
			continue
		}
		if resp.StatusCode == http.StatusOK {
			pass(w, resp)
			return
		}
		resp.Body.Close()
	}
	w.WriteHeader(http.StatusBadGateway)
}

// pass hands on a stream as it comes.
func pass(w http.ResponseWriter, resp *http.Response) {
	defer resp.Body.Close()
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	buffer := make([]byte, 4096)
	for {
		n, err := resp.Body.Read(buffer)
		_, _ = w.Write(buffer[:n])
		w.(http.Flusher).Flush()
		if err != nil {
			return
		}
	}
}

// targetFile writes the target file of a running gateway with two upstreams.
func targetFile(t *testing.T, more string) string {
	t.Helper()
	var ports []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().String())
		defer l.Close() //nolint:revive // both are open until both are known
	}
	gateway := httptest.NewServer(relay{upstreams: []string{"http://" + ports[0], "http://" + ports[1]}})
	t.Cleanup(gateway.Close)
	text := fmt.Sprintf("target: ours\nkind: gateway\nupstreams: [{listen: %q}, {listen: %q}]\n"+
		"call: {base_url: %q, model: any, key: sk-any}\n%s",
		ports[0], ports[1], gateway.URL+"/v1", more)
	return write(t, "ours.yaml", text)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A gateway in another process is run with one file. It takes real time: some seconds of healthy
// calls, and one call that is cut at the limit of 2 s.
func TestRunATargetFile(t *testing.T) {
	t.Setenv(targets.HomeVariable, t.TempDir())
	file := targetFile(t, `
settings: {timeout: 600s}
variants: {defaults: {}, tuned: {timeout: 10s}}
limits: {call: 2s, time_to_fallback: 1s}
advice: {heartbeat-only: count content}
`)
	code, stdout, stderr := chaosrun(cli.Options{}, "run", "server-error", "heartbeat-only", "--target", file+"@tuned",
		"--clock", "wall", "--set", "timeout=5s")
	if code != cli.ExitFailed {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"passed   server-error / ours@tuned", "failed   heartbeat-only / ours@tuned",
		"    engine: timeout=5s\n", "    advice: count content\n",
		"replay: chaosrun run heartbeat-only --target " + file + "@tuned --set timeout=5s --clock wall",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s%s", want, stdout, stderr)
		}
	}
}

// A wrong target file ends the command with every problem. An engine that cannot be started is
// unknown, and the other engines are run.
func TestWrongTargets(t *testing.T) {
	wrong := write(t, "wrong.yaml",
		"target: x\nkind: worker\ntitel: x\nstart: {command: [w, \"{{settings.retires}}\"]}\nsettings: {retries: 2}\n")
	for _, line := range []string{
		"run healthy --target " + wrong, "check " + wrong, "explain " + wrong, "install " + wrong,
	} {
		code, _, stderr := chaosrun(own(), strings.Fields(line)...)
		if code != cli.ExitData ||
			!strings.Contains(stderr, `wrong.yaml:3:1: unknown key "titel" (did you mean "title"?)`) ||
			!strings.Contains(stderr,
				`wrong.yaml:4:23: unknown name "settings.retires" (did you mean "settings.retries"?)`) {
			t.Errorf("%s: exit code %d\n%s", line, code, stderr)
		}
	}
	missing := write(t, "missing.yaml", "target: missing\nkind: worker\nstart: {command: [no-such-program-anywhere]}\n")
	code, stdout, stderr := chaosrun(own(), "run", "healthy", "--target", missing, "--target", "mine", "--clock",
		"wall")
	if code != cli.ExitUnknown || !strings.Contains(stdout, "passed   healthy / mine") ||
		!strings.Contains(stdout, "unknown  healthy / missing") ||
		!strings.Contains(stdout, "missing: command not found: no-such-program-anywhere") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
