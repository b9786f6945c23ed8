package scenarios

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

// generator generates the JSON Schema of scenario files from the structs that hold them. The
// comments of the structs become descriptions.
type generator struct {
	// comments are those of types ("fakeprovider.Text") and of their fields
	// ("fakeprovider.Text.ITL").
	comments map[string]string
	// definitions are what other parts refer to.
	definitions map[string]*jsonschema.Schema
}

const durationPattern = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

// generate returns the schema as the file stores it. It uses draft 7, which every editor supports.
func generate(t *testing.T) []byte {
	t.Helper()
	g := generator{
		comments:    comments(t, ".", "../fakeprovider", "../fakeprovider/fault", "../assertions"),
		definitions: map[string]*jsonschema.Schema{},
	}
	schema := g.object(reflect.TypeFor[document]())
	schema.Schema = "http://json-schema.org/draft-07/schema#"
	schema.Title = "chaosrun scenario"
	schema.Description = "One situation: a chain of providers, the calls made of an engine, and what must hold."
	schema.Required = []string{"scenario", "providers", "expect"}
	schema.Properties["limits"] = g.limits(schema.Properties["limits"].Description)
	maps.Copy(g.definitions, map[string]*jsonschema.Schema{
		"entry": g.entry(), "fault": g.fault(false), "step": g.step(), "expectation": g.expectation(),
	})
	for _, info := range fault.All() {
		s := g.object(reflect.TypeOf(info.Default))
		s.Description = info.Title + ". " + info.Why
		g.definitions[faultDefinition+info.Name] = s
	}
	schema.Definitions = g.definitions
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	// escapes that only HTML needs
	for escaped, plain := range map[string]string{`\u0026`: "&", `\u003c`: "<", `\u003e`: ">"} {
		data = bytes.ReplaceAll(data, []byte(escaped), []byte(plain))
	}
	return append(data, '\n')
}

// of returns the schema of a type, as strictyaml decodes it.
func (g generator) of(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern}
	case reflect.TypeFor[fakeprovider.Ending]():
		return oneOf(fakeprovider.EndingNames())
	case reflect.TypeFor[fakeprovider.Window]():
		return &jsonschema.Schema{Type: "array", MaxItems: new(2), Items: g.of(reflect.TypeFor[time.Duration]())}
	case reflect.TypeFor[unreached]():
		return oneOf(unreachedWords())
	case reflect.TypeFor[onRequest]():
		return &jsonschema.Schema{Type: "array", MinItems: new(1), Items: ref("entry")}
	case reflect.TypeFor[expects]():
		return &jsonschema.Schema{Type: "array", MinItems: new(1), Items: ref("expectation")}
	case reflect.TypeFor[fakeprovider.Script]():
		return &jsonschema.Schema{Type: "array", Items: ref("step")}
	case reflect.TypeFor[callNode]():
		return g.object(reflect.TypeFor[Call]())
	case reflect.TypeFor[outageNode]():
		return g.beside(g.fault(true), g.object(reflect.TypeFor[Outage]()))
	}
	switch t.Kind() { //nolint:exhaustive // the rest is not in use
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Struct:
		return g.object(t)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: g.of(t.Elem())}
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: g.of(t.Elem())}
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

// object returns the schema of a struct. Only the keys in its tags are allowed.
func (g generator) object(t reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Description: g.comments[t.String()],
		Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: never(),
	}
	known := shipped().words(reflect.Zero(t).Interface())
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		property := g.of(f.Type)
		switch words := known[name]; {
		case words == nil:
		case f.Type.Kind() == reflect.Slice: // a list of words, or one
			property = &jsonschema.Schema{
				AnyOf: []*jsonschema.Schema{oneOf(words), {Type: "array", MinItems: new(1), Items: oneOf(words)}},
			}
		default:
			property = oneOf(words)
		}
		property.Description = g.comments[t.String()+"."+f.Name]
		s.Properties[name] = property
	}
	if t == reflect.TypeFor[providerNode]() {
		s.Required = []string{"name", "on_request"}
		s.Properties["name"] = &jsonschema.Schema{
			Type: "string", Pattern: hostLabel.String(), Description: s.Properties["name"].Description,
		}
		s.Properties["protocol"] = &jsonschema.Schema{
			Enum: anys(shipped().ProtocolNames()), Description: s.Properties["protocol"].Description,
		}
	}
	return s
}

func (g generator) limits(description string) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Description: description,
		Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: never(),
	}
	for _, measure := range shipped().Measures() {
		s.Properties[measure] = g.of(reflect.TypeFor[time.Duration]())
	}
	return s
}

// entry returns the schema of an on_request entry.
func (g generator) entry() *jsonschema.Schema {
	fault := g.fault(true)
	limited := g.beside(fault, g.object(reflect.TypeFor[fakeprovider.Limit]()))
	return &jsonschema.Schema{Description: fault.Description, AnyOf: []*jsonschema.Schema{fault.AnyOf[0], limited}}
}

