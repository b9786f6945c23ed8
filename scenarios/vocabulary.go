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

// A Vocabulary holds the steps, faults, protocols and expectations that scenarios may use. A
// program extends the shipped one with its own:
//
//	words := scenarios.Shipped()
//	words.Faults = append(words.Faults, MyFault{}.Info())
//	s, err := words.Load("my.yaml", data)
//
// A Vocabulary is safe for concurrent use as long as nobody modifies it.
type Vocabulary struct {
	Steps        []Verb
	Faults       []fakeprovider.Info
	Protocols    []fakeprovider.Protocol
	Expectations []assertions.Expectation
}

// Shipped returns a new vocabulary of everything that ships. The caller may append to it.
func Shipped() *Vocabulary {
	return &Vocabulary{Steps: verbs(), Faults: fault.All(), Protocols: protocol.All(), Expectations: assertions.All()}
}

// shipped caches the result of Shipped for this package, which only reads it.
//
//nolint:gochecknoglobals // computed once, never changed
var shipped = sync.OnceValue(Shipped)

// vocabularyOf returns the vocabulary used to read the file of n.
func vocabularyOf(n *strictyaml.Node) *Vocabulary {
	if v, ok := n.Context().(*Vocabulary); ok {
		return v
	}
	return shipped()
}

// Load reads a scenario file with the shipped vocabulary. The error is a strictyaml.Problems:
// every problem in the file, with line, column and caret.
func Load(file string, data []byte) (Scenario, error) { return shipped().Load(file, data) }

// LoadOnRequest reads the value of `on_request`, a list of entries or a single one, in YAML or
// JSON. The error is a strictyaml.Problems.
func LoadOnRequest(file string, data []byte) ([]fakeprovider.Fault, error) {
	return shipped().LoadOnRequest(file, data)
}

// ParseFault reads a fault with its parameters as a command line or a header writes it. It uses
// the shipped vocabulary; see [Vocabulary.ParseFault].
func ParseFault(text string) (fakeprovider.Fault, error) { return shipped().ParseFault(text) }

// Validate checks a scenario against the shipped vocabulary and returns all errors, joined.
func (s Scenario) Validate() error { return shipped().Validate(s) }

// name matches the valid names of a vocabulary.
var name = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// Check validates the vocabulary itself and returns all errors, joined. It looks for missing,
// malformed and duplicate names, faults without title or default, and expectations without title.
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

// Fault returns the description of the fault with the given name. ok is false if there is none.
func (words *Vocabulary) Fault(name string) (info fakeprovider.Info, ok bool) {
	i := slices.IndexFunc(words.Faults, func(info fakeprovider.Info) bool { return info.Name == name })
	if i < 0 {
		return info, false
	}
	return words.Faults[i], true
}

// Protocol returns the protocol with the given name. ok is false if there is none.
func (words *Vocabulary) Protocol(name string) (p fakeprovider.Protocol, ok bool) {
	i := slices.IndexFunc(words.Protocols, func(p fakeprovider.Protocol) bool { return p.Name() == name })
	if i < 0 {
		return nil, false
	}
	return words.Protocols[i], true
}

// FaultNames returns the names of all faults, in vocabulary order.
func (words *Vocabulary) FaultNames() []string {
	return namesOf(words.Faults, func(info fakeprovider.Info) string { return info.Name })
}

// ProtocolNames returns the names of all protocols, in vocabulary order.
func (words *Vocabulary) ProtocolNames() []string {
	return namesOf(words.Protocols, fakeprovider.Protocol.Name)
}

// Measures returns the names of all measures that can have a limit.
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

// step returns the verb with the given name. It returns false if there is none.
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
