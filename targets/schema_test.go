package targets

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

const schemaFile = "target.schema.json"

// TestSchemaIsCurrent compares the generated schema with the shipped file. -update rewrites the
// file.
func TestSchemaIsCurrent(t *testing.T) {
	got := generateSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run `make generate`: -file +generated\n%s", diff)
	}
}

// TestSchemaAgreesWithTheLoader checks good and bad files with both. It skips what needs knowledge
// of the whole file, such as which settings there are.
func TestSchemaAgreesWithTheLoader(t *testing.T) {
	var schema jsonschema.Schema
	if err := json.Unmarshal(generateSchema(t), &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"testdata/good/*.yaml", "*/target.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(file) == "litellm.yaml" {
				continue // a template
			}
			if err := resolved.Validate(instanceOf(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	for _, name := range []string{"unknown-key", "kind", "nothing", "install", "limits", "not-a-mapping", "gateway"} {
		if resolved.Validate(instanceOf(t, filepath.Join("testdata", "bad", name+".yaml"))) == nil {
			t.Errorf("%s.yaml is good enough for the schema", name)
		}
	}
}

// generateSchema returns the schema as the file stores it: draft 7, which every editor supports.
// The comments of the structs become descriptions.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	comments := fieldComments(t, "file.go")
	s := schemaOf(reflect.TypeFor[Target](), comments)
	s.Schema, s.Title = "http://json-schema.org/draft-07/schema#", "chaosrun target"
	s.Description = "An engine in another process: how it is installed, started and called."
	s.Required = []string{"target", "kind"}
	words := scenarios.Shipped()
	within := func(key string) map[string]*jsonschema.Schema { return s.Properties[key].Properties }
	constrain(s.Properties["target"], validName.String())
	s.Properties["kind"].Enum = anys(kinds())
	s.Properties["protocols"].Items.Enum = anys(words.ProtocolNames())
	within("call")["protocol"].Enum = anys(words.ProtocolNames())
	s.Properties["upstreams"].Items.Properties["protocol"].Enum = anys(words.ProtocolNames())
	s.Properties["upstreams"].Items.Required = []string{"listen"}
	constrain(within("install")["pip"].Items, pipExact.String())
	constrain(within("install")["npm"].Items, npmExact.String())
	constrain(within("install")["maven"].Items, mavenExact.String())
	constrain(within("version")["maven"], mavenName.String())
	constrain(within("start")["memory"], validMemory.String())
	s.Properties["version"].MaxProperties = new(1)
	limits := s.Properties["limits"]
	limits.Properties = map[string]*jsonschema.Schema{}
	for _, measure := range append([]string{campaign.CallLimit}, words.Measures()...) {
		limits.Properties[measure] = limits.AdditionalProperties
	}
	limits.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	// escapes that only HTML needs
	for escaped, plain := range map[string]string{`\u0026`: "&", `\u003c`: "<", `\u003e`: ">"} {
		data = bytes.ReplaceAll(data, []byte(escaped), []byte(plain))
	}
	return append(data, '\n')
}

// constrain makes a schema that of a text with a pattern.
func constrain(s *jsonschema.Schema, pattern string) {
	s.Types, s.Type, s.Pattern = nil, "string", pattern
}

func anys(words []string) []any {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = w
	}
	return all
}

// schemaOf returns the schema of a type, as strictyaml decodes it.
func schemaOf(t reflect.Type, comments map[string]string) *jsonschema.Schema {
	if t == reflect.TypeFor[time.Duration]() {
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
	}
	switch t.Kind() { //nolint:exhaustive // the rest is not in use
	case reflect.Pointer:
		return schemaOf(t.Elem(), comments)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: schemaOf(t.Elem(), comments)}
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: schemaOf(t.Elem(), comments)}
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}
	case reflect.String:
		// numbers are texts as they are written
		return &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
	case reflect.Struct:
		s := &jsonschema.Schema{
			Type: "object", Properties: map[string]*jsonschema.Schema{},
			AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
		}
		for f := range t.Fields() {
			if name := f.Tag.Get("yaml"); name != "" && name != "-" {
				property := schemaOf(f.Type, comments)
				property.Description = comments[t.Name()+"."+f.Name]
				s.Properties[name] = property
			}
		}
		return s
	}
	panic("no schema for " + t.String())
}

// fieldComments returns the comments of the fields of the structs in a file, each as one line.
func fieldComments(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if fields, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					all[spec.Name.Name+"."+name.Name] = sentence(name.Name, f.Doc.Text())
				}
			}
		}
		return true
	})
	return all
}

// sentence returns a comment as one line, without the name of the field at its start.
func sentence(name, comment string) string {
	text := strings.TrimPrefix(strings.Join(strings.Fields(comment), " "), name+" ")
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// instanceOf decodes a YAML file as JSON would be decoded.
func instanceOf(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return plain(doc.Root())
}

func plain(n *strictyaml.Node) any {
	switch n.Kind() {
	case strictyaml.Mapping:
		m := map[string]any{}
		for _, f := range n.Fields() {
			m[f.Name] = plain(f.Value)
		}
		return m
	case strictyaml.Sequence:
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, plain(item))
		}
		return list
	case strictyaml.Int, strictyaml.Float:
		f, _ := n.Float()
		return f
	case strictyaml.Bool:
		b, _ := n.Bool()
		return b
	case strictyaml.String:
		s, _ := n.String()
		return s
	case strictyaml.Null:
	}
	return nil
}