// beside returns the schema of one fault as a key, with other keys beside it.
func (g generator) beside(fault, others *jsonschema.Schema) *jsonschema.Schema {
	s := *fault.AnyOf[1]
	s.Description = others.Description
	s.Properties = maps.Clone(s.Properties)
	maps.Copy(s.Properties, others.Properties)
	s.MaxProperties = new(1 + len(others.Properties))
	return &s
}

// fault returns the schema of a fault by name. It includes scripts and several faults together
// only if whole is set.
func (g generator) fault(whole bool) *jsonschema.Schema {
	properties := map[string]*jsonschema.Schema{}
	for _, info := range fault.All() {
		properties[info.Name] = ref(faultDefinition + info.Name)
	}
	if !whole {
		return named("A fault by name, with or without parameters.", shipped().FaultNames(), properties)
	}
	properties[scriptKey] = g.of(reflect.TypeFor[fakeprovider.Script]())
	properties[scriptKey].Description = "The steps of one request. Status 200 and the stream's headers are implied " +
		"unless respond comes first."
	properties[togetherKey] = &jsonschema.Schema{
		Type: "array", MinItems: new(2), Items: ref("fault"),
		Description: "Several faults at once: what damages a response, over the one that is a response of its own, " +
			"or over one that is all right.",
	}
	return named("A fault by name, with or without parameters, a script, or several faults together.",
		shipped().FaultNames(), properties)
}

func (g generator) step() *jsonschema.Schema {
	var alone []string
	properties := map[string]*jsonschema.Schema{}
	for _, v := range verbs() {
		t := reflect.TypeOf(v.Step)
		validator, can := v.Step.(fakeprovider.Validator)
		if v.Bare || !v.Needs && (!can || validator.Validate() == nil) {
			alone = append(alone, v.Name)
		}
		if v.Bare {
			continue
		}
		s := g.object(t)
		if v.Main != "" {
			short := *s.Properties[v.Main]
			short.Description = ""
			s = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{&short, s}, Description: g.comments[t.String()]}
		}
		properties[v.Name] = s
	}
	slices.Sort(alone)
	return named("One thing that a provider does.", alone, properties)
}

func (g generator) expectation() *jsonschema.Schema {
	var alone []string
	properties := map[string]*jsonschema.Schema{}
	for _, e := range assertions.All() {
		t := reflect.TypeOf(e)
		validator, can := e.(fakeprovider.Validator)
		if !can || validator.Validate() == nil {
			alone = append(alone, e.Name())
		}
		s := g.of(t) // a limited expectation has no arguments in files
		s.Description = g.comments[t.String()]
		if s.Properties == nil {
			s.Properties = map[string]*jsonschema.Schema{}
		}
		s.Properties[advisoryKey] = &jsonschema.Schema{
			Type: "boolean", Description: g.comments["scenarios.Expect.Advisory"],
		}
		properties[e.Name()] = ref(expectationDefinition + e.Name())
		g.definitions[expectationDefinition+e.Name()] = s
	}
	return named("One thing that must hold.", alone, properties)
}

// named returns the schema of a bare word, or of one key with its arguments.
func named(description string, alone []string, properties map[string]*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{
		oneOf(alone),
		{
			Type: "object", Properties: properties, AdditionalProperties: never(),
			MinProperties: new(1), MaxProperties: new(1),
		},
	}}
}

func oneOf(words []string) *jsonschema.Schema { return &jsonschema.Schema{Enum: anys(words)} }

func never() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

func ref(definition string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/definitions/" + definition}
}

func anys(words []string) []any {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = w
	}
	return all
}

// comments returns the comments of the structs in some folders, each as one line.
func comments(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || files == nil {
			t.Fatalf("no sources in %s: %v", folder, err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			maps.Copy(all, commentsOf(parsed))
		}
	}
	return all
}

func commentsOf(file *ast.File) map[string]string {
	all := map[string]string{}
	for _, declaration := range file.Decls {
		d, ok := declaration.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		for _, spec := range d.Specs {
			s, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			name := file.Name.Name + "." + s.Name.Name
			all[name] = oneParagraph(s.Name.Name, d.Doc)
			fields, ok := s.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, n := range f.Names {
					all[name+"."+n.Name] = oneParagraph(n.Name, f.Doc)
				}
			}
		}
	}
	return all
}

var isVerb = regexp.MustCompile(`^(is|are|says?|holds?) `)

// oneParagraph returns a comment as one line. It drops the Go name at the start, and an "is" or
// "are" after it.
func oneParagraph(name string, doc *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	rest, found := strings.CutPrefix(text, name+" ")
	if !found {
		return text
	}
	if m := isVerb.FindString(rest); m == "is " || m == "are " {
		rest = strings.TrimPrefix(rest, m)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
