package fakeprovider_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestTheNthEntryServesTheNthRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{OnRequest: []fakeprovider.Fault{
			fault.RateLimited{}, fakeprovider.Script{fakeprovider.Fail{Status: 503}}, fakeprovider.Healthy{},
		}})
		var got []int
		for range 4 {
			resp, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, resp.StatusCode)
		}
		if diff := cmp.Diff([]int{429, 503, 200, 200}, got); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsRecorded(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			server, client := rig.ServeInMemory(t, fakeprovider.Options{
				Name: "primary", CallOf: func(*http.Request, []byte) int { return 3 },
				OnRequest: rig.Script(fakeprovider.Heartbeat{}, fakeprovider.Text{Value: "one two"},
					fakeprovider.Finish{}),
			})
			_, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", stream))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range server.Recorder().Events() {
				if e.Lane != "provider/primary/call-3/attempt-1" {
					t.Errorf("lane is %s", e.Lane)
				}
				got = append(got, e.Kind.String()+" "+e.Text)
			}
			want := []string{
				"request-received POST /v1/chat/completions some-model", "headers-sent 200", "heartbeat-sent ",
				"frame-sent start",
				"text-sent one", "text-sent  two", "finish-sent stop", "frame-sent usage", "frame-sent done",
				"response-ended ",
			}
			if !stream { // all at once, and nothing that only a stream has
				want = []string{want[0], want[1], "text-sent one two", "finish-sent stop", "response-ended "}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("stream %t (-want +got):\n%s", stream, diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	change := func(f func(*http.Request)) func(*http.Request) { return f }
	body := func(s string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(s)), int64(len(s)), nil
		}
	}
	tests := []struct {
		name, protocol string
		change         func(*http.Request)
		status         int
		says           string
	}{
		{
			"route", "openai-chat", change(func(r *http.Request) { r.URL.Path = "/v1/nonsense" }), 404,
			"Invalid URL (POST /v1/nonsense)",
		},
		{
			"method", "openai-chat", change(func(r *http.Request) { r.Method = http.MethodPut }), 405,
			"Not allowed to PUT",
		},
		{
			"key", "openai-chat", change(func(r *http.Request) { r.Header.Del("Authorization") }), 401,
			"didn't provide an API key",
		},
		{"json", "openai-chat", body("{"), 400, "could not parse the JSON body"},
		{"model", "openai-chat", body(`{"messages":[{"role":"user","content":"hi"}]}`), 400, "must provide a model"},
		{"messages", "openai-chat", body(`{"model":"m"}`), 400, "Missing required parameter: 'messages'"},
		{"size", "openai-chat", body(strings.Repeat(" ", 33<<20)), 413, "413 Request Entity Too Large"},
		{
			"route", "openai-responses", change(func(r *http.Request) { r.URL.Path = "/v1/responses/nonsense" }), 404,
			"Invalid URL (POST /v1/responses/nonsense)",
		},
		{
			"method", "openai-responses", change(func(r *http.Request) { r.Method = http.MethodPut }), 405,
			"Not allowed to PUT",
		},
		{
			"key", "openai-responses", change(func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }), 401,
			"didn't provide an API key",
		},
		{"json", "openai-responses", body("{"), 400, "could not parse the JSON body"},
		{"list", "openai-responses", body("[]"), 400, "could not parse the JSON body"},
		{"type", "openai-responses", body(`{"model":"m","input":7}`), 400, "could not parse the JSON body"},
		{"model", "openai-responses", body(`{"input":"hi"}`), 400, "Missing required parameter: 'model'"},
		{"input", "openai-responses", body(`{"model":"m","input":null}`), 400, `must be provided`},
		{"size", "openai-responses", body(strings.Repeat(" ", 33<<20)), 413, "413 Request Entity Too Large"},
		{
			"route", "anthropic-messages", change(func(r *http.Request) { r.URL.Path = "/messages" }), 404,
			"not_found_error",
		},
		{
			"method", "anthropic-messages", change(func(r *http.Request) { r.Method = http.MethodGet }), 405,
			"Method Not Allowed",
		},
		{
			"key", "anthropic-messages",
			change(func(r *http.Request) { r.Header.Del("X-Api-Key"); r.Header.Del("Authorization") }), 401,
			"x-api-key header is required",
		},
		{
			"version", "anthropic-messages", change(func(r *http.Request) { r.Header.Del("Anthropic-Version") }), 400,
			"anthropic-version: header is required",
		},
		{"json", "anthropic-messages", body("x"), 400, "not valid JSON"},
		{
			"model", "anthropic-messages", body(`{"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}`), 400,
			"model: Field required",
		},
		{
			"max_tokens", "anthropic-messages", body(`{"model":"m","messages":[{"role":"user","content":"hi"}]}`), 400,
			"max_tokens: Field required",
		},
		{
			"route", "gemini", change(func(r *http.Request) { r.URL.Path = "/v1beta/models/m:nonsense" }), 404,
			"Error 404 (Not Found)!!1",
		},
		{"method", "gemini", change(func(r *http.Request) { r.Method = http.MethodGet }), 405, "That’s an error."},
		{
			"key", "gemini",
			change(func(r *http.Request) { r.Header.Del("X-Goog-Api-Key"); r.Header.Del("Authorization") }), 403,
			"unregistered callers",
		},
		{"json", "gemini", body("x"), 400, "Invalid JSON payload received."},
		{"contents", "gemini", body("{}"), 400, "contents is not specified"},
		{"size", "gemini", body(strings.Repeat(" ", 33<<20)), 413, "a request that was too large"},
		{
			"key", "openrouter", change(func(r *http.Request) { r.Header.Del("Authorization") }), 401,
			"No auth credentials found",
		},
		{"model", "openrouter", body(`{"messages":[{"role":"user","content":"hi"}]}`), 400, "No models provided"},
		{
			"route", "openrouter", change(func(r *http.Request) { r.URL.Path = "/api/v2" }), 404,
			`{"error":{"code":404,"message":"Not Found"}}`,
		},
		{
			"key", "azure-openai", change(func(r *http.Request) { r.Header.Del("Api-Key") }), 401,
			"invalid subscription key",
		},
		{
			"version", "azure-openai", change(func(r *http.Request) { r.URL.RawQuery = "" }), 404,
			`{"error":{"code":"404","message":"Resource not found"}}`,
		},
		{"messages", "azure-openai", body(`{}`), 400, "Missing required parameter: 'messages'"},
		{"json", "azure-openai", body("x"), 400, "could not parse the JSON body"},
		{
			"method", "openrouter", change(func(r *http.Request) { r.Method = http.MethodGet }), 405,
			`{"error":{"code":405,`,
		},
		{
			"route", "azure-openai", change(func(r *http.Request) { r.URL.Path = "/openai/nonsense" }), 404,
			"Resource not found",
		},
		{
			"method", "azure-openai", change(func(r *http.Request) { r.Method = http.MethodGet }), 405,
			`{"error":{"code":"405",`,
		},
		{"messages", "anthropic-messages", body(`{"model":"m","max_tokens":1}`), 400, "messages: Field required"},
		{
			"no message", "anthropic-messages", body(`{"model":"m","max_tokens":1,"messages":[]}`), 400,
			"messages: at least one message is required",
		},
		{
			"no tokens", "anthropic-messages",
			body(`{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]}`), 400,
			"greater than or equal to 1",
		},
		{"size", "anthropic-messages", body(strings.Repeat(" ", 33<<20)), 413, "request_too_large"},
	}
	for _, test := range tests {
		t.Run(test.protocol+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			p, err := protocol.ByName(test.protocol)
			if err != nil {
				t.Fatal(err)
			}
			provider := fakeprovider.New(fakeprovider.Options{
				Name: "primary", Protocol: p, OnRequest: rig.Script(fakeprovider.Fail{Status: 418}),
			})
			r := rig.AskOf(t.Context(), t, "http://provider.test", p, false)
			test.change(r)
			got := httptest.NewRecorder()
			provider.ServeHTTP(got, r)
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.says) {
				t.Errorf("got %d %s, want %d with %q", got.Code, got.Body, test.status, test.says)
			}
			want := []timeline.Kind{
				timeline.RequestReceived, timeline.HeadersSent, timeline.ProblemSent, timeline.ResponseEnded,
			}
			diff := cmp.Diff(want, rig.Lane(provider.Recorder().Events(), "provider/primary/call-1/attempt-0"))
			if diff != "" {
				t.Errorf("lane (-want +got):\n%s", diff)
			}
			// The script is still to come.
			got = httptest.NewRecorder()
			provider.ServeHTTP(got, rig.AskOf(t.Context(), t, "http://provider.test", p, false))
			if got.Code != 418 {
				t.Errorf("the next request got %d, want the first entry", got.Code)
			}
		})
	}
}

