// Package yamlschema writes the JSON Schemas of YAML files, for editors, from the structs that
// internal/strictyaml decodes such files into. The comments of the structs become descriptions.
// Only tests use it: they compare the schemas that ship with what it writes.
//
//	type Target struct {              "target": {
//		// Name is the name …     ─▶    "description": "The name …",
//		Name string `yaml:"target"`      "type": ["string", …]
//	}                                 }
package yamlschema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// A Generator makes schemas of types.
type Generator struct {
	// Comments are those of types ("failover.Policy") and of fields ("failover.Policy.Title").
	Comments map[string]string
	// Known returns the schema of a type that decodes itself, or nil. Default: there are none.
	Known func(t reflect.Type) *jsonschema.Schema
	// Words returns the words that a field of a struct takes, by key, or nil. Default: any.
	Words func(t reflect.Type) map[string][]string
}

// Of returns the schema of a type, as strictyaml decodes it. It panics if strictyaml does not.
func (g Generator) Of(t reflect.Type) *jsonschema.Schema {
	if g.Known != nil {
		if s := g.Known(t); s != nil {
			return s
		}
	}
	if t == reflect.TypeFor[time.Duration]() {
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
	}
	switch t.Kind() { //nolint:exhaustive // the rest is not in use
	case reflect.Pointer:
		return g.Of(t.Elem())
	case reflect.Struct:
		return g.Object(t)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: g.Of(t.Elem())}
	case reflect.Map:
		s := &jsonschema.Schema{Type: "object", AdditionalProperties: g.Of(t.Elem())}
		if key := g.Of(t.Key()); key.Enum != nil {
			s.PropertyNames = key
		}
		return s
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.Int:
		return &jsonschema.Schema{Type: "integer", Minimum: new(0.0)}
	case reflect.Float64:
		return &jsonschema.Schema{Type: "number", Minimum: new(0.0)}
	case reflect.String:
		// numbers are texts as they are written
		return &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	}
	panic("no schema for " + t.String())
}

// Object returns the schema of a struct. Only the keys in its tags are allowed.
func (g Generator) Object(t reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Description: g.Comments[t.String()],
		Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: Never(),
	}
	var known map[string][]string
	if g.Words != nil {
		known = g.Words(t)
	}
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		property := g.Of(f.Type)
		switch words := known[name]; {
		case words == nil:
		case f.Type.Kind() == reflect.Slice: // a list of words, or one
			property = &jsonschema.Schema{
				AnyOf: []*jsonschema.Schema{OneOf(words), {Type: "array", MinItems: new(1), Items: OneOf(words)}},
			}
		default:
			property = OneOf(words)
		}
		property.Description = g.Comments[t.String()+"."+f.Name]
		s.Properties[name] = property
	}
	return s
}

// OneOf returns the schema of a word.
func OneOf[T ~string](words []T) *jsonschema.Schema {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return &jsonschema.Schema{Enum: all}
}

// Never returns the schema that nothing satisfies.
func Never() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// File returns a schema as its file stores it. It says that it is of draft 7, which every editor
// supports.
func File(s *jsonschema.Schema) ([]byte, error) {
	s.Schema = "http://json-schema.org/draft-07/schema#" //nolint:revive // a name, and no address
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	// escapes that only HTML needs
	for escaped, plain := range map[string]string{`\u0026`: "&", `\u003c`: "<", `\u003e`: ">"} {
		data = bytes.ReplaceAll(data, []byte(escaped), []byte(plain))
	}
	return append(data, '\n'), nil
}
