package failover_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// A schedule is what the providers of a chain do, request by request, while a caller makes its turns.
type schedule struct {
	Providers []plan
	Turns     []turn
}

type plan struct {
	Anthropic bool
	Keys      int     // 0 counts as 1
	Requests  []fault // the last repeats
}

// A fault is what one request meets: a wait, then a part of the answer, then what goes wrong.
type fault struct {
	Kind   string
	After  time.Duration
	Tokens int
	Status int
	Retry  string // the Retry-After; "" for none
}

// A turn is one or more calls that are made at one instant.
type turn struct {
	Tokens   int
	Restarts bool
	Whole    bool // not streamed
	Pause    time.Duration
	Calls    int           // 0 counts as 1
	Leaves   time.Duration // when the caller goes; 0: it stays
}

// answerTokens is how many tokens a whole answer has.
const answerTokens = 5

// patience is how long a caller of any policy waits: the deadline that `recommended` sets itself.
const patience = 10 * time.Minute

var faultKinds = []string{
	"healthy", "healthy", "slow", "stays", "mute", "stall", "heartbeats", "data heartbeats", "trickle", "reset", "cut", "eof", "empty", "malformed", "status", "status", "error event",
}

var anyFault = rapid.Custom(func(rt *rapid.T) fault {
	return fault{
		Kind:   rapid.SampledFrom(faultKinds).Draw(rt, "kind"),
		After:  time.Duration(rapid.SampledFrom([]int{0, 1, 30, 70}).Draw(rt, "after"))*time.Second + 13*time.Millisecond,
		Tokens: rapid.SampledFrom([]int{0, 0, 1, 4}).Draw(rt, "tokens"),
		Status: rapid.SampledFrom([]int{500, 429, 502, 503, 529, 401, 400, 402, 404, 408, 413, 413, 413}).Draw(rt, "status"),
		Retry:  rapid.SampledFrom([]string{"", "", "5", "600", "0.5", "-1", "soon", "Sat, 01 Jan 2000 00:01:00 GMT"}).Draw(rt, "retry after"),
	}
})

var anyTurn = rapid.Custom(func(rt *rapid.T) turn {
	return turn{
		Tokens:   rapid.SampledFrom([]int{20_000, 80_000, 110_000, 130_000}).Draw(rt, "context"),
		Restarts: rapid.IntRange(0, 3).Draw(rt, "restarts") > 0,
		Whole:    rapid.IntRange(0, 3).Draw(rt, "streamed") == 0,
		Pause:    time.Duration(rapid.SampledFrom([]int{0, 10, 90}).Draw(rt, "pause")) * time.Second,
		Calls:    rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(rt, "calls"),
		Leaves:   time.Duration(rapid.SampledFrom([]int{0, 0, 0, 0, 50}).Draw(rt, "leaves"))*time.Second + 7*time.Millisecond,
	}
})

var anySchedule = rapid.Custom(func(rt *rapid.T) schedule {
	var s schedule
	for range rapid.IntRange(1, 2).Draw(rt, "faulty providers") {
		s.Providers = append(s.Providers, plan{
			Anthropic: rapid.Bool().Draw(rt, "anthropic"),
			Keys:      rapid.SampledFrom([]int{1, 1, 2}).Draw(rt, "keys"),
			Requests:  rapid.SliceOfN(anyFault, 1, 4).Draw(rt, "requests"),
		})
	}
	if rapid.IntRange(0, 3).Draw(rt, "a healthy one") > 0 {
		s.Providers = append(s.Providers, plan{Anthropic: rapid.Bool().Draw(rt, "anthropic"), Requests: []fault{{Kind: "healthy"}}})
	}
	s.Turns = rapid.SliceOfN(anyTurn, 1, 3).Draw(rt, "turns")
	return s
})

// leaves says when the caller goes, if it does: the phase alone is no time.
func (t turn) leaves() (time.Duration, bool) { return t.Leaves, t.Leaves > time.Second }

// chain is the schedule's providers for a lab, who count the requests of each call in asked.
func (s schedule) chain(asked *tally) []provider {
	var chain []provider
	for i, plan := range s.Providers {
		p := openai(fmt.Sprintf("p%d", i))
		if plan.Anthropic {
			p.protocol = failover.AnthropicMessages
		}
		for k := range plan.Keys {
			p.keys = append(p.keys, fmt.Sprintf("key-%d-%d", i, k))
		}
		for _, f := range plan.Requests {
			p.scripts = append(p.scripts, f.play(asked))
		}
		chain = append(chain, p)
	}
	return chain
}

// canAnswer says that the last provider always answers and that none before keeps a caller busy for ever.
func (s schedule) canAnswer() bool {
	for _, p := range s.Providers {
		if slices.ContainsFunc(p.Requests, func(f fault) bool { return f.Kind == "trickle" }) {
			return false
		}
	}
	last := s.Providers[len(s.Providers)-1].Requests
	return len(last) == 1 && last[0] == fault{Kind: "healthy"}
}
