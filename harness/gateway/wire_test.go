package gateway_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
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

// rewritten is a gateway that hands an answer on only when it is whole, changed by change.
func rewritten(change func(header http.Header, status int, body string) (int, string)) func(harness.Lab) http.Handler {
	return func(lab harness.Lab) http.Handler {
		h := through(lab)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			h.ServeHTTP(whole, r)
			status, body := change(whole.Header(), whole.Code, whole.Body.String())
			maps.Copy(w.Header(), whole.Header())
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
}

// beating is a gateway that keeps its client waiting with a heartbeat every ten seconds: until the
// answer is there, or until it has sent most.
func beating(most int, answers bool) func(harness.Lab) http.Handler {
	return func(lab harness.Lab) http.Handler {
		h := through(lab)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // once it answers, a server reads no more
			r.Body = io.NopCloser(bytes.NewReader(body))
			w.Header().Set("Content-Type", "text/event-stream")
			flush(w, ": wait\n\n")
			whole := httptest.NewRecorder()
			done := make(chan struct{})
			ctx, cancel := context.WithCancel(r.Context())
			go func() { defer close(done); h.ServeHTTP(whole, r.WithContext(ctx)) }()
			defer func() { cancel(); <-done }()
			ticks := time.NewTicker(10 * time.Second)
			defer ticks.Stop()
			for range most {
				if answers {
					select {
					case <-done:
						flush(w, whole.Body.String())
						return
					case <-ticks.C:
					}
				} else {
					select {
					case <-r.Context().Done():
						return
					case <-ticks.C:
					}
				}
				flush(w, ": wait\n\n")
			}
		})
	}
}

// Each expectation is failed by a gateway that is wrong in it, and held by one that is right.
func TestClientWire(t *testing.T) {
	t.Parallel()
	same := func(_ http.Header, status int, body string) (int, string) { return status, body }
	for name, c := range map[string]struct {
		fault  fakeprovider.Fault
		wire   string
		expect assertions.ClientWire
		right  func(harness.Lab) http.Handler
		wrong  func(harness.Lab) http.Handler
		says   string
	}{
		"an error beside a 200": {
			fault: fault.ServerError{}, expect: assertions.ClientWire{Status: 500},
			wrong: rewritten(func(_ http.Header, _ int, body string) (int, string) { return 200, body }),
			says:  "status 200, expected 500",
		},
		"the content type": {
			expect: assertions.ClientWire{ContentType: "text/event-stream"},
			says:   `content type "text/plain", expected text/event-stream`,
			wrong: rewritten(func(h http.Header, status int, body string) (int, string) {
				h.Set("Content-Type", "text/plain")
				return status, body
			}),
		},
		"no terminal mark": {
			expect: assertions.ClientWire{TerminalMark: true}, says: "the stream has no terminal mark",
			wrong: rewritten(func(_ http.Header, status int, body string) (int, string) {
				return status, strings.Replace(body, "data: [DONE]\n\n", "", 1)
			}),
		},
		"no finish in Gemini": {
			wire: "gemini", expect: assertions.ClientWire{TerminalMark: true}, says: "the stream has no terminal mark",
			wrong: rewritten(func(_ http.Header, status int, body string) (int, string) {
				return status, strings.ReplaceAll(body, "finishReason", "finish_reason")
			}),
		},
		"frames twice": {
			wire: "anthropic-messages", expect: assertions.ClientWire{Ordered: true},
			says:  "frames behind the terminal mark",
			wrong: rewritten(func(_ http.Header, status int, body string) (int, string) { return status, body + body }),
		},
		"no opening": {
			wire: "anthropic-messages", expect: assertions.ClientWire{Ordered: true},
			says: "nothing has opened the message",
			wrong: rewritten(func(_ http.Header, status int, body string) (int, string) {
				_, rest, _ := strings.Cut(body, "\n\n")
				return status, rest
			}),
		},
		"no opening in Responses": {
			wire: "openai-responses", expect: assertions.ClientWire{Ordered: true},
			says: "nothing has opened the message",
			wrong: rewritten(func(_ http.Header, status int, body string) (int, string) {
				_, rest, _ := strings.Cut(body, "\n\n")
				return status, rest
			}),
		},
		"no Retry-After": {
			fault: fault.RetryAfterSeconds{}, expect: assertions.ClientWire{Status: 429, RetryAfter: true},
			says: "no Retry-After",
			wrong: rewritten(func(h http.Header, status int, body string) (int, string) {
				h.Del("Retry-After")
				h.Del("Retry-After-Ms")
				return status, body
			}),
		},
		"all of it at the end": {
			expect: assertions.ClientWire{Quiet: 500 * time.Millisecond}, wrong: rewritten(same),
			says: "not a byte for 581ms, limit 500ms",
		},
		"broken off": {
			expect: assertions.ClientWire{Clean: true}, says: "the response did not end well: unexpected EOF",
			wrong: func(lab harness.Lab) http.Handler {
				h := through(lab)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					h.ServeHTTP(w, r)
					panic(http.ErrAbortHandler)
				})
			},
		},
		"heartbeats for ever": {
			fault:  fakeprovider.Healthy{},
			expect: assertions.ClientWire{Heartbeats: assertions.Range{Min: new(1), Max: new(20)}},
			right:  beating(1000, true), wrong: beating(1000, false), says: "heartbeats, expected 1 to 20",
		},
		"no heartbeats": {
			expect: assertions.ClientWire{Heartbeats: assertions.Range{Min: new(1)}},
			right:  beating(1000, true), wrong: through, says: "0 heartbeats, expected at least 1",
		},
	} {
		s := scenarios.OfFault("wire", fakeprovider.Healthy{})
		if c.fault != nil {
			s = scenarios.OfFault("wire", c.fault)
		}
		s.Expect = scenarios.Expecting(c.expect)
		if c.right == nil {
			c.right = through
		}
		wire := "openai-chat"
		if c.wire != "" {
			wire = c.wire
		}
		opts := []harness.Option{harness.WithProtocols(wire)}
		judged := func(build func(harness.Lab) http.Handler) (assertions.Result, *harness.Trial) {
			trial := run(t, s, build, gateway.Options{}, opts...)
			for _, r := range trial.Judgement.Results {
				if r.Name == c.expect.Name() {
					return r, trial
				}
			}
			return assertions.Result{}, trial
		}
		if r, trial := judged(c.right); r.Verdict != assertions.Passed {
			t.Errorf("%s: the right one: %s", name, story(trial))
		}
		if r, trial := judged(c.wrong); r.Verdict != assertions.Failed || !strings.Contains(r.Message, c.says) {
			t.Errorf("%s: the wrong one, want %q: %s", name, c.says, story(trial))
		}
	}
}

