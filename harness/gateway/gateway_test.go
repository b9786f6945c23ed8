package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/gateway"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// wires are the protocols whose SDKs can call a gateway.
func wires() []string {
	return []string{"openai-chat", "openai-responses", "anthropic-messages", "gemini"}
}

// through hands every request to the primary as it came, with the primary's key.
func through(lab harness.Lab) http.Handler {
	u := lab.Upstreams()[0]
	origin, err := url.Parse(u.URL)
	if err != nil {
		panic(err)
	}
	return &httputil.ReverseProxy{
		Transport: u.HTTPClient.Transport, FlushInterval: -1,
		ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(origin)
			for name := range map[string]bool{"Authorization": true, "X-Api-Key": true, "X-Goog-Api-Key": true} {
				if old := r.In.Header.Get(name); old != "" {
					r.Out.Header.Set(name, strings.Replace(old, "sk-caller-0123456789abcdef", u.Key, 1))
				}
			}
		},
	}
}

// healthy is a scenario of n callers at once and nothing wrong, in which the primary answers.
func healthy(n int) scenarios.Scenario {
	s := scenarios.OfFault("healthy", fakeprovider.Healthy{})
	s.Calls[0].Count = n
	s.Expect = scenarios.Expecting(assertions.Answer{From: "primary"}, assertions.NoLeaks{}, assertions.NoFallback{})
	return s
}

func run(t *testing.T, s scenarios.Scenario, build func(harness.Lab) http.Handler, o gateway.Options,
	opts ...harness.Option,
) *harness.Trial {
	t.Helper()
	return harness.RunScenario(s, gateway.New(build, o), opts...)
}

// story returns the whole of a run for a failure.
func story(trial *harness.Trial) string {
	text := trial.Verdict().String() + "\n"
	for _, r := range trial.Judgement.Results {
		text += fmt.Sprintf("%s: %s: %s\n", r.Name, r.Verdict, r.Message) //nolint:perfsprint // a few
	}
	return text + timeline.Story(trial.Timeline.Events, 0)
}

func TestEveryProtocolOnEveryClock(t *testing.T) {
	t.Parallel()
	for _, wire := range wires() {
		for _, clock := range []harness.Clock{harness.Virtual(), harness.Wall()} {
			for _, n := range []int{1, 20} {
				trial := run(t, healthy(n), through, gateway.Options{}, harness.WithProtocols(wire),
					harness.WithClock(clock))
				if trial.Verdict() != assertions.Passed {
					t.Errorf("%s, %s, %d: %s", wire, clock, n, story(trial))
				}
			}
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"at once": {
			func(http.ResponseWriter, *http.Request) { panic("boom") },
			"boom in github.com/chaosrun/chaosrun/harness/gateway_test.TestPanics",
		},
		"mid-body": {
			func(w http.ResponseWriter, _ *http.Request) { flush(w, "data: {}\n\n"); panic("boom") }, "boom in ",
		},
		"on nil": {
			func(_ http.ResponseWriter, r *http.Request) { _ = r.Response.Status },
			"nil pointer dereference in github.com/",
		},
		"after the caller is done": {func(w http.ResponseWriter, _ *http.Request) {
			flush(w, "data: [DONE]\n\n")
			time.Sleep(time.Second)
			panic("late")
		}, "(its caller was done by then)"},
	} {
		trial := run(t, healthy(1), func(harness.Lab) http.Handler { return c.handler }, gateway.Options{})
		if trial.Verdict() != assertions.Failed || !strings.Contains(said(trial, timeline.CallPanicked), c.want) {
			t.Errorf("%s: %s", name, story(trial))
		}
	}
	abort := func(harness.Lab) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	}
	if trial := run(t, healthy(1), abort, gateway.Options{}); said(trial, timeline.CallPanicked) != "" ||
		said(trial, timeline.CallFailed) == "" {
		t.Errorf("an abort: %s", story(trial))
	}
}

// flush writes and sends what was written.
func flush(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text)
	_ = http.NewResponseController(w).Flush()
}

// said returns the texts of the events of a kind.
func said(trial *harness.Trial, kind timeline.Kind) string {
	var all []string
	for _, e := range trial.Timeline.Events {
		if e.Kind == kind {
			all = append(all, e.Text)
		}
	}
	return strings.Join(all, "\n")
}

// closing is a handler that must be closed.
type closing struct {
	http.Handler
	closed chan<- string
}

func (c closing) Close() error { c.closed <- "closed"; return nil }

func TestCloses(t *testing.T) {
	t.Parallel()
	closed := make(chan string, 1)
	trial := run(t, healthy(1), func(lab harness.Lab) http.Handler { return closing{through(lab), closed} },
		gateway.Options{}, harness.WithClock(harness.Wall()))
	if trial.Verdict() != assertions.Passed || len(closed) != 1 {
		t.Errorf("closed %d times: %s", len(closed), story(trial))
	}
}