func TestNothingSecretIsRecorded(t *testing.T) {
	t.Parallel()
	provider := fakeprovider.New(fakeprovider.Options{Protocol: protocol.OpenAIChat{}})
	for _, url := range []string{"/v1/chat/completions?key=sk-secret", "/v1/nonsense?key=sk-secret"} {
		r := rig.Ask(t.Context(), t, "http://provider.test"+url, true)
		r.Header.Set("Cookie", "session=sk-secret")
		provider.ServeHTTP(httptest.NewRecorder(), r)
	}
	if got := (timeline.Timeline{Events: provider.Recorder().Events()}).String(); strings.Contains(got, "secret") {
		t.Errorf("the timeline holds a secret:\n%s", got)
	}
}

// play runs the same two attempts of two providers and returns all bytes and lanes.
func play(t *testing.T, seed uint64) string {
	t.Helper()
	var all strings.Builder
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{Seed: seed, Protocol: protocol.AnthropicMessages{}})
		for range 3 {
			resp, body, err := rig.Exchange(t, client,
				rig.AskOf(t.Context(), t, server.URL(), protocol.AnthropicMessages{}, true))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&all, resp.Header, body) // a map is printed in order
		}
		all.WriteString(timeline.Timeline{Events: server.Recorder().Events()}.String())
	})
	return all.String()
}

