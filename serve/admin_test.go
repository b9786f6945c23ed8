package serve_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/serve"
	"github.com/chaosrun/chaosrun/timeline"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func model(name string) func(*http.Request) {
	return func(r *http.Request) {
		text := body(name, true)
		r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
	}
}

// TestARequestPicksItsFault checks that the pick of a single request does not use up the due
// entry.
func TestARequestPicksItsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemory(t,
			only(fakeprovider.Script{fakeprovider.Fail{Status: 503}}, fakeprovider.Healthy{Text: "as scripted"}))
		tests := []struct {
			name   string
			change func(*http.Request)
			status int
			says   string
		}{
			{"header", header(serve.FaultHeader, "rate-limited"), 429, "Rate limit reached for some-model"},
			{"header with a parameter", header(serve.FaultHeader, "healthy,text=picked"), 200, "picked"},
			{"model", model("gpt-4o@rate-limited"), 429, "Rate limit reached for gpt-4o in"},
			{"model with a parameter", model("gpt-4o@healthy,text=chosen"), 200, "chosen"},
			{
				"header with a fault of the connection", header(serve.FaultHeader, "request-unread"), 400,
				"acts before a request arrives",
			},
			{"header with a fault of TLS", header(serve.FaultHeader, "tls-bad-record"), 400, "this fault needs TLS"},
			{
				"header with a fault of HTTP/2", header(serve.FaultHeader, "http2-reset-stream"), 400,
				"this fault needs HTTP/2",
			},
			{"header with no fault", header(serve.FaultHeader, "rate-limitd"), 400, `did you mean \"rate-limited\"?`},
			{"model with a wrong parameter", model("gpt-4o@healthy,ttft=5"), 400, `write \"5s\"`},
			{"the first of the script", model("gpt-4o"), 503, "overloaded"},
			{"a version is no fault", model("claude-sonnet-4@20250514"), 200, `"model":"claude-sonnet-4@20250514"`},
			{"the last of the script repeats", model("gpt-4o"), 200, "as"},
		}
		for _, tt := range tests {
			if status, text, err := r.do(t, r.ask(t.Context(), t, tt.change)); status != tt.status ||
				!strings.Contains(text, tt.says) || err != nil {
				t.Errorf("%s: got %d %s, %v; want %d with %q", tt.name, status, text, err, tt.status, tt.says)
			}
		}
		var faults []string
		entries, _ := r.Journal()
		for _, e := range entries {
			faults = append(faults, e.Fault)
		}
		want := []string{
			"rate-limited", "healthy", "rate-limited", "healthy", "refused", "refused", "refused", "refused", "refused",
			"script", "healthy", "healthy",
		}
		if diff := cmp.Diff(want, faults); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
	})
}

func TestAdminWantsItsToken(t *testing.T) {
	r := onLoopback(t, only())
	for _, path := range []string{
		"/v1/providers", "/v1/journal", "/v1/timeline", "/metrics", "/v1/reset", "/nonsense",
	} {
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + token, token} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.admin+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", authorization)
			if status, text, err := r.do(t, req); status != http.StatusUnauthorized || err != nil ||
				strings.Contains(text, token) {
				t.Errorf("%s with %q: got %d %s, %v", path, authorization, status, text, err)
			}
		}
	}
	if _, err := serve.Start(serve.Options{Admin: noListener{}}); err == nil {
		t.Error("an admin API without a token was started")
	}
}

