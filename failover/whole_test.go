package failover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

// spoilt are answers that arrive whole and are none, over any protocol.
var spoilt = map[string]func(s speech) string{
	"filtered":    func(s speech) string { return s.whole(reply{texts: []string{"hello"}}, isFiltered, true) },
	"half a call": func(s speech) string { return s.whole(reply{texts: []string{"hello"}}, botchesCall, true) },
	"unknown tool": func(s speech) string {
		return s.whole(reply{
			texts: []string{"hello"}, calls: []failover.ToolCall{{ID: "a", Name: unknownTool, Arguments: "{}"}},
		}, callsTools, true)
	},
}

// An answer that is not streamed is looked at before the caller gets any of it: where it is none
// the next provider is asked, without a word to a caller who could not be told to start over.
func TestWhatIsNotStreamedIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	for name, spoil := range spoilt {
		for _, protocol := range failover.Protocols() {
			if name == "half a call" && familyOf(protocol) != failover.Gemini {
				continue // only one vendor says it of its own model's call
			}
			play := func(x *exchange) {
				x.w.Header().Set("Content-Type", "application/json")
				x.send(spoil(x.speech()))
			}
			for _, restarts := range []bool{false, true} {
				req := turn{Whole: true, Tools: true, Restarts: restarts}.request("say hello")
				within(t, policy(t, "recommended"), []provider{
					{name: "primary", protocol: protocol, scripts: sequence{play}}, openai("secondary", answers),
				}, func(l *lab) {
					if r := l.ask(l.t.Context(), req); r.err != nil || r.raw != "hello from secondary" ||
						r.answer.Provider != "secondary" {
						t.Errorf("%s, %s, restarts %v: got %q, error %v", protocol, name, restarts, r.raw, r.err)
					}
				})
			}
		}
	}
}

// What is thrown away costs the hedge nothing that runs beside it.
func TestASpoiltAnswerDoesNotBeatTheHedge(t *testing.T) {
	t.Parallel()
	p := policy(t, "recommended")
	late := after(p.Hedge.CallAfter+1, func(x *exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		x.send(spoilt["filtered"](x.speech()))
	})
	within(t, p, []provider{
		openai("primary", late), openai("secondary", after(p.Hedge.CallAfter/2, answers)),
	}, func(l *lab) {
		r := l.ask(l.t.Context(), turn{Whole: true}.request("say hello"))
		if r.err != nil || r.raw != "hello from secondary" || l.count("secondary") != 1 {
			t.Errorf("got %q, requests %v, error %v", r.raw, l.hits, r.err)
		}
	})
}

// A chunk of Gemini's that comes twice is noticed where it holds a call as well as where it holds a
// text: a call that is given twice is run twice.
func TestNoCallOfGeminiComesTwice(t *testing.T) {
	t.Parallel()
	play := func(x *exchange) {
		for range believed[failover.Gemini] {
			x.text("hm ")
		}
		call := x.speech().calls(0, failover.ToolCall{ID: "a", Name: toolNames[0], Arguments: "{}"}, true)[0]
		x.send(call + call)
		x.finish()
	}
	primary := provider{name: "primary", protocol: failover.Gemini, scripts: sequence{play}}
	within(t, policy(t, "recommended"), []provider{primary, openai("secondary", answers)}, func(l *lab) {
		r := l.ask(l.t.Context(), turn{Tools: true, Restarts: true}.request("say hello"))
		if r.err != nil || r.text != "hello from secondary" || r.answer.ToolCalls != nil {
			t.Errorf("got %q, calls %v, error %v", r.raw, r.answer.ToolCalls, r.err)
		}
	})
}

// A body that does not end is not read into memory for as long as it lasts: neither an answer nor
// an error.
func TestABodyWithoutEndIsLeft(t *testing.T) {
	t.Parallel()
	spaces := strings.Repeat(" ", 1<<20)
	for _, status := range []int{200, 400} {
		for _, protocol := range failover.Protocols() {
			endless := func(x *exchange) {
				x.w.Header().Set("Content-Type", "application/json")
				x.w.WriteHeader(status)
				for x.r.Context().Err() == nil {
					x.send(spaces)
				}
			}
			within(t, policy(t, "recommended"), []provider{
				{name: "primary", protocol: protocol, scripts: sequence{endless}}, openai("secondary", answers),
			}, func(l *lab) {
				r := l.ask(l.t.Context(), failover.Request{Prompt: "say hello"})
				if r.err != nil || r.raw != "hello from secondary" || l.count("primary") != 1 || r.took > time.Second {
					t.Errorf("%s, status %d: got %q after %s, error %v, requests %v", protocol, status, r.raw, r.took,
						r.err, l.hits)
				}
			})
		}
	}
}