// Heartbeats are one event, whose longest pause is known.
func TestHeartbeatsAreOneEvent(t *testing.T) {
	t.Parallel()
	s := scenarios.OfFault("beats", fault.NoResponse{})
	s.Expect = scenarios.Expecting(assertions.ClientWire{Quiet: 10 * time.Second})
	for limit, want := range map[time.Duration]assertions.Verdict{
		10 * time.Second: assertions.Passed, 9 * time.Second: assertions.Failed,
	} {
		s.Expect = scenarios.Expecting(assertions.ClientWire{Quiet: limit})
		trial := run(t, s, beating(1000, false), gateway.Options{})
		if trial.Verdict() != want || strings.Count(story(trial), "heartbeat-received") != 1 {
			t.Errorf("%s: %s", limit, story(trial))
		}
		data, err := trial.Timeline.MarshalJSON()
		if err != nil || !bytes.Contains(data, []byte(`"gap_s":10`)) {
			t.Errorf("%v: %s", err, data)
		}
		var again timeline.Timeline
		if err := again.UnmarshalJSON(data); err != nil {
			t.Error(err)
		}
		if w, ok := again.Wire(1); !ok || w.Quiet != 10*time.Second {
			t.Errorf("read again: %+v", w)
		}
	}
}

// An engine that is not called over HTTP is not judged by what a client of it would get.
func TestNotOverHTTP(t *testing.T) {
	t.Parallel()
	s := healthy(1)
	s.Expect = scenarios.Expecting(assertions.ClientWire{Status: 200})
	engine := func(harness.Lab) harness.Target {
		return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error { return nil })
	}
	r := harness.RunScenario(s, engine).Judgement.Results
	for _, one := range r {
		if one.Name == "client_wire" && one.Verdict != assertions.Skipped {
			t.Errorf("%+v", one)
		}
	}
	if len(r) == 0 {
		t.Error("nothing was judged")
	}
}
