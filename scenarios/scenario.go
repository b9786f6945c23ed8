package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
)

// DefaultDeadline is when a call is cut in a scenario that names no deadline: long enough for the slowest engine
// that still has a bound, 90 minutes in hermes-agent over HTTPS
// (https://github.com/NousResearch/hermes-agent/issues/22277).
const DefaultDeadline = 2 * time.Hour

// DefaultPrompt is what a caller asks that was given nothing to ask.
const DefaultPrompt = "say hello"

// A Scenario is one situation: a chain of providers, the calls made of an engine, and what must hold.
type Scenario struct {
	// Name identifies it; in the catalogue it is the file's name.
	Name string
	// Title says in one line what happens, Why what an engine gets wrong about it, Issue links the report.
	Title, Why, Issue string
	// Tags are words to select by.
	Tags []string
	// Deadline is when a call is cut, in scenario time after its start. Default DefaultDeadline.
	Deadline time.Duration
	// Providers is the chain: the first is the primary.
	Providers []Provider
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
	OnRequest []fakeprovider.Preset
}

// Call is one request that the caller makes of the engine.
type Call struct {
	Prompt string `yaml:"prompt"`
	// ContextTokens is the declared size of the conversation, ContextWindow the model's limit; 0 is undeclared.
	ContextTokens int `yaml:"context_tokens"`
	ContextWindow int `yaml:"context_window"`
	// Stream asks for a streamed answer.
	Stream bool `yaml:"stream"`
	// Restarts says that the caller understands a restart marker.
	Restarts bool `yaml:"restarts"`
}

// DefaultCall is the call that a file's call starts from: DefaultPrompt, streamed, by a caller that understands
// restart markers.
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

// WithLimits returns the scenario with the limits of the same names replaced. Limits that nothing here is held against
// are left out.
func (s Scenario) WithLimits(limits assertions.Limits) Scenario {
	s.Expect = slices.Clone(s.Expect)
	replaced := assertions.Limits{}
	for measure, limit := range s.Limits {
		replaced[measure] = limit
	}
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

// OfFault is the smallest scenario around a fault: a primary that has it, a healthy fallback, one call, and the
// expectation that an answer comes and nothing is left behind.
func OfFault(name string, fault fakeprovider.Preset) Scenario {
	return Scenario{
		Name: name,
		Providers: []Provider{
			{Name: "primary", OnRequest: []fakeprovider.Preset{fault}},
			{Name: "secondary", OnRequest: []fakeprovider.Preset{fakeprovider.Healthy{}}},
		},
		Expect: Expecting(assertions.Answer{}, assertions.NoLeaks{}),
	}.withDefaults()
}

var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Validate returns everything that is wrong with a scenario, joined. Loading a file reports the same things, each at
// its place.
func (s Scenario) Validate() error {
	var errs []error
	fail := func(_ place, format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	s.validate(fail)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	return nil
}

// A place says which part of a scenario is wrong, so that a loader can point there: the parts of a path.
type place []any

// validate calls fail for everything that is wrong.
func (s Scenario) validate(fail func(at place, format string, args ...any)) {
	if s.Name == "" {
		fail(place{"scenario"}, "the scenario has no name")
	}
	if s.Deadline <= 0 {
		fail(place{"deadline"}, "the deadline must be above zero, not %s", s.Deadline)
	}
	if len(s.Providers) == 0 {
		fail(place{"providers"}, "there are no providers")
	}
	for i, p := range s.Providers {
		p.validate(place{"providers", i}, s.Providers[:i], fail)
	}
	if len(s.Calls) == 0 {
		fail(place{"calls"}, "there are no calls")
	}
	for i, c := range s.Calls {
		c.validate(place{"calls", i}, fail)
	}
	s.validateExpect(fail)
}

func (p Provider) validate(at place, before []Provider, fail func(place, string, ...any)) {
	switch {
	case !hostLabel.MatchString(p.Name):
		fail(append(at, "name"), "a provider's name is made of small letters, digits and hyphens, because it becomes a host name: not %q", p.Name)
	case slices.ContainsFunc(before, func(other Provider) bool { return other.Name == p.Name }):
		fail(append(at, "name"), "there are two providers called %q", p.Name)
	}
	if p.Protocol != "" {
		if _, err := fakeprovider.ProtocolByName(p.Protocol); err != nil {
			fail(append(at, "protocol"), "unknown protocol %q", p.Protocol)
		}
	}
	if len(p.OnRequest) == 0 {
		fail(append(at, "on_request"), "provider %q does nothing on request", p.Name)
	}
	for i, preset := range p.OnRequest {
		entry := append(slices.Clone(at), "on_request", i)
		if preset == nil {
			fail(entry, "there is nothing here")
			continue
		}
		if v, ok := preset.(fakeprovider.Validator); ok {
			if err := v.Validate(); err != nil {
				fail(entry, "%s", lines(err))
				continue
			}
		}
		unreachable(preset.Script(), entry, fail)
		for _, text := range texts(preset.Script(), p.Name) {
			for _, other := range before {
				if said(other, text) {
					fail(entry, "%q says the same as %q, so nobody could tell whose answer it is: %q", p.Name, other.Name, text)
				}
			}
		}
	}
}

func (c Call) validate(at place, fail func(place, string, ...any)) {
	switch {
	case c.Prompt == "":
		fail(append(at, "prompt"), "the prompt is empty")
	case c.ContextTokens < 0 || c.ContextWindow < 0:
		fail(at, "a number of tokens cannot be negative")
	case c.ContextWindow > 0 && c.ContextTokens > c.ContextWindow:
		fail(append(at, "context_tokens"), "context_tokens is %d, which is more than the context_window of %d", c.ContextTokens, c.ContextWindow)
	}
}

func (s Scenario) validateExpect(fail func(place, string, ...any)) {
	if len(s.Expect) == 0 {
		fail(place{"expect"}, "nothing is expected, so the scenario cannot fail")
	}
	used := map[string]bool{}
	for i, e := range s.Expect {
		at := place{"expect", i}
		if e.Expectation == nil {
			fail(at, "there is nothing here")
			continue
		}
		if v, ok := e.Expectation.(interface{ Validate() error }); ok {
			if err := v.Validate(); err != nil {
				fail(at, "%s", lines(err))
			}
		}
		if l, ok := e.Expectation.(assertions.Limited); ok {
			used[l.Measure()] = true
			if s.Limits[l.Measure()] <= 0 {
				fail(at, "%s needs a limit: write `limits: {%s: 30s}`", l.Name(), l.Measure())
			}
		}
		for _, name := range named(e.Expectation) {
			if !slices.ContainsFunc(s.Providers, func(p Provider) bool { return p.Name == name }) {
				fail(at, "%s speaks of a provider %q that the scenario does not have", e.Expectation.Name(), name)
			}
		}
	}
	for measure := range s.Limits {
		if !used[measure] {
			fail(place{"limits", measure}, "nothing is held against the limit %q: add it to expect", measure)
		}
	}
}

// named are the providers that an expectation speaks of.
func named(e assertions.Expectation) []string {
	switch e := e.(type) {
	case assertions.Answer:
		if e.From != "" {
			return []string{e.From}
		}
	case assertions.ConnectionClosed:
		if e.Provider != "" {
			return []string{e.Provider}
		}
	case assertions.Attempts:
		var names []string
		for name := range e {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	return nil
}

// lines puts the lines of a joined error into one.
func lines(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
