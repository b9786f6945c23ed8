package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A Vocabulary is what scenarios may name. Shipped returns the one that ships; a program with
// faults, protocols, steps or expectations of its own appends them, and passes the result on:
//
//	words := scenarios.Shipped()
//	words.Faults = append(words.Faults, MyFault{}.Info())
//	s, err := words.Load("my.yaml", data)
//
// A Vocabulary is data. It is safe for concurrent use as long as nobody changes it.
type Vocabulary struct {
	Steps        []Verb
	Faults       []fakeprovider.Info
	Protocols    []fakeprovider.Protocol
	Expectations []assertions.Expectation
}

// Shipped returns a vocabulary of everything that ships. The caller may append to it.
func Shipped() *Vocabulary {
	return &Vocabulary{Steps: verbs(), Faults: fault.All(), Protocols: protocol.All(), Expectations: assertions.All()}
}

// shipped is Shipped for this package, which does not change it.
//
//nolint:gochecknoglobals // computed once, never changed
var shipped = sync.OnceValue(Shipped)

// vocabularyOf returns the vocabulary that a file is read with.
func vocabularyOf(n *strictyaml.Node) *Vocabulary {
	if v, ok := n.Context().(*Vocabulary); ok {
		return v
	}
	return shipped()
}

// Load reads a scenario file. The error is strictyaml.Problems: everything that is wrong, with
// line, column and caret.
func Load(file string, data []byte) (Scenario, error) { return shipped().Load(file, data) }

// LoadOnRequest reads what a scenario file has under `on_request`, a list of entries or one of them
// alone, in YAML or JSON. The error is strictyaml.Problems.
func LoadOnRequest(file string, data []byte) ([]fakeprovider.Fault, error) {
	return shipped().LoadOnRequest(file, data)
}

// ParseFault reads a fault with its parameters as it is written on a command line or in a header;
// see [Vocabulary.ParseFault].
func ParseFault(text string) (fakeprovider.Fault, error) { return shipped().ParseFault(text) }

// Validate returns everything that is wrong with a scenario that names only what ships, joined.
func (s Scenario) Validate() error { return shipped().Validate(s) }

// name is what the things of a vocabulary may be called.
var name = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// Check returns everything that is wrong with the vocabulary itself, joined: names that are
// missing, malformed or taken, faults without a title or a default, expectations without a title.
func (words *Vocabulary) Check() error {
	var errs []error
	check := func(kind string, names []string) {
		seen := map[string]bool{}
		for _, n := range names {
			switch {
			case !name.MatchString(n):
				errs = append(errs, fmt.Errorf("%s %q: a name is made of small letters, digits and hyphens", kind, n))
			case seen[n]:
				errs = append(errs, fmt.Errorf("%s %q stands in the vocabulary twice", kind, n))
			}
			seen[n] = true
		}
	}
	check("step", words.stepNames())
	check("fault", words.FaultNames())
	check("protocol", words.ProtocolNames())
	check("expectation", words.expectationNames())
	for _, info := range words.Faults {
		if info.Default == nil || info.Title == "" {
			errs = append(errs, fmt.Errorf("fault %q: its Info has no title or no default", info.Name))
		}
	}
	for _, e := range words.Expectations {
		if e.Title() == "" {
			errs = append(errs, fmt.Errorf("expectation %q has no title", e.Name()))
		}
	}
	return errors.Join(errs...)
}

// Fault returns what the fault of that name says of itself; ok is false where there is none.
func (words *Vocabulary) Fault(name string) (info fakeprovider.Info, ok bool) {
	i := slices.IndexFunc(words.Faults, func(info fakeprovider.Info) bool { return info.Name == name })
	if i < 0 {
		return info, false
	}
	return words.Faults[i], true
}

// Protocol returns the protocol of that name; ok is false where there is none.
func (words *Vocabulary) Protocol(name string) (p fakeprovider.Protocol, ok bool) {
	i := slices.IndexFunc(words.Protocols, func(p fakeprovider.Protocol) bool { return p.Name() == name })
	if i < 0 {
		return nil, false
	}
	return words.Protocols[i], true
}

// FaultNames returns the names of all faults, in their order.
func (words *Vocabulary) FaultNames() []string {
	return namesOf(words.Faults, func(info fakeprovider.Info) string { return info.Name })
}

// ProtocolNames returns the names of all protocols, in their order.
func (words *Vocabulary) ProtocolNames() []string {
	return namesOf(words.Protocols, fakeprovider.Protocol.Name)
}

// Measures returns the names of all limits.
func (words *Vocabulary) Measures() []string {
	var names []string
	for _, e := range words.Expectations {
		if l, ok := e.(assertions.Limited); ok {
			names = append(names, l.Measure())
		}
	}
	return names
}

func (words *Vocabulary) expectationNames() []string {
	return slices.Sorted(slices.Values(namesOf(words.Expectations, assertions.Expectation.Name)))
}

func (words *Vocabulary) stepNames() []string {
	return slices.Sorted(slices.Values(namesOf(words.Steps, func(s Verb) string { return s.Name })))
}

// step returns the verb of that name.
func (words *Vocabulary) step(name string) (Verb, bool) {
	i := slices.IndexFunc(words.Steps, func(s Verb) bool { return s.Name == name })
	if i < 0 {
		return Verb{}, false
	}
	return words.Steps[i], true
}

func namesOf[T any](all []T, name func(T) string) []string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = name(one)
	}
	return names
}