func TestEqualSeedsSendEqualBytes(t *testing.T) {
	t.Parallel()
	first := play(t, 7)
	for range 20 {
		if diff := cmp.Diff(first, play(t, 7)); diff != "" {
			t.Fatalf("same seed (-first +again):\n%s", diff)
		}
	}
	if first == play(t, 8) {
		t.Error("another seed sends the same bytes")
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{
			Name: "primary", Scale: 1.0 / 60,
			OnRequest: rig.Script(fakeprovider.Wait{For: time.Hour}, fakeprovider.Text{}, fakeprovider.Finish{}),
		})
		begin := time.Now()
		_, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin).Round(time.Millisecond); took != time.Minute {
			t.Errorf("it really took %s, want a minute", took)
		}
		if at := rig.LastAt(server.Recorder().Events(), FirstAttempt).Round(time.Second); at != time.Hour {
			t.Errorf("it is recorded at %s, want an hour", at)
		}
	})
}

func TestAScriptThatCannotBePlayedIsTheHarnesssFault(t *testing.T) {
	t.Parallel()
	scripts := map[string]fakeprovider.Script{
		"already":       {fakeprovider.Respond{}, fakeprovider.Respond{}},
		"no such frame": {fakeprovider.SendFrame{Kind: "thinking"}},
		"panic: oh no":  {rig.Step(func(context.Context, fakeprovider.Exchange) error { panic("oh no") })},
		"not allow":     {fakeprovider.Respond{Status: 204}, fakeprovider.Raw{Value: "x"}},
	}
	for want, s := range scripts {
		synctest.Test(t, func(t *testing.T) {
			server, client := rig.ServeInMemory(t, fakeprovider.Options{OnRequest: []fakeprovider.Fault{s}})
			_, _, _ = rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
			synctest.Wait()
			got := rig.Texts(server.Recorder().Events(), timeline.HarnessFailed)
			if len(got) != 1 || !strings.Contains(got[0], want) {
				t.Errorf("got %q, want one that says %q", got, want)
			}
		})
	}
}

func TestNothingCanBeSentAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{OnRequest: rig.Script(
			fakeprovider.End{How: fakeprovider.EOF}, fakeprovider.Wait{For: time.Hour}, fakeprovider.Text{},
			fakeprovider.Finish{},
		)})
		begin := time.Now()
		_, body, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil || body != "" || time.Since(begin) > time.Second {
			t.Errorf("got %q, %v after %s", body, err, time.Since(begin))
		}
		if got := rig.Texts(server.Recorder().Events(), timeline.HarnessFailed); got != nil {
			t.Errorf("recorded %q", got)
		}
	})
}

func TestHeadersOfAResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{OnRequest: rig.Script(
			fakeprovider.Respond{
				Status:  202,
				Headers: map[string]string{"X-Request-Id": "mine", "content-type": "", "x-new": "1", "date": ""},
			},
		)})
		resp, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusAccepted || resp.Header.Get("X-New") != "1" ||
			resp.Header.Get("Openai-Version") != "2020-10-01" {
			t.Errorf("got %d %v", resp.StatusCode, resp.Header)
		}
		if diff := cmp.Diff([]string{"mine"}, resp.Header.Values("X-Request-ID")); diff != "" {
			t.Errorf("X-Request-Id (-want +got):\n%s", diff)
		}
		for _, name := range []string{"Content-Type", "Date"} {
			if got, ok := resp.Header[name]; ok {
				t.Errorf("%s is %q, want it gone", name, got)
			}
		}
	})
}

// TestManyRequestsLeaveNoGoroutine aborts half of the requests; none of them may leave anything
// behind. Goroutines of other tests come and go, so this one is not parallel, and only a growth
// by the number of requests counts.
func TestManyRequestsLeaveNoGoroutine(t *testing.T) { //nolint:paralleltest // see above
	const requests = 400
	before := runtime.NumGoroutine()
	server, client := rig.ServeOnLoopback(t, fakeprovider.Options{
		OnRequest: rig.Script(fakeprovider.Text{Value: "x"}, fakeprovider.Wait{For: 2 * time.Millisecond}),
	})
	var wg sync.WaitGroup
	queue := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range queue {
				ctx, cancel := context.WithCancel(t.Context())
				resp, err := client.Do(rig.Ask(ctx, t, server.URL()+"/v1/chat/completions", true))
				if err == nil {
					if i%2 == 0 {
						cancel()
					}
					_, _ = io.ReadAll(resp.Body)
					_ = resp.Body.Close()
				}
				cancel()
			}
		})
	}
	for i := range requests {
		queue <- i
	}
	close(queue)
	wg.Wait()
	client.CloseIdleConnections()
	server.Close()
	if after := runtime.NumGoroutine(); after > before+requests/20 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	if got := len((timeline.Timeline{Events: server.Recorder().Events()}).Attempts()); got != requests {
		t.Errorf("%d attempts were recorded, want %d", got, requests)
	}
}
