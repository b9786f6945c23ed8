package scenarios

import (
	"maps"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// DefaultDeadline is the time limit of a call if the scenario sets none. The slowest engine with a
// bound needs less: hermes-agent takes 90 minutes over HTTPS
// (https://github.com/NousResearch/hermes-agent/issues/22277).
const DefaultDeadline = 2 * time.Hour

// DefaultPrompt is the prompt of a call that sets none.
const DefaultPrompt = "say hello"

// A Scenario is one situation to test: a chain of providers, the calls to make, and the
// expectations.
type Scenario struct {
	// Name identifies the scenario. In the catalogue it is the file's name.
	Name string
	// Title is one line about what happens. Why explains what engines get wrong. Issue is the URL
	// of the bug report.
	Title, Why, Issue string
	// Tags are words to select scenarios by.
	Tags []string
	// Deadline is the time limit of each call, in scenario time from its start. Default
	// DefaultDeadline.
	Deadline time.Duration
	// Providers is the fallback chain. The first provider is the primary.
	Providers []Provider
	// Outages are faults that several providers share for a while. They override OnRequest. If
	// several apply, the first one wins.
	Outages []Outage
	// Calls are made one after the other. Default: one streamed call of DefaultPrompt.
	Calls []Call
	// Limits are the longest times allowed, by measure.
	Limits assertions.Limits
	// Expect lists the expectations that must hold.
	Expect []Expect
	// UnreachedOK says that the scenario proves its point even if no request met one of its faults:
	// that nobody asks the secondary, for instance. Otherwise such a run does not pass; it is
	// unknown.
	UnreachedOK bool

	// File, Source and SHA256 describe the file that the scenario was read from. They are empty
	// for a scenario written in Go.
	File, Source, SHA256 string
}

// Provider is one provider of the chain.
type Provider struct {
	// Name is unique in the scenario, and a host name label: small letters, digits and hyphens.
	Name string
	// Protocol is the provider's wire protocol. Default: the target's.
	Protocol string
	// OnRequest lists the provider's responses. The nth entry serves the nth request, and the last
	// one repeats.
	OnRequest []fakeprovider.Fault
}

// Outage is a fault that several providers share because its cause lies outside of them: a
// network, a region or a common backend.
type Outage struct {
	Fault fakeprovider.Fault
	// Providers are the affected providers. Default: every provider.
	Providers []string `yaml:"providers"`
	// Between is the time of the run in which the outage holds: from and to, or from alone.
	// Default: always.
	Between fakeprovider.Window `yaml:"between"`
	// Probability is the chance that the outage happens at all, above 0 and up to 1. It is drawn
	// once from the run's seed, for all affected providers together. Default: it happens.
	Probability float64 `yaml:"probability"`
}

// Call is one call that the caller makes to the engine.
type Call struct {
	// Prompt is the text that the caller sends. Default in files: "say hello".
	Prompt string `yaml:"prompt"`
	// System is what the model is told before the conversation. Default: nothing.
	System string `yaml:"system"`
	// Messages are the conversation before the prompt, oldest first. Default: none.
	Messages []Message `yaml:"messages"`
	// Tools are what the model may call. Default: none.
	Tools []Tool `yaml:"tools"`
	// ContextTokens is the declared size of the conversation, in tokens. 0 means undeclared.
	ContextTokens int `yaml:"context_tokens"`
	// ContextWindow is the declared context limit of the model, in tokens. 0 means undeclared.
	ContextWindow int `yaml:"context_window"`
	// Stream requests a streamed answer. Default in files: true.
	Stream bool `yaml:"stream"`
	// Restarts declares that the caller understands restart markers. Default in files: true.
	Restarts bool `yaml:"restarts"`
	// After is the pause before this call, in scenario time. It is measured from the end of the
	// previous call, or from the start of the run. Default: 0. Pauses and deadlines together may
	// not exceed a hundred years.
	After time.Duration `yaml:"after"`
	// Count is how many callers make this call at once, 1 to 1000. Each has a prompt of its own,
	// with a mark behind it: "say hello (call 7)". 0 means 1, whose prompt has no mark. The next
	// call of the list begins when all of them are over.
	Count int `yaml:"count"`
	// HangUp is when the caller gives up and cancels the call, in scenario time from its start. It
	// has to come before the deadline. Default: never.
	HangUp time.Duration `yaml:"hang_up"`
}

// DefaultCall returns the defaults of a call in a file: DefaultPrompt, streamed, with a caller
// that understands restart markers.
func DefaultCall() Call { return Call{Prompt: DefaultPrompt, Stream: true, Restarts: true} }

// Expect is one expectation of a scenario.
type Expect struct {
	Expectation assertions.Expectation
	// Advisory says that the run is partial if the expectation fails, which no command fails for.
	Advisory bool
	// Line is the line in the file, 0 for a scenario written in Go.
	Line int
}

// Expecting wraps expectations for a scenario written in Go.
func Expecting(all ...assertions.Expectation) []Expect {
	expect := make([]Expect, len(all))
	for i, e := range all {
		expect[i].Expectation = e
	}
	return expect
}

// Expectations returns the expectations, in order.
func (s Scenario) Expectations() []assertions.Expectation {
	all := make([]assertions.Expectation, len(s.Expect))
	for i, e := range s.Expect {
		all[i] = e.Expectation
	}
	return all
}

// Expected returns the expectations as assertions.Judge wants them, in order.
func (s Scenario) Expected() []assertions.Expected {
	all := make([]assertions.Expected, len(s.Expect))
	for i, e := range s.Expect {
		all[i] = assertions.Expected{Expectation: e.Expectation, Advisory: e.Advisory}
	}
	return all
}

// WithLimits returns a copy of the scenario with replaced limits. It ignores limits that no
// expectation of the scenario uses.
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

// withDefaults returns a copy of the scenario with the defaults filled in.
func (s Scenario) withDefaults() Scenario {
	if s.Deadline == 0 {
		s.Deadline = DefaultDeadline
	}
	if len(s.Calls) == 0 {
		s.Calls = []Call{DefaultCall()}
	}
	return s
}

// Names of the providers of OfFault.
const (
	primary   = "primary"
	secondary = "secondary"
)

// OfFault returns the smallest scenario around a fault: a primary with the fault, a healthy
// fallback and one call. It expects an answer and no leaks. Right returns stricter expectations.
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

// protocolFor returns the first protocol that supports the fault, or "" for the target's default
// protocol if that one does.
func protocolFor(fault fakeprovider.Fault) string {
	for i, p := range protocol.All() {
		if fakeprovider.CannotSay(fault, p,
			fakeprovider.Request{Model: "model", Stream: true, IncludeUsage: true}) != nil {
			continue
		}
		if i == 0 {
			break
		}
		return p.Name()
	}
	return ""
}
