package scenarios

import (
	"maps"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// expectations maps the name of an expectation to what reads it: the only registry of expectations.
//
//nolint:gochecknoglobals // an immutable table
var expectations = map[string]func(*strictyaml.Node) assertions.Expectation{
	"answer":                expectation[assertions.Answer],
	"attempts":              expectation[assertions.Attempts],
	"connection_closed":     expectation[assertions.ConnectionClosed],
	"no_fallback":           expectation[assertions.NoFallback],
	"no_leaks":              expectation[assertions.NoLeaks],
	"time_to_answer":        expectation[assertions.TimeToAnswer],
	"time_to_fallback":      expectation[assertions.TimeToFallback],
	"time_to_first_content": expectation[assertions.TimeToFirstContent],
}

// expectation reads the arguments of an expectation; a bare word has none.
func expectation[E assertions.Expectation](n *strictyaml.Node) assertions.Expectation {
	var e E
	limited, isLimited := any(e).(assertions.Limited)
	switch {
	case n.Kind() == strictyaml.Null:
	case isLimited:
		n.Report("%s takes its limit from limits: write `limits: {%s: 30s}`, and no more than its name here", e.Name(), limited.Measure())
	default:
		checkWords(n, e, "")
		n.Decode(&e)
		checked(n, e)
	}
	return e
}

// expects is the list of expectations in a file.
type expects []Expect

var _ strictyaml.Decoder = (*expects)(nil)

// DecodeYAML reads the expectations, each a bare word or one key with its arguments.
func (all *expects) DecodeYAML(n *strictyaml.Node) {
	for _, item := range n.Items() {
		*all = append(*all, decodeExpect(item))
	}
}

// decodeExpect reads one expectation; it is nil where it could not be read.
func decodeExpect(n *strictyaml.Node) Expect {
	name, at, arguments, ok := nameOf(n, "expectation")
	if !ok {
		return Expect{Line: n.Line()}
	}
	read, known := expectations[name]
	if !known {
		at.ReportUnknown("expectation", name, slices.Sorted(maps.Keys(expectations)))
		return Expect{Line: at.Line()}
	}
	return Expect{Expectation: read(arguments), Line: at.Line()}
}
