package protocol_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestProbesAnswerAtOnce checks that a provider that answers nothing else answers its probes, and
// that they use up none of its script.
func TestProbesAnswerAtOnce(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			provider := fakeprovider.New(fakeprovider.Options{
				Protocol: p, OnRequest: []fakeprovider.Fault{fault.NoResponse{}},
			})
			for _, probe := range p.About().Probes {
				method, at, _ := strings.Cut(probe, " ")
				got := httptest.NewRecorder()
				provider.ServeHTTP(got,
					httptest.NewRequestWithContext(t.Context(), method, at, strings.NewReader("{}")))
				if got.Code != http.StatusOK || !json.Valid(got.Body.Bytes()) ||
					strings.Contains(got.Body.String(), "{model}") {
					t.Errorf("%s: got %d %s", probe, got.Code, got.Body)
				}
			}
			if events := provider.Recorder().Events(); len(events) != 0 {
				t.Errorf("recorded is %v", events)
			}
		})
	}
}

// TestProbesForLocalServersAreNotFound checks that requests that look for a local server get the
// vendor's 404, at once and without using up anything.
func TestProbesForLocalServersAreNotFound(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		provider := fakeprovider.New(fakeprovider.Options{
			Name: "primary", Protocol: p, OnRequest: []fakeprovider.Fault{fault.NoResponse{}},
		})
		for _, probe := range []string{
			"GET /api/tags", "POST /api/show", "GET /api/version", "GET /api/ps", "GET /props", "GET /v1/props",
			"GET /version", "GET /health",
			"GET /slots", "GET /", "HEAD /",
		} {
			method, at, _ := strings.Cut(probe, " ")
			want := p.Problem(fakeprovider.Problem{Status: 404, Code: fakeprovider.CodeUnknownRoute},
				func() fakeprovider.Meta {
					m := rig.Meta(false)
					m.Request.Method, m.Request.Path = method, at
					return m
				}())
			got := httptest.NewRecorder()
			provider.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), method, at, nil))
			// The ids of the requests differ.
			cut := func(body string) string { before, _, _ := strings.Cut(body, `"request_id"`); return before }
			if got.Code != http.StatusNotFound || cut(got.Body.String()) != cut(string(want.Body)) {
				t.Errorf("%s, %s: got %d %s, want %s", p.Name(), probe, got.Code, got.Body, want.Body)
			}
		}
		if a := (timeline.Timeline{Events: provider.Recorder().Events()}).Attempts(); len(a) > 0 && a[len(a)-1].N != 0 {
			t.Errorf("%s: the attempts are %+v", p.Name(), a)
		}
	}
}

// TestACountOfNothing checks that a body that is no request is refused in the words of the
// vendor.
func TestACountOfNothing(t *testing.T) {
	t.Parallel()
	for at, p := range map[string]fakeprovider.Protocol{
		"/v1/messages/count_tokens":                 protocol.AnthropicMessages{},
		"/v1beta/models/gemini-3-flash:countTokens": protocol.Gemini{},
	} {
		provider := fakeprovider.New(fakeprovider.Options{Protocol: p})
		for body, want := range map[string]int{"{": 400, strings.Repeat(" ", 33<<20): 413} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, at, strings.NewReader(body))
			r.Header = rig.AskOf(t.Context(), t, "http://provider.test", p, false).Header
			got := httptest.NewRecorder()
			provider.ServeHTTP(got, r)
			if got.Code != want || !strings.Contains(got.Body.String(), "error") {
				t.Errorf("%s with %d bytes: got %d %s, want %d", at, len(body), got.Code, got.Body, want)
			}
		}
	}
}