func TestAdminSetsTheScript(t *testing.T) {
	r := onLoopback(t, only())
	for _, tt := range []struct {
		path, text string
		status     int
		says       string
	}{
		{
			"/v1/providers/primary/on_request", `[{"rate-limited": {}}, {"script": [{"problem": {"status": 529}}]}]`,
			200, `"rate-limited"`,
		},
		{"/v1/providers/primary/on_request", "heartbeat-olny", 400, `did you mean \"heartbeat-only\"?`},
		{
			"/v1/providers/primary/on_request", "connect-blackhole", 400,
			"cannot be had in the serve world: the kernel answers the SYN",
		},
		{
			"/v1/providers/primary/on_request", "[healthy, {tls-alert: {alert: internal_error}}]", 400,
			"the fault tls-alert needs TLS, and the providers are served without",
		},
		{"/v1/providers/primary/on_request", "", 400, "there is nothing here"},
		{"/v1/providers/primary/on_request", strings.Repeat("#", 2<<20), 413, "too large"},
		{"/v1/providers/primry/on_request", "healthy", 404, "did you mean primary?"},
		{"/v1/providers", "healthy", 405, "another method"},
		{"/v1/nonsense", "healthy", 404, "no such path"},
	} {
		if status, text := r.call(t, http.MethodPut, tt.path, tt.text); status != tt.status ||
			!strings.Contains(text, tt.says) {
			t.Errorf("PUT %s %.60q: got %d %s, want %d with %q", tt.path, tt.text, status, text, tt.status, tt.says)
		}
	}
	for _, want := range []int{429, 529, 529} {
		if status, _, err := r.do(t, r.ask(t.Context(), t)); status != want || err != nil {
			t.Errorf("got %d, %v; want %d", status, err, want)
		}
	}
}

