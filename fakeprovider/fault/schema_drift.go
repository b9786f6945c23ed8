package fault

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// SchemaDrift answers in a schema that has changed.
type SchemaDrift struct {
	// How is unknown-field (each JSON object has one more), type-change (the text of one piece of
	// the answer is a list) or null-choices (one more event, in which null stands where the answer
	// does; a body has null in its place). Default type-change.
	How string `yaml:"how"`
	// After is how many pieces of the answer arrive as they should before type-change or
	// null-choices. Default 2.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = SchemaDrift{}
	_ fakeprovider.Step      = SchemaDrift{}
	_ fakeprovider.Validator = SchemaDrift{}
)

// The values of SchemaDrift.How.
const (
	DriftUnknownField = "unknown-field"
	DriftTypeChange   = "type-change"
	DriftNullChoices  = "null-choices"
)

// Drifts returns the values of SchemaDrift.How.
func Drifts() []string { return []string{DriftUnknownField, DriftTypeChange, DriftNullChoices} }

// Info describes the fault.
func (SchemaDrift) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M9"}, Name: "schema-drift",
		Title: "Fields appear, change their type, or are null",
		Why: "Vendors change, and those that imitate them differ. Decoders that are strict fail over what they could " +
			"ignore, and lenient ones turn what they cannot read into nothing.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Ignore what is new and what is null, and return a typed error if a type has changed.",
		},
		Issues: []string{
			"https://github.com/RooCodeInc/Roo-Code/pull/9105",
			"https://github.com/pydantic/pydantic-ai/pull/5170",
			"https://github.com/pipecat-ai/pipecat/pull/1060",
		},
		Default: SchemaDrift{How: DriftTypeChange, After: defaultMalformedAfter},
	}
}

// Validate refuses an unknown word and a negative number.
func (p SchemaDrift) Validate() error {
	return errors.Join(oneOf("schema-drift", "how", p.How, Drifts()), atLeastOne("schema-drift", "after", p.After))
}

// Script changes a healthy answer.
func (p SchemaDrift) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p SchemaDrift) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p SchemaDrift) Play(_ context.Context, x fakeprovider.Exchange) error {
	n := cmp.Or(p.After, defaultMalformedAfter) + 1
	switch p.How {
	case DriftUnknownField:
		x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			return next(sse.EditJSON(data, addField))
		})
	case DriftNullChoices:
		x.Filters().Through(onContent(x, n, func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
			none := sse.EditJSON(data, func(text []byte) []sse.Edit { return nullAnswer(text, f) })
			if !sse.IsEvents(data) {
				return next(none)
			}
			return inPieces(next, none, data)
		}))
	default:
		x.Filters().Through(onContent(x, n, func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
			return next(sse.EditJSON(data, func(text []byte) []sse.Edit { return listAnswer(text, f) }))
		}))
	}
	return nil
}

// addField adds a field to every object.
func addField(text []byte) []sse.Edit {
	var edits []sse.Edit
	sse.WalkJSON(text, func(v sse.Value) bool {
		if value := text[v.Start:v.End]; value[0] == '{' {
			field := `"x_unknown":[1,null],`
			if len(bytes.TrimSpace(value[1:len(value)-1])) == 0 {
				field = strings.TrimSuffix(field, ",")
			}
			edits = append(edits, sse.Edit{Start: v.Start + 1, End: v.Start + 1, Text: field})
		}
		return true
	})
	return edits
}

// listAnswer puts the text of the answer into a list.
func listAnswer(text []byte, f fakeprovider.Frame) []sse.Edit {
	v, ok := answerIn(text, f)
	if !ok {
		return nil
	}
	return []sse.Edit{{Start: v.Start, End: v.End, Text: "[" + string(text[v.Start:v.End]) + "]"}}
}

// nullAnswer replaces the outermost member that has the text of the answer by null.
func nullAnswer(text []byte, f fakeprovider.Frame) []sse.Edit {
	answer, ok := answerIn(text, f)
	if !ok {
		return nil
	}
	var edits []sse.Edit
	sse.WalkJSON(text, func(v sse.Value) bool {
		if v.Depth == 1 && v.Start <= answer.Start && answer.End <= v.End {
			edits = []sse.Edit{{Start: v.Start, End: v.End, Text: "null"}}
		}
		return v.Depth == 0
	})
	return edits
}

// answerIn finds the text of the answer: the last string that is the frame's own text or, in a
// body, the longest one that is made of words.
func answerIn(text []byte, f fakeprovider.Frame) (found sse.Value, ok bool) {
	sse.WalkJSON(text, func(v sse.Value) bool {
		value := text[v.Start:v.End]
		if value[0] != '"' {
			return true
		}
		if f.Kind.IsContent() {
			if own, err := sse.Compact(f.Text); err == nil && bytes.Equal(own, value) {
				found, ok = v, true
			}
		} else if bytes.ContainsRune(value, ' ') && v.End-v.Start > found.End-found.Start {
			found, ok = v, true
		}
		return true
	})
	return found, ok
}

// Words returns the words that scenario files may use.
func (SchemaDrift) Words() map[string][]string {
	return map[string][]string{"how": Drifts()}
}
