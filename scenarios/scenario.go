package scenarios

import (
	"maps"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// DefaultDeadline is when a call is cut in a scenario that names no deadline: long enough for the
// slowest engine that still has a bound, 90 minutes in hermes-agent over HTTPS
// (https://github.com/NousResearch/hermes-agent/issues/22277).
const DefaultDeadline = 2 * time.Hour

// DefaultPrompt is what a caller asks that was given nothing to ask.
const DefaultPrompt = "say hello"

// A Scenario is one situation: a chain of providers, the calls made of an engine, and what must
// hold.
type Scenario struct {
	// Name identifies it; in the catalogue it is the file's name.
	Name string
	// Title says in one line what happens, Why what an engine gets wrong about it, Issue links the
	// report.
	Title, Why, Issue string
	// Tags are words to select by.
	Tags []string
	// Deadline is when a call is cut, in scenario time after its start. Default DefaultDeadline.
	Deadline time.Duration
	// Providers is the chain: the first is the primary.
	Providers []Provider
	// Outages are faults that providers share for a while, whatever they do otherwise. The first
	// that holds counts.
	Outages []Outage
	// Calls are made one after the other. Default: one call of DefaultPrompt, streamed.
	Calls []Call
	// Limits are the longest times allowed, by measure.
	Limits assertions.Limits
	// Expect is what must hold.
	Expect []Expect

	// File, Source and SHA256 say where it was read from; they are empty for a scenario written in Go.
	File, Source, SHA256 string
}

// Provider is one link of the chain.
type Provider struct {
	// Name is unique in the scenario; letters, digits and hyphens, because it becomes a host name.
	Name string
	// Protocol is its wire; empty is the target's.
	Protocol string
	// OnRequest says what it does: the nth entry serves the nth request, the last one repeats.
	OnRequest []fakeprovider.Fault
}

// Outage is a fault with a cause outside of the providers that have it: a network, a region, a
// common backend.
type Outage struct {
	Fault fakeprovider.Fault
	// Providers are those that have it, all at once. Default: every provider.
	Providers []string `yaml:"providers"`
	// Between is when, in the time of the run: from and to, or from alone. Default: always.
	Between fakeprovider.Window `yaml:"between"`
	// Probability is the chance that it happens at all, drawn once from the run's seed for all of
	// its providers together: above 0, up to 1. Default: it happens.
	Probability float64 `yaml:"probability"`
}

// Call is one request that the caller makes of the engine.
type Call struct {
	// Prompt is what the caller says. Default in files: "say hello".
	Prompt string `yaml:"prompt"`
	// ContextTokens is the declared size of the conversation; 0 is undeclared.
	ContextTokens int `yaml:"context_tokens"`
	// ContextWindow is the model's limit; 0 is undeclared.
	ContextWindow int `yaml:"context_window"`
	// Stream asks for a streamed answer. Default in files: true.
	Stream bool `yaml:"stream"`
	// Restarts says that the caller understands a restart marker. Default in files: true.
	Restarts bool `yaml:"restarts"`
	// After is how long after the end of the call before it the call is made, in scenario time; of
	// the first one, after the beginning. Default: 0, at once. With the deadlines of all calls it is
	// at most a hundred years.
	After time.Duration `yaml:"after"`
}

// DefaultCall is the call that a file's call starts from: DefaultPrompt, streamed, by a caller that
// understands restart markers.
func DefaultCall() Call { return Call{Prompt: DefaultPrompt, Stream: true, Restarts: true} }

// Expect is one expectation and the line that it stands on, 0 for scenarios written in Go.
type Expect struct {
	Expectation assertions.Expectation
	Line        int
}

// Expecting is a list of expectations for scenarios written in Go.
func Expecting(all ...assertions.Expectation) []Expect {
	expect := make([]Expect, len(all))
	for i, e := range all {
		expect[i].Expectation = e
	}
	return expect
}

// Expectations returns what must hold, in order.
func (s Scenario) Expectations() []assertions.Expectation {
	all := make([]assertions.Expectation, len(s.Expect))
	for i, e := range s.Expect {
		all[i] = e.Expectation
	}
	return all
}

// WithLimits returns the scenario with the limits of the same names replaced. Limits that nothing
// here is held against are left out.
func (s Scenario) WithLimits(limits assertions.Limits) Scenario {
	s.Expect = slices.Clone(s.Expect)
	replaced := assertions.Limits{}
	maps.Copy(replaced, s.Limits)
	for i, e := range s.Expect {
		limited, ok := e.Expectation.(assertions.Limited)
		if !ok {
			continue
		}
		if limit, given := limits[limited.Measure()]; given {
			s.Expect[i].Expectation = limited.WithLimit(limit)
			replaced[limited.Measure()] = limit
		}
	}
	s.Limits = replaced
	return s
}

// withDefaults fills in what a file or a literal may leave out.
func (s Scenario) withDefaults() Scenario {
	if s.Deadline == 0 {
		s.Deadline = DefaultDeadline
	}
	if len(s.Calls) == 0 {
		s.Calls = []Call{DefaultCall()}
	}
	return s
}

// The providers of OfFault.
const (
	primary   = "primary"
	secondary = "secondary"
)

// OfFault returns the smallest scenario around a fault: a primary that has it, a healthy fallback,
// one call, and the expectation that an answer comes and nothing is left behind. Right says more
// exactly what to expect.
func OfFault(name string, fault fakeprovider.Fault) Scenario {
	return Scenario{
		Name: name,
		Providers: []Provider{
			{Name: primary, Protocol: protocolFor(fault), OnRequest: []fakeprovider.Fault{fault}},
			{Name: secondary, OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}}},
		},
		Expect: Expecting(assertions.Answer{}, assertions.NoLeaks{}),
	}.withDefaults()
}

// protocolFor is the first protocol that can have a fault, where that is not the usual one; else it
// is the target's.
func protocolFor(fault fakeprovider.Fault) string {
	for i, p := range protocol.All() {
		if fakeprovider.CannotSay(fault, p, fakeprovider.Request{Model: "model", Stream: true, IncludeUsage: true}) != nil {
			continue
		}
		if i == 0 {
			break
		}
		return p.Name()
	}
	return ""
}
