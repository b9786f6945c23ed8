package failover_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// protocols lets a test run over each wire.
var protocols = map[string]func(name string, scripts ...script) provider{
	failover.OpenAIChat:        openai,
	failover.AnthropicMessages: anthropic,
}

func TestHealthyIsAnsweredByThePrimary(t *testing.T) {
	t.Parallel()
	for _, p := range failover.Policies() {
		for protocol, primary := range protocols {
			for _, streamed := range []bool{true, false} {
				within(t, p, []provider{primary("primary", answers), openai("secondary", answers)}, func(l *lab) {
					r := l.ask(l.t.Context(), failover.Request{Prompt: "say hello", Stream: streamed})
					want := failover.Answer{
						Provider: "primary", Model: "m-primary", Usage: failover.Usage{Input: 5, Output: 7},
						Finish: "stop",
					}
					if protocol == failover.AnthropicMessages {
						want.Finish = "end_turn"
					}
					if r.err != nil || r.raw != "hello from primary" {
						t.Errorf("%s, %s, streamed %v: got %q, error %v", p.Name, protocol, streamed, r.raw, r.err)
					}
					if protocol == failover.OpenAIChat && !streamed {
						want.Finish = "stop"
					}
					if !reflect.DeepEqual(r.answer, want) {
						t.Errorf("%s, %s, streamed %v: got %+v, want %+v", p.Name, protocol, streamed, r.answer, want)
					}
					if l.count("primary") != 1 || l.count("secondary") != 0 {
						t.Errorf("%s, %s: got %v requests", p.Name, protocol, l.hits)
					}
				})
			}
		}
	}
}

// slowButHealthy gives its first token after 40 s of heartbeats and then lets 20 s pass between any
// two.
func slowButHealthy(x *exchange) {
	for range 4 {
		if !x.wait(10 * time.Second) {
			return
		}
		x.heartbeat()
	}
	x.text("hello ")
	if !x.wait(20 * time.Second) {
		return
	}
	x.text("from ")
	if !x.wait(20 * time.Second) {
		return
	}
	x.text(x.provider)
	x.finish()
}

func TestSlowButHealthyIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, p := range failover.Policies() {
		for protocol, primary := range protocols {
			within(t, p, []provider{primary("primary", slowButHealthy), openai("secondary", answers)}, func(l *lab) {
				r := l.call(tokens[0])
				if r.err != nil || r.raw != "hello from primary" || l.count("primary") != 1 {
					t.Errorf("%s, %s: got %q after %d requests, error %v", p.Name, protocol, r.raw, l.count("primary"),
						r.err)
				}
			})
		}
	}
}

// trickle sends one token a second for ever.
func trickle(x *exchange) {
	for x.wait(time.Second) {
		x.text("x")
	}
}

func TestTrickleEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	for protocol, primary := range protocols {
		within(t, policy(t, "recommended"), []provider{
			primary("primary", trickle), openai("secondary", answers),
		}, func(l *lab) {
			r := l.call(tokens[0])
			if !errors.Is(r.err, failover.ErrDeadline) || r.took != 10*time.Minute {
				t.Errorf("%s: got error %v after %s", protocol, r.err, r.took)
			}
			if l.count("primary") != 1 || l.count("secondary") != 0 {
				t.Errorf("%s: got %v requests", protocol, l.hits)
			}
			if gone := l.gone["primary"]; len(gone) != 1 || gone[0] != 10*time.Minute {
				t.Errorf("%s: primary saw the end at %s", protocol, gone)
			}
		})
	}
}

// The reported engine's kill does not reach Anthropic's streams, so pings keep it waiting for ever
// (https://github.com/NousResearch/hermes-agent/issues/28161).
func TestPings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hermes-0.13", "hermes-landed-fix"} {
		within(t, policy(t, name), []provider{
			anthropic("primary", heartbeats), openai("secondary", answers),
		}, func(l *lab) {
			ctx, cancel := context.WithTimeout(l.t.Context(), 2*time.Hour)
			defer cancel()
			r := l.ask(ctx, failover.Request{Stream: true, Restarts: true, ContextTokens: 110_000})
			if !errors.Is(r.err, context.DeadlineExceeded) || r.took != 2*time.Hour {
				t.Errorf("%s: got error %v after %s", name, r.err, r.took)
			}
			if l.count("primary") != 1 || l.count("secondary") != 0 {
				t.Errorf("%s: got %v requests", name, l.hits)
			}
			// every 300 s; the last one races the caller
			if got := l.decidedTo(failover.ActionKillMissed); got != 23 && got != 24 {
				t.Errorf("%s: got %d missed kills in two hours", name, got)
			}
		})
	}
	within(t, policy(t, "recommended"), []provider{
		anthropic("primary", heartbeats), openai("secondary", answers),
	}, func(l *lab) {
		if r := l.call(110_000); r.raw != "hello from secondary" || l.first("secondary") != 42*time.Second {
			t.Errorf("recommended: got %q, error %v, fallback at %s", r.raw, r.err, l.first("secondary"))
		}
	})
}

// decidedTo returns how often the engine decided something.
func (l *lab) decidedTo(action failover.Action) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, d := range l.decisions {
		if d.Action == action {
			n++
		}
	}
	return n
}

