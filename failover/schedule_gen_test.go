package failover_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// A schedule is what the providers of a chain do, request by request, while a caller makes its
// turns.
type schedule struct {
	Providers []plan
	Turns     []turn
}

type plan struct {
	Protocol  string
	Keys      int     // 0 counts as 1
	NoPrefill bool    // its model refuses one
	Requests  []fault // the last repeats
}

// A fault is what one request meets: a wait, then a part of the answer, then what goes wrong.
type fault struct {
	Kind    string
	After   time.Duration
	Pieces  int    // of the answer, that come before it goes wrong
	Form    form   // what the answer is made of, where tools are offered
	Free    bool   // nobody says what it cost
	Variant int    // where the vendor has several ways to say the same
	Status  int    // of "status" and "error event"
	Retry   string // the Retry-After; "" for none
}

// A form is how many texts and tool calls an answer has.
type form struct{ Texts, Calls int }

// plain is the form of an answer to somebody who offers no tools.
var plain = form{Texts: 5}

// A turn is one or more calls that are made at one instant.
type turn struct {
	Tokens   int
	Restarts bool
	Whole    bool // not streamed
	Tools    bool // some are offered
	History  bool // there is one, with calls of tools
	Prefill  bool // the assistant has begun to answer
	Pause    time.Duration
	Calls    int           // 0 counts as 1
	Leaves   time.Duration // when the caller goes; 0: it stays
}

// patience is how long a caller of any policy waits: the deadline that `recommended` sets itself.
const patience = 10 * time.Minute

// faultKinds is what providers do; see fault.stream and fault.whole. What stands there twice
// happens twice as often.
var faultKinds = []string{
	"healthy", "healthy", "slow", "stays", "length", "no terminal event", "late text", "event twice", // answers
	"mute", "mute", "refused", "early reset", "status", "status", "status", // none
	// parts of one
	"stall", "stall", "heartbeats", "heartbeats", "data heartbeats", "data heartbeats", "trickle", "reset", "cut",
	"cut", "eof", "eof", "empty", "malformed", "error event", "filtered",
	"half call", "unknown tool", "refusal", // what is no answer
}

// beyond are the kinds of faults that no engine can cope with, and over which protocols: nothing
// there tells an event that comes twice from a word said twice. Who finds out how takes them out
// here.
var beyond = map[string][]string{
	"event twice": {failover.OpenRouter, failover.AnthropicMessages},
}

// kindsOver returns what a provider may do that speaks a protocol.
func kindsOver(protocol string) []string {
	return slices.DeleteFunc(slices.Clone(faultKinds),
		func(kind string) bool { return slices.Contains(beyond[kind], protocol) })
}

var anyForm = rapid.SampledFrom([]form{plain, {5, 1}, {0, 1}, {3, 2}, {0, 2}})

func anyFault(protocol string) *rapid.Generator[fault] {
	kinds := kindsOver(protocol)
	return rapid.Custom(func(rt *rapid.T) fault {
		return fault{
			Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"),
			After: time.Duration(rapid.SampledFrom([]int{0, 1, 30, 70}).Draw(rt, "after"))*time.Second +
				13*time.Millisecond,
			Pieces:  rapid.SampledFrom([]int{0, 0, 1, 2, 4, 6, 7}).Draw(rt, "pieces"),
			Form:    anyForm.Draw(rt, "form"),
			Free:    rapid.IntRange(0, 3).Draw(rt, "usage") == 0,
			Variant: rapid.IntRange(0, 2).Draw(rt, "variant"),
			Status: rapid.SampledFrom([]int{
				500, 429, 502, 503, 529, 401, 400, 402, 404, 408, 413, 413, 413, 413, 413, 413,
			}).Draw(rt, "status"),
			Retry: rapid.SampledFrom([]string{
				"", "", "5", "600", "0.5", "-1", "soon", "Sat, 01 Jan 2000 00:01:00 GMT",
			}).Draw(rt, "retry after"),
		}
	})
}

