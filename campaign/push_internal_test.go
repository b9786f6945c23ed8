package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A server answers requests without a network.
type server func(*http.Request) (*http.Response, error)

// RoundTrip answers one request.
func (s server) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

// says returns an answer.
func says(status int, header http.Header, body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status), Header: header, Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// pushTo returns a push to a server, with the user and the header of the test.
func pushTo(t *testing.T, s server) *Push {
	t.Helper()
	p, err := NewPush("http://user:hush@collector:4318/?key=hush", func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "x-key=hu%73h, other=1"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	p.client.Transport = s
	return p
}

// lines writes a file with traces of that many bytes.
func lines(t *testing.T, sizes ...int) string {
	t.Helper()
	var text strings.Builder
	for i, size := range sizes {
		fmt.Fprintf(&text, "%s{\"n\":%d,\"x\":%q}%s", batchBegin, i, strings.Repeat("x", size), batchEnd)
	}
	file := filepath.Join(t.TempDir(), "traces.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestPushBatches checks that every trace arrives once, in order, in requests of bounded size.
func TestPushBatches(t *testing.T) {
	var got []int
	var batches []int
	p := pushTo(t, func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != "/v1/traces" || r.Header.Get("X-Key") != "hush" || r.Header.Get("Other") != "1" ||
			r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s with %v", r.URL.Path, r.Header)
		}
		var body struct {
			ResourceSpans []struct {
				N int `json:"n"`
			} `json:"resourceSpans"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		for _, trace := range body.ResourceSpans {
			got = append(got, trace.N)
		}
		batches = append(batches, len(body.ResourceSpans))
		return says(http.StatusOK, nil, "{}")
	})
	const half = mostBatch / 2
	if err := p.Send(t.Context(), lines(t, 10, 10, half, half, 3*half, 10, 10)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got, batches, p.Sent) != "[0 1 2 3 4 5 6] [3 1 1 2] 7" {
		t.Errorf("got traces %v in batches %v, %d sent", got, batches, p.Sent)
	}
	if err := p.Send(t.Context(), "no-such-file"); err != nil {
		t.Errorf("without traces: %v", err)
	}
}

// TestPushFails checks how long a push takes that a server does not take, and that the message has
// no secret.
func TestPushFails(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, fmt.Errorf("dial: %w", context.Cause(r.Context()))
	}
	for _, tt := range []struct {
		name        string
		server      server
		interrupted bool
		want        string
		took        time.Duration
	}{
		{"silent", hang, false, "deadline exceeded", pushTimeout},
		{"silent after an interrupt", hang, true, "context canceled", pushGrace},
		{"busy", func(*http.Request) (*http.Response, error) {
			return says(http.StatusServiceUnavailable, nil, "hush")
		}, false, "answered 503", 2 * pushRetry},
		{"busy for long", func(*http.Request) (*http.Response, error) {
			return says(http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}}, "")
		}, false, "answered 429", pushTimeout},
		{"elsewhere", func(*http.Request) (*http.Response, error) {
			return says(http.StatusFound, http.Header{"Location": {"http://other/"}}, "")
		}, false, "answered 302", 0},
		{"wrong key", func(*http.Request) (*http.Response, error) {
			return says(http.StatusUnauthorized, nil, "hush is wrong")
		}, false, "answered 401", 0},
		{"rejected", func(*http.Request) (*http.Response, error) {
			return says(http.StatusOK, nil, `{"partialSuccess":{"rejectedSpans":"4","errorMessage":"hush"}}`)
		}, false, "rejected 4 spans", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := lines(t, 1, 1)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.interrupted {
					cancel()
				}
				began := time.Now()
				p := pushTo(t, tt.server)
				err := p.Send(ctx, file)
				var unwritten *OutputError
				if !errors.As(err, &unwritten) || !strings.Contains(err.Error(), tt.want) ||
					!strings.Contains(err.Error(), "http://collector:4318/v1/traces") ||
					strings.Contains(err.Error(), "hush") {
					t.Errorf("got %v, want an OutputError with %q", err, tt.want)
				}
				if took := time.Since(began); took != tt.took || p.Sent != 0 {
					t.Errorf("it took %s, want %s; %d sent", took, tt.took, p.Sent)
				}
			})
		})
	}
}

// TestPushRetries checks that a batch is sent again to a server that was busy.
func TestPushRetries(t *testing.T) {
	file := lines(t, 1)
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		p := pushTo(t, func(*http.Request) (*http.Response, error) {
			if tries++; tries < pushTries {
				return says(http.StatusServiceUnavailable, http.Header{"Retry-After": {"2"}}, "")
			}
			return says(http.StatusOK, nil, `{"partialSuccess":{}}`)
		})
		began := time.Now()
		if err := p.Send(t.Context(), file); err != nil || p.Sent != 1 || time.Since(began) != 4*time.Second {
			t.Errorf("got %v after %s, %d sent", err, time.Since(began), p.Sent)
		}
	})
}

// TestPushURL checks what is no URL of a server, and what is no header.
func TestPushURL(t *testing.T) {
	none := func(string) string { return "" }
	for to, want := range map[string]string{
		"http://h:1":                  "http://h:1/v1/traces",
		"https://h/otlp/":             "https://h/otlp/v1/traces",
		"http://h:1/v1/traces":        "http://h:1/v1/traces",
		"http://u:hush@h:1/?key=hush": "http://h:1/v1/traces",
		"localhost:4318":              "", "file:///x": "", "http://": "", "http://[": "",
	} {
		p, err := NewPush(to, none)
		if bad := (*UsageError)(nil); want == "" && !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a UsageError", to, err)
		}
		if want != "" && (err != nil || p.String() != want) {
			t.Errorf("%s: got %s and %v, want %s", to, p, err, want)
		}
	}
	for _, bad := range []string{"hush", "=hush", "a=%hush"} {
		_, err := NewPush("http://h", func(string) string { return bad })
		if err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_HEADERS") ||
			strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