// What the gateway leaves behind is found, although its server is closed.
func TestLeaks(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(harness.Lab) http.Handler{
		"a goroutine": func(lab harness.Lab) http.Handler {
			h := through(lab)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				go func() { select {} }()
				h.ServeHTTP(w, r)
			})
		},
		"a request": func(lab harness.Lab) http.Handler {
			h := through(lab)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				again := r.Clone(context.WithoutCancel(r.Context()))
				body, _ := io.ReadAll(r.Body)
				again.Body, r.Body = io.NopCloser(strings.NewReader(string(body))),
					io.NopCloser(strings.NewReader(string(body)))
				u := lab.Upstreams()[1]
				again.URL, _ = url.Parse(u.URL + r.URL.Path)
				again.RequestURI, again.Host = "", ""
				_, _ = u.HTTPClient.Do(again) // that is the leak
				h.ServeHTTP(w, r)
			})
		},
	} {
		s := healthy(1)
		s.Expect = scenarios.Expecting(assertions.NoLeaks{})
		if trial := run(t, s, build, gateway.Options{}); trial.Verdict() != assertions.Failed ||
			said(trial, timeline.GoroutineLeaked)+said(trial, timeline.ConnectionLeaked) == "" {
			t.Errorf("%s: %s", name, story(trial))
		}
	}
}

// A caller that hangs up closes its connection: a handler sees it by its context.
func TestHangsUp(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("hang-up", fault.NoResponse{})
	s.Calls[0].HangUp = 5 * time.Second
	s.Expect = scenarios.Expecting(assertions.HangUp{Within: time.Second}, assertions.NoLeaks{})
	if trial := run(t, s, through, gateway.Options{}); trial.Verdict() != assertions.Passed {
		t.Errorf("a gateway that lets go: %s", story(trial))
	}
	holds := func(lab harness.Lab) http.Handler {
		h := through(lab)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(lab.Context()))
		})
	}
	if trial := run(t, s, holds, gateway.Options{}); trial.Verdict() != assertions.Failed {
		t.Errorf("a gateway that holds on: %s", story(trial))
	}
}

func TestSkips(t *testing.T) {
	t.Parallel()
	skip := func(harness.Lab) http.Handler { return gateway.Skip{Reason: "it speaks no such thing"} }
	if trial := run(t, healthy(1), skip, gateway.Options{}); trial.Skipped() != "it speaks no such thing" {
		t.Errorf("%q", trial.Skipped())
	}
	for _, o := range []gateway.Options{{Protocol: "smtp"}, {Body: "[]"}} {
		if trial := run(t, healthy(1), through, o); !strings.Contains(trial.Skipped(), "the gateway's caller: ") {
			t.Errorf("%+v: %q", o, trial.Skipped())
		}
	}
	if trial := run(t, healthy(1), func(harness.Lab) http.Handler { return nil },
		gateway.Options{}); trial.Verdict() != assertions.Unknown {
		t.Errorf("no handler: %s", story(trial))
	}
}

// TestOwnTransport: a gateway with a transport of its own reaches nobody in virtual time.
func TestOwnTransport(t *testing.T) {
	t.Parallel()
	own := func(lab harness.Lab) http.Handler {
		proxy, ok := through(lab).(*httputil.ReverseProxy)
		if !ok {
			panic("no proxy")
		}
		proxy.Transport = new(http.Transport)
		return proxy
	}
	trial := run(t, healthy(1), own, gateway.Options{})
	if trial.Verdict() != assertions.Unknown ||
		!strings.Contains(story(trial),
			"looks up primary.test on the machine's network; nothing real exists in virtual time: use Lab.HTTPClient") {
		t.Error(story(trial))
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	build := func(harness.Lab) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- fmt.Sprintf("%s %s %s %s", r.URL.Path, r.Header.Get("X-Api-Key"), r.Header.Get("X-Tenant"), body)
			http.Error(w, "no", http.StatusTeapot)
		})
	}
	o := gateway.Options{
		Protocol: "anthropic-messages", Path: "/anthropic", Model: "big", Key: "sk-mine",
		Header: map[string]string{"X-Tenant": "t1"}, Body: `{"metadata": {"user_id": "u1"}}`,
	}
	trial := run(t, healthy(1), build, o, harness.WithClock(harness.Wall()))
	asked := <-got
	for _, want := range []string{"/anthropic/v1/messages sk-mine t1 ", `"model":"big"`, `"user_id":"u1"`} {
		if !strings.Contains(asked, want) {
			t.Errorf("%s lacks %s", asked, want)
		}
	}
	if failed := said(trial, timeline.CallFailed); !strings.Contains(failed, "418") {
		t.Error(failed)
	}
}