var anyTurn = rapid.Custom(func(rt *rapid.T) turn {
	return turn{
		Tokens:   rapid.SampledFrom([]int{20_000, 80_000, 110_000, 130_000}).Draw(rt, "context"),
		Restarts: rapid.IntRange(0, 3).Draw(rt, "restarts") > 0,
		Whole:    rapid.IntRange(0, 3).Draw(rt, "streamed") == 0,
		Tools:    rapid.Bool().Draw(rt, "tools"),
		History:  rapid.Bool().Draw(rt, "history"),
		Prefill:  rapid.IntRange(0, 3).Draw(rt, "prefill") == 0,
		Pause:    time.Duration(rapid.SampledFrom([]int{0, 10, 90}).Draw(rt, "pause")) * time.Second,
		Calls:    rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(rt, "calls"),
		Leaves: time.Duration(rapid.SampledFrom([]int{0, 0, 0, 0, 50}).Draw(rt, "leaves"))*time.Second +
			7*time.Millisecond,
	}
})

// anyPlan is a provider that does anything, or one that answers.
func anyPlan(healthy bool) *rapid.Generator[plan] {
	return rapid.Custom(func(rt *rapid.T) plan {
		p := plan{
			Protocol:  rapid.SampledFrom(failover.Protocols()).Draw(rt, "protocol"),
			NoPrefill: rapid.IntRange(0, 2).Draw(rt, "prefills") == 0,
		}
		if healthy {
			p.Requests = []fault{{Kind: "healthy", Form: anyForm.Draw(rt, "form")}}
			return p
		}
		p.Keys = rapid.SampledFrom([]int{1, 1, 2}).Draw(rt, "keys")
		p.Requests = rapid.SliceOfN(anyFault(p.Protocol), 1, 4).Draw(rt, "requests")
		return p
	})
}

var anySchedule = rapid.Custom(func(rt *rapid.T) schedule {
	s := schedule{Providers: rapid.SliceOfN(anyPlan(false), 1, 2).Draw(rt, "faulty providers")}
	if rapid.IntRange(0, 3).Draw(rt, "a healthy one") > 0 {
		s.Providers = append(s.Providers, anyPlan(true).Draw(rt, "healthy provider"))
	}
	s.Turns = rapid.SliceOfN(anyTurn, 1, 3).Draw(rt, "turns")
	return s
})

// leaves says when the caller goes, if it does: the phase alone is no time.
func (t turn) leaves() (time.Duration, bool) { return t.Leaves, t.Leaves > time.Second }

// takesPrefill says that the provider goes on from what the assistant has begun. The others refuse
// the request.
func (p plan) takesPrefill() bool { return !p.NoPrefill && p.Protocol != failover.OpenAIResponses }

// chain is the schedule's providers for a lab, who count the requests of each call in asked.
func (s schedule) chain(asked *tally) []provider {
	var chain []provider
	for i, plan := range s.Providers {
		p := provider{name: fmt.Sprintf("p%d", i), protocol: plan.Protocol, noPrefill: plan.NoPrefill}
		for k := range plan.Keys {
			p.keys = append(p.keys, fmt.Sprintf("key-%d-%d", i, k))
		}
		for _, f := range plan.Requests {
			p.scripts = append(p.scripts, f.play(asked, plan))
		}
		p.refuses = func(nth int, said string) bool {
			refused := plan.Requests[min(nth, len(plan.Requests)-1)].Kind == "refused"
			if refused {
				asked.count(p.name, said)
			}
			return refused
		}
		chain = append(chain, p)
	}
	return chain
}

// canAnswer says that the last provider always answers and that none before keeps a caller busy for
// ever.
func (s schedule) canAnswer() bool {
	for _, p := range s.Providers {
		if slices.ContainsFunc(p.Requests, func(f fault) bool { return f.Kind == "trickle" }) {
			return false
		}
	}
	last := s.Providers[len(s.Providers)-1].Requests
	return len(last) == 1 && last[0].Kind == "healthy" && last[0].After == 0
}
