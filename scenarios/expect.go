package scenarios

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// readExpectation decodes the arguments of an expectation. A bare word has none.
func readExpectation(like assertions.Expectation, n *strictyaml.Node) assertions.Expectation {
	e := reflect.New(reflect.TypeOf(like))
	limited, isLimited := like.(assertions.Limited)
	switch {
	case n.Kind() == strictyaml.Null:
	case isLimited:
		n.Report("%s takes its limit from limits: write `limits: {%s: 30s}`, and no more than its name here",
			like.Name(), limited.Measure())
	default:
		checkWords(n, like, "")
		n.Decode(e.Interface())
		checked(n, e.Elem().Interface())
	}
	read, _ := reflect.TypeAssert[assertions.Expectation](e.Elem())
	return read
}

// expects is the expect list of a file.
type expects []Expect

var _ strictyaml.Decoder = (*expects)(nil)

// DecodeYAML reads the expectations. Each is a bare word, or one key with its arguments.
func (all *expects) DecodeYAML(n *strictyaml.Node) {
	for _, item := range n.Items() {
		*all = append(*all, decodeExpect(item))
	}
}

// decodeExpect reads one expectation. The Expectation is nil if it cannot be read.
func decodeExpect(n *strictyaml.Node) Expect {
	name, at, arguments, ok := nameOf(n, "expectation")
	if !ok {
		return Expect{Line: n.Line()}
	}
	words := vocabularyOf(n)
	i := slices.IndexFunc(words.Expectations, func(e assertions.Expectation) bool { return e.Name() == name })
	if i < 0 {
		at.ReportUnknown("expectation", name, words.expectationNames())
		return Expect{Line: at.Line()}
	}
	read := Expect{Line: at.Line(), Advisory: takeAdvisory(arguments)}
	read.Expectation = readExpectation(words.Expectations[i], arguments)
	return read
}

// advisoryKey stands beside the arguments of any expectation.
const advisoryKey = "advisory"

// takeAdvisory reads the key advisory and takes it off the arguments, which the expectation decodes
// without it. A mapping under that name is left: it is the range of a provider called so.
func takeAdvisory(arguments *strictyaml.Node) (advisory bool) {
	if arguments.Kind() != strictyaml.Mapping {
		return false
	}
	for _, f := range slices.Clone(arguments.Fields()) {
		switch {
		case f.Name == advisoryKey && f.Value.Kind() != strictyaml.Mapping:
			advisory, _ = f.Value.Bool()
		// no expectation has such a key
		case f.Value.Kind() == strictyaml.Bool && strictyaml.Nearest(f.Name, []string{advisoryKey}) != "":
			f.Key.ReportUnknown("key", f.Name, []string{advisoryKey})
		default:
			continue
		}
		arguments.Take(f.Name)
	}
	return advisory
}

// expectDocument is the part of a scenario file that says what must hold.
type expectDocument struct {
	Limits map[string]time.Duration `yaml:"limits"`
	Expect expects                  `yaml:"expect"`
}

// LoadExpect returns s with other expectations: `expect`, and `limits` beside those of s, as a
// scenario file has them, in YAML or JSON. They may name the providers and calls of s. The error is
// a strictyaml.Problems.
func (words *Vocabulary) LoadExpect(s Scenario, file string, data []byte) (Scenario, error) {
	doc, err := strictyaml.ParseFor(words, file, data)
	if err != nil {
		return s, err //nolint:wrapcheck // Problems
	}
	root := doc.Root()
	var d expectDocument
	root.Decode(&d)
	limits := maps.Clone(s.Limits)
	maps.Copy(limits, d.Limits)
	s.Expect, s.Limits = d.Expect, d.Limits
	s = s.WithLimits(limits)
	if _, given := root.Field("expect"); !given && root.Kind() == strictyaml.Mapping {
		root.Report("nothing is expected: write `expect: [time_to_fallback]`, or any other expectation")
	}
	report(root, words.flaws(s))
	return s, doc.Err() //nolint:wrapcheck // Problems
}