func TestAdminReads(t *testing.T) {
	o := only(fakeprovider.Healthy{Text: "hello there"})
	o.Name = "some-scenario"
	r := onLoopback(t, o)
	if status, _, err := r.do(t, r.ask(t.Context(), t)); status != http.StatusOK || err != nil {
		t.Fatal(status, err)
	}
	status, _, _ := r.do(t, r.ask(t.Context(), t, func(r *http.Request) { r.Header.Del("Authorization") }))
	if status != http.StatusUnauthorized {
		t.Fatal(status)
	}
	// the client may be told before the journal
	until(t, "both exchanges are over", func() bool { return r.Open() == 0 })
	_, text := r.call(t, http.MethodGet, "/v1/timeline", "")
	var got timeline.Timeline
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Timeline(), got); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	if a := got.Attempts(); len(a) != 2 || a[0].Text != "hello there" || got.Run.Scenario != "some-scenario" ||
		got.Run.Primary() != "primary" {
		t.Errorf("got %+v of %+v", a, got.Run)
	}
	_, text = r.call(t, http.MethodGet, "/v1/journal", "")
	var journal struct {
		Schema  string        `json:"schema"`
		Entries []serve.Entry `json:"entries"`
	}
	if err := json.Unmarshal([]byte(text), &journal); err != nil || journal.Schema != serve.JournalSchema ||
		len(journal.Entries) != 2 {
		t.Fatalf("%v: %s", err, text)
	}
	first, second := journal.Entries[0], journal.Entries[1]
	if first.Lane != "provider/primary/call-0/attempt-1" || first.Fault != "healthy" ||
		first.Ending != "response-ended" || first.Model != "some-model" ||
		!first.Stream || !strings.HasSuffix(first.Prompt, "end") || first.BodyBytes != len(body("some-model", true)) ||
		first.EndedAt == nil {
		t.Errorf("the first is %+v", first)
	}
	if second.Fault != "refused" || second.Attempt != 0 || second.Refusal != "401 missing_api_key" || second.Seq != 2 {
		t.Errorf("the second is %+v", second)
	}
	_, text = r.call(t, http.MethodGet, "/v1/providers", "")
	if !strings.Contains(text, `"requests": 2`) || !strings.Contains(text, r.urls[0]) {
		t.Errorf("the providers are %s", text)
	}
	want := `# HELP chaosrun_requests_total Requests received, by provider and by the fault that they got.
# TYPE chaosrun_requests_total counter
chaosrun_requests_total{provider="primary",fault="healthy"} 1
chaosrun_requests_total{provider="primary",fault="refused"} 1
# HELP chaosrun_open_exchanges Exchanges under way, by provider.
# TYPE chaosrun_open_exchanges gauge
chaosrun_open_exchanges{provider="primary"} 0
# HELP chaosrun_client_disconnects_total Exchanges that the client broke off, by provider.
# TYPE chaosrun_client_disconnects_total counter
chaosrun_client_disconnects_total{provider="primary"} 0
# HELP chaosrun_foreign_requests_total Requests of web pages that were refused, by provider; the admin API has none.
# TYPE chaosrun_foreign_requests_total counter
chaosrun_foreign_requests_total{provider=""} 0
chaosrun_foreign_requests_total{provider="primary"} 0
`
	_, text = r.call(t, http.MethodGet, "/metrics", "")
	own, process, ok := strings.Cut(text, "# HELP go_goroutines")
	if diff := cmp.Diff(want, own); diff != "" || !ok ||
		!strings.Contains(process, "# TYPE go_goroutines gauge\ngo_goroutines ") {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// TestReset checks that a reset cuts what is under way and begins anew, with the bytes of the
// first time.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemory(t, only(fakeprovider.Healthy{Text: "hello"}, fault.Silence{}))
		one := func() string {
			resp, err := r.client.Do(r.ask(t.Context(), t))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			_, err = io.ReadAll(resp.Body)
			if err != nil {
				return err.Error()
			}
			return resp.Header.Get("X-Request-ID")
		}
		first := one()
		done := make(chan string)
		go func() { done <- one() }()
		time.Sleep(time.Hour) // virtual time
		if r.Open() != 1 {
			t.Fatalf("%d are under way, want 1", r.Open())
		}
		if status, text := r.call(t, http.MethodPost, "/v1/reset", ""); status != http.StatusNoContent ||
			r.Open() != 0 {
			t.Errorf("got %d %s, and %d are under way", status, text, r.Open())
		}
		if got := <-done; got != io.ErrUnexpectedEOF.Error() {
			t.Errorf("what was under way read %q", got)
		}
		entries, dropped := r.Journal()
		if len(r.Timeline().Events) != 0 || len(entries) != 0 || dropped != 0 {
			t.Error("the timeline or the journal is not empty")
		}
		if again := one(); again != first {
			t.Errorf("the id is %q, want that of the first time, %q", again, first)
		}
		if a := r.Timeline().Attempts(); len(a) != 1 || a[0].N != 1 || a[0].Start > time.Second {
			t.Errorf("the attempts are %+v", a)
		}
		if _, text := r.call(t, http.MethodGet, "/metrics", ""); !strings.Contains(text, `fault="healthy"} 2`) {
			t.Errorf("the counters did not go on:\n%s", text)
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemory(t, only(fakeprovider.Healthy{TTFT: 3 * time.Second}))
		done := make(chan error)
		go func() {
			_, _, err := r.do(t, r.ask(t.Context(), t))
			done <- err
		}()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Drain(ctx); err == nil || !strings.Contains(err.Error(), "1 under way") {
			t.Errorf("a drain that was cut short says %v", err)
		}
		began := time.Now()
		if err := r.Drain(t.Context()); err != nil || time.Since(began) > 3*time.Second {
			t.Errorf("it took %s: %v", time.Since(began), err)
		}
		if err := <-done; err != nil {
			t.Errorf("what was under way ended with %v", err)
		}
	})
}

// noListener is none that is ever used.
type noListener struct{ net.Listener }

// TestAdminKnowsTheHTTPVersion checks that a provider that offers HTTP/2 refuses a fault that
// needs HTTP/1.1, and that one started with such a fault accepts it.
func TestAdminKnowsTheHTTPVersion(t *testing.T) {
	for _, row := range []struct {
		first  fakeprovider.Fault
		status int
	}{{fakeprovider.Healthy{}, 400}, {fault.HTTP10{}, 200}} {
		o := only(row.first)
		o.TLS, _ = certificate(t, "127.0.0.1")
		r := onLoopback(t, o)
		status, text := r.call(t, http.MethodPut, "/v1/providers/primary/on_request", "chunk-cut")
		if status != row.status || (status == 400 &&
			!strings.Contains(text, "the fault chunk-cut needs a provider that was started with a fault of HTTP/1.1")) {
			t.Errorf("after %s: got %d %s", fakeprovider.NameOf(row.first), status, text)
		}
	}
}
