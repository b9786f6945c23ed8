package failover_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// fake is a provider whose bytes are the vendor's own, one entry for each request.
func fake(t *testing.T, name, wireName string, entries ...fakeprovider.Fault) provider {
	t.Helper()
	wire, err := protocol.ByName(wireName)
	if err != nil {
		t.Fatal(err)
	}
	// It is made within the lab's time.
	vendor := sync.OnceValue(func() *fakeprovider.Provider {
		return fakeprovider.New(fakeprovider.Options{Name: name, Protocol: wire, OnRequest: entries, Seed: 1})
	})
	return provider{name: name, protocol: wireName, scripts: sequence{func(x *exchange) {
		body, err := json.Marshal(x.body)
		if err != nil {
			panic(err)
		}
		r := x.r.Clone(x.r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		vendor().ServeHTTP(x.w, r)
	}}}
}

// says is an answer in frames.
type says []fakeprovider.Frame

// Play sends the frames.
func (s says) Play(_ context.Context, x fakeprovider.Exchange) error {
	for _, f := range s {
		if err := x.Send(f); err != nil {
			return err
		}
	}
	return nil
}

func plays(steps ...fakeprovider.Step) fakeprovider.Script { return steps }

// calls are the pieces of one tool call.
func calls(index int, id, name string, arguments ...string) says {
	var all says
	for i, piece := range arguments {
		tool := &fakeprovider.ToolCall{Index: index, ArgumentsPiece: piece}
		if i == 0 {
			tool.ID, tool.Name = id, name
		}
		all = append(all, fakeprovider.Frame{Kind: fakeprovider.FrameToolCall, Tool: tool})
	}
	return all
}

var (
	ends      = fakeprovider.Finish{}
	fromFirst = fakeprovider.Healthy{Text: "hello from primary"}
	fromNext  = fakeprovider.Healthy{Text: "hello from secondary"}
)

// everyWire runs a test over each protocol, streamed and not.
func everyWire(t *testing.T, f func(t *testing.T, protocol string, streamed bool)) {
	t.Helper()
	for _, protocol := range failover.Protocols() {
		for _, streamed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/streamed=%v", protocol, streamed), func(t *testing.T) {
				t.Parallel()
				f(t, protocol, streamed)
			})
		}
	}
}

func question(streamed bool) failover.Request {
	return failover.Request{Prompt: "say hello", Stream: streamed, Restarts: true}
}

// attempts are the failed attempts of a call that nobody answered.
func (r result) attempts(t *testing.T) []*failover.AttemptError {
	t.Helper()
	var call *failover.CallError
	if !errors.As(r.err, &call) {
		t.Fatalf("got error %v and text %q, want a CallError", r.err, r.raw)
	}
	return call.Attempts
}

func TestEveryProtocolIsSpoken(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		// A profile without a name in the engine is one more OpenAI-compatible vendor. Runs over it
		// are skipped.
		if p.About().ProfileOf == "" && !slices.Contains(failover.Protocols(), p.Name()) {
			t.Errorf("the engine does not speak %s", p.Name())
		}
	}
}

func TestEveryWireAnswers(t *testing.T) {
	t.Parallel()
	everyWire(t, func(t *testing.T, protocol string, streamed bool) {
		t.Helper()
		chain := []provider{fake(t, "primary", protocol, fromFirst), fake(t, "secondary", protocol, fromNext)}
		within(t, policy(t, "recommended"), chain, func(l *lab) {
			r := l.ask(l.t.Context(), question(streamed))
			if r.err != nil || r.raw != "hello from primary" || l.count("secondary") != 0 {
				t.Errorf("got %q, error %v, requests %v", r.raw, r.err, l.hits)
			}
			if a := r.answer; a.Provider != "primary" || a.Model != "m" || a.Usage.Input == 0 || a.Usage.Output == 0 ||
				a.Finish == "" || a.ToolCalls != nil {
				t.Errorf("got %+v", a)
			}
		})
	})
}

