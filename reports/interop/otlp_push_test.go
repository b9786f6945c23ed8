package interop_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/failover/target"
)

// A sink is a server of OTLP/HTTP that keeps the roots of the traces.
type sink struct {
	url string

	mu    sync.Mutex
	roots map[string]time.Time // the ends, by name
	keys  []string
}

// collect starts a server that answers with a status.
func collect(t *testing.T, status int) *sink {
	t.Helper()
	s := &sink{roots: map[string]time.Time{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			s.take(t, r)
			w.WriteHeader(status)
		})}
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// take decodes a request.
func (s *sink) take(t *testing.T, r *http.Request) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalJSON(body); err != nil || r.URL.Path != "/v1/traces" || r.Method != http.MethodPost {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, r.Header.Get("X-Key"))
	for i := range request.Traces().ResourceSpans().Len() {
		root := request.Traces().ResourceSpans().At(i).ScopeSpans().At(0).Spans().At(0)
		s.roots[root.Name()] = root.EndTimestamp().AsTime()
	}
}

// chaosrun runs a command line.
func chaosrun(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out, err bytes.Buffer
	code = cli.Main(cli.Options{
		Targets: campaign.Targets{target.Target()}, Args: args, Stdout: &out, Stderr: &err,
	})
	return code, err.String()
}

// TestPush pushes the traces of runs and of a report to a server.
func TestPush(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hush")
	file := filepath.Join(t.TempDir(), "report.json")
	for _, args := range [][]string{
		{"run", "healthy", "rate-limited", "--report", "json=" + file},
		{"report", file},
	} {
		server := collect(t, http.StatusOK)
		before := time.Now()
		code, said := chaosrun(t, append(args, "--otlp", server.url)...)
		if want := "chaosrun: 2 traces pushed to " + server.url + "/v1/traces\n"; code != 0 || said != want {
			t.Errorf("%s: got %d and %q, want %q", args[0], code, said, want)
		}
		if len(server.roots) != 2 || len(server.keys) != 1 || server.keys[0] != "hush" {
			t.Errorf("%s: got %v with the keys %q", args[0], server.roots, server.keys)
		}
		for name, end := range server.roots {
			if end.Before(before.Add(-time.Second)) || end.After(time.Now()) {
				t.Errorf("%s ended at %s, not now", name, end)
			}
		}
	}
}

// TestPushIsRefused checks the exit codes if the server does not take the traces.
func TestPushIsRefused(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hush")

	server := collect(t, http.StatusForbidden)
	want := "chaosrun: " + server.url + "/v1/traces: 0 traces sent, then: the server answered 403 Forbidden\n"
	if code, said := chaosrun(t, "run", "healthy", "--otlp", server.url); code != cli.ExitUnwritten || said != want {
		t.Errorf("got %d and %q, want %d and %q", code, said, cli.ExitUnwritten, want)
	}
	code, said := chaosrun(t, "run", "heartbeat-only", "--policy", "hermes-0.13", "--no-html", "--otlp", server.url)
	if code != cli.ExitFailed || said != want {
		t.Errorf("a failed run: got %d and %q, want %d and %q", code, said, cli.ExitFailed, want)
	}
	if code, _ := chaosrun(t, "run", "healthy", "--otlp", "localhost:4318"); code != cli.ExitUsage {
		t.Errorf("no URL: got %d, want %d", code, cli.ExitUsage)
	}
}