// Ways to lose a stream after its first text. A reset throws away what has not been read, so it
// gives the reader a moment.
var lost = map[string]script{
	"cut":     func(x *exchange) { x.text("hello "); x.wait(time.Millisecond); panic(http.ErrAbortHandler) },
	"reset":   func(x *exchange) { x.text("hello "); x.wait(time.Millisecond); resets(x) },
	"end":     func(x *exchange) { x.text("hello ") },
	"stall":   func(x *exchange) { x.text("hello "); heartbeats(x) },
	"silence": func(x *exchange) { x.text("hello "); x.hang() },
}

// lostInACall is lost behind text and half of a tool call, or a whole one where it comes at once.
func lostInACall(lost script) script {
	return func(x *exchange) {
		x.text("hello ")
		pieces := x.speech().calls(0,
			failover.ToolCall{ID: "call_1", Name: "write_file", Arguments: `{"path":"a.txt","content":"half"}`},
			x.protocol == failover.Gemini)
		for _, piece := range pieces[:max(1, len(pieces)-1)] {
			x.send(piece)
		}
		x.wait(time.Millisecond)
		lost(x)
	}
}

func TestLostStream(t *testing.T) {
	t.Parallel()
	for fault, play := range lost {
		for protocol, primary := range protocols {
			chain := []provider{primary("primary", play), openai("secondary", answers)}
			within(t, policy(t, "recommended"), chain, func(l *lab) {
				r := l.call(tokens[0])
				if r.err != nil || r.raw != "hello |hello from secondary" || r.answer.Provider != "secondary" {
					t.Errorf("%s, %s: got %q from %q, error %v", fault, protocol, r.raw, r.answer.Provider, r.err)
				}
				if l.count("primary") != 1 {
					t.Errorf("%s, %s: got %d requests", fault, protocol, l.count("primary"))
				}
			})
			within(t, policy(t, "recommended"), chain, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Stream: true})
				if !errors.Is(r.err, failover.ErrInterrupted) || r.raw != "hello " || l.count("secondary") != 0 {
					t.Errorf("%s, %s, no restarts: got %q, error %v", fault, protocol, r.raw, r.err)
				}
			})
		}
	}
}

func TestLostStreamInTheReportedEngine(t *testing.T) {
	t.Parallel()
	chain := []provider{openai("primary", lost["reset"]), openai("secondary", answers)}
	within(t, policy(t, "hermes-0.13"), chain, func(l *lab) {
		if r := l.call(tokens[0]); r.err != nil || r.raw != "hello " || l.count("primary") != 1 {
			t.Errorf("hermes-0.13 takes the part for the answer; got %q, error %v, %v", r.raw, r.err, l.hits)
		}
	})
	within(t, policy(t, "hermes-landed-fix"), chain, func(l *lab) {
		r := l.call(tokens[0])
		if !errors.Is(r.err, failover.ErrInterrupted) || l.count("primary") != 3 || l.count("secondary") != 0 {
			t.Errorf("hermes-landed-fix continues three times in vain; got %q, error %v, %v", r.raw, r.err, l.hits)
		}
		messages, _ := l.bodies[1]["messages"].([]any)
		if len(messages) != 2 {
			t.Errorf("the part is to be sent back; got %v", messages)
		}
	})
}

func TestNothingIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]script{
		"only the last event": func(x *exchange) { x.finish() },
		"only [DONE]":         func(x *exchange) { x.send("data: [DONE]\n\n") },
		"empty body":          func(x *exchange) { x.send("") },
		"a page": func(x *exchange) {
			x.w.Header().Set("Content-Type", "text/html")
			x.send("<html>hello</html>\n")
		},
	} {
		within(t, policy(t, "recommended"), []provider{
			openai("primary", play), openai("secondary", answers),
		}, func(l *lab) {
			if r := l.call(tokens[0]); r.err != nil || r.raw != "hello from secondary" {
				t.Errorf("%s: got %q, error %v", name, r.raw, r.err)
			}
		})
	}
}

// What the caller cannot see it cannot be told twice: thinking, tools and text all commit.
func TestThinkingAndToolsArrive(t *testing.T) {
	t.Parallel()
	play := map[string]script{
		failover.OpenAIChat: func(x *exchange) {
			x.send(`data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}` + "\n\n")
			x.send(
				`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"look","arguments":"{}"}}]}}]}` +
					"\n\n")
			x.finish()
		},
		failover.AnthropicMessages: func(x *exchange) {
			x.send("event: content_block_delta\n" +
				"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n")
			x.send("event: content_block_start\n" +
				"data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"look\",\"input\":{}}}\n\n")
			x.send("event: content_block_delta\n" +
				"data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}\n\n")
			x.finish()
		},
	}
	for protocol, primary := range protocols {
		within(t, policy(t, "recommended"), []provider{primary("primary", play[protocol])}, func(l *lab) {
			var thinking, tool string
			_, err := l.engine.Call(l.t.Context(), failover.Request{Stream: true}, func(d failover.Delta) {
				switch d.Kind {
				case failover.DeltaThinking:
					thinking += d.Text
				case failover.DeltaToolCall:
					tool += d.Text
				case failover.DeltaText, failover.DeltaRestart:
					t.Errorf("%s: got %+v", protocol, d)
				}
			})
			if err != nil || thinking != "hm" || tool != "look{}" {
				t.Errorf("%s: got %q and %q, error %v", protocol, thinking, tool, err)
			}
		})
	}
}