// Reasoning reaches the caller apart from the answer, wherever the vendor tells it.
func TestEveryWireThinks(t *testing.T) {
	t.Parallel()
	everyWire(t, func(t *testing.T, protocol string, streamed bool) {
		t.Helper()
		if protocol == failover.OpenAIChat || protocol == failover.AzureOpenAI {
			t.Skip("keeps its reasoning to itself")
		}
		think := says{{Kind: fakeprovider.FrameThinking, Text: "hm"}, {Kind: fakeprovider.FrameText, Text: "yes"}}
		within(t, policy(t, "recommended"), []provider{fake(t, "primary", protocol, plays(think, ends))}, func(l *lab) {
			var got [5]string
			_, err := l.engine.Call(l.t.Context(), question(streamed), func(d failover.Delta) { got[d.Kind] += d.Text })
			if err != nil || got[failover.DeltaThinking] != "hm" || got[failover.DeltaText] != "yes" {
				t.Errorf("got %q, error %v", got, err)
			}
		})
	})
}

// Two tool calls behind a text, in pieces and as a whole.
func TestEveryWireCallsTools(t *testing.T) {
	t.Parallel()
	everyWire(t, func(t *testing.T, protocol string, streamed bool) {
		t.Helper()
		script := plays(
			says{{Kind: fakeprovider.FrameText, Text: "let me see"}},
			calls(0, "call_a", "weather", `{"city":`, `"Ulm"}`), calls(1, "call_b", "time", `{"zone":`, `"CET"}`),
			fakeprovider.Finish{Reason: "tool_calls"},
		)
		want := []failover.ToolCall{
			{ID: "call_a", Name: "weather", Arguments: `{"city":"Ulm"}`},
			{ID: "call_b", Name: "time", Arguments: `{"zone":"CET"}`},
		}
		within(t, policy(t, "recommended"), []provider{fake(t, "primary", protocol, script)}, func(l *lab) {
			text, pieces := "", make([]failover.ToolCall, len(want))
			answer, err := l.engine.Call(l.t.Context(), question(streamed), func(d failover.Delta) {
				switch d.Kind {
				case failover.DeltaToolCall:
					c := &pieces[d.Tool.Index]
					c.ID, c.Name, c.Arguments = c.ID+d.Tool.ID, c.Name+d.Tool.Name, c.Arguments+d.Tool.Arguments
				case failover.DeltaText, failover.DeltaThinking, failover.DeltaRestart:
					text += d.Text
				}
			})
			if err != nil || text != "let me see" {
				t.Fatalf("got %q, error %v", text, err)
			}
			if diff := cmp.Diff(want, answer.ToolCalls); diff != "" {
				t.Errorf("the answer's (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(want, pieces); diff != "" {
				t.Errorf("in pieces (-want +got)\n%s", diff)
			}
		})
	})
}

// A call whose arguments did not arrive whole is no answer, whatever the policy thinks of parts,
// unless it says so of calls, as a bare SDK does.
func TestNoWireHandsOverHalfACall(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]fakeprovider.Script{
		"finished": plays(calls(0, "call_a", "weather", `{"city":`, `"Ul`),
			fakeprovider.Finish{Reason: "tool_calls"}),
		"cut short": plays(calls(0, "call_a", "weather", `{"city":`, `"Ul`), fakeprovider.Finish{Reason: "length"}),
		"without end": plays(calls(0, "call_a", "weather", `{"city":`, `"Ul`),
			fakeprovider.End{How: fakeprovider.EOF}),
		"broken off": plays(calls(0, "call_a", "weather", `{"city":`, `"Ul`),
			fakeprovider.End{How: fakeprovider.Cut}),
		"after a text": plays(says{{Kind: fakeprovider.FrameText, Text: "let me see"}},
			calls(0, "call_a", "weather", `{"city`), fakeprovider.Finish{}),
	} {
		everyWire(t, func(t *testing.T, protocol string, streamed bool) {
			t.Helper()
			for _, p := range failover.Policies() {
				if p.Stream.AcceptBadCalls {
					continue
				}
				chain := []provider{fake(t, "primary", protocol, script), fake(t, "secondary", protocol, fromNext)}
				within(t, p, chain, func(l *lab) {
					ctx, cancel := context.WithTimeout(l.t.Context(), 12*time.Hour)
					defer cancel()
					r := l.ask(ctx, question(streamed))
					// Gemini sends a call whole, or not at all
					nothing := r.raw == "" && r.answer.ToolCalls == nil && p.Stream.AcceptEmpty
					if r.err == nil && r.text != "hello from secondary" && !nothing {
						t.Errorf("%s, %s: got %q as an answer, calls %v", name, p.Name, r.raw, r.answer.ToolCalls)
					}
					if p.Name == "recommended" && r.err != nil {
						t.Errorf("%s: got error %v", name, r.err)
					}
				})
			}
		})
	}
}
