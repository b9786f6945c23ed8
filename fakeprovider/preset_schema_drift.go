package fakeprovider

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SchemaDrift answers in a schema that has moved on.
type SchemaDrift struct {
	// How is unknown-field (each JSON object has one more), type-change (the text of one piece of the answer is a list) or
	// null-choices (one more event, in which null stands where the answer does; a body has null in its place). Default type-change.
	How string `yaml:"how"`
	// After is how many pieces of the answer arrive as they should before type-change or null-choices. Default 2.
	After int `yaml:"after"`
}

var (
	_ Overlay   = SchemaDrift{}
	_ Step      = SchemaDrift{}
	_ Validator = SchemaDrift{}
)

// The ways in which a schema drifts.
const (
	DriftUnknownField = "unknown-field"
	DriftTypeChange   = "type-change"
	DriftNullChoices  = "null-choices"
)

// Drifts returns them, as scenarios write them.
func Drifts() []string { return []string{DriftUnknownField, DriftTypeChange, DriftNullChoices} }

func schemaDriftInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M9"}, Name: "schema-drift",
		Title: "Fields appear, change their type, or are null",
		Why: "Vendors change, and those that imitate them differ. Decoders that are strict fail over what they could ignore, and " +
			"lenient ones turn what they cannot read into nothing.",
		Correct: "Ignore what is new and what is null; a typed error where a type has changed.",
		Issues: []string{
			"https://github.com/RooCodeInc/Roo-Code/pull/9105",
			"https://github.com/pydantic/pydantic-ai/pull/5170",
			"https://github.com/pipecat-ai/pipecat/pull/1060",
		},
		Default: SchemaDrift{How: DriftTypeChange, After: defaultMalformedAfter},
	}
}

// Validate refuses a way that is none, and a negative number.
func (p SchemaDrift) Validate() error {
	var err error
	if p.How != "" && !slices.Contains(Drifts(), p.How) {
		err = fmt.Errorf("schema-drift: how is %q, want one of %s", p.How, strings.Join(Drifts(), ", "))
	}
	return errors.Join(err, notFewer("schema-drift", "after", p.After))
}

// Script changes an answer that is all right.
func (p SchemaDrift) Script() Script { return under(p) }

// Lay arms the exchange.
func (p SchemaDrift) Lay() Script { return Script{p} }

// Play arms the exchange.
func (p SchemaDrift) Play(_ context.Context, x Exchange) error {
	n := cmp.Or(p.After, defaultMalformedAfter) + 1
	switch p.How {
	case DriftUnknownField:
		x.Through(func(_ Frame, data []byte, next func([]byte) error) error { return next(editJSON(data, addField)) })
	case DriftNullChoices:
		x.Through(onContent(x, n, func(f Frame, data []byte, next func([]byte) error) error {
			none := editJSON(data, func(text []byte) []edit { return nullAnswer(text, f) })
			if !isEvents(data) {
				return next(none)
			}
			return inPieces(next, none, data)
		}))
	default:
		x.Through(onContent(x, n, func(f Frame, data []byte, next func([]byte) error) error {
			return next(editJSON(data, func(text []byte) []edit { return listAnswer(text, f) }))
		}))
	}
	return nil
}

// addField adds a field to every object.
func addField(text []byte) []edit {
	var edits []edit
	walkJSON(text, func(v jsonValue) bool {
		if value := text[v.start:v.end]; value[0] == '{' {
			field := `"x_unknown":[1,null],`
			if len(bytes.TrimSpace(value[1:len(value)-1])) == 0 {
				field = strings.TrimSuffix(field, ",")
			}
			edits = append(edits, edit{v.start + 1, v.start + 1, field})
		}
		return true
	})
	return edits
}

// listAnswer puts the text of the answer into a list.
func listAnswer(text []byte, f Frame) []edit {
	v, ok := answerIn(text, f)
	if !ok {
		return nil
	}
	return []edit{{v.start, v.end, "[" + string(text[v.start:v.end]) + "]"}}
}

// nullAnswer puts null into the place of the outermost member that has the text of the answer.
func nullAnswer(text []byte, f Frame) []edit {
	answer, ok := answerIn(text, f)
	if !ok {
		return nil
	}
	var edits []edit
	walkJSON(text, func(v jsonValue) bool {
		if v.depth == 1 && v.start <= answer.start && answer.end <= v.end {
			edits = []edit{{v.start, v.end, "null"}}
		}
		return v.depth == 0
	})
	return edits
}

// answerIn is where the text of the answer stands: the last string that is the frame's own text, or in a body the longest one
// that is made of words.
func answerIn(text []byte, f Frame) (found jsonValue, ok bool) {
	walkJSON(text, func(v jsonValue) bool {
		value := text[v.start:v.end]
		if value[0] != '"' {
			return true
		}
		if f.Kind.isContent() {
			if own, err := compact(f.Text); err == nil && bytes.Equal(own, value) {
				found, ok = v, true
			}
		} else if bytes.ContainsRune(value, ' ') && v.end-v.start > found.end-found.start {
			found, ok = v, true
		}
		return true
	})
	return found, ok
}
