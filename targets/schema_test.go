package targets

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/yamlschema"
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
	schema, err := yamlschema.Read(schemaFile)
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
			if err := schema.Validate(instanceOf(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	for _, name := range []string{"unknown-key", "kind", "nothing", "install", "limits", "not-a-mapping", "gateway"} {
		if schema.Validate(instanceOf(t, filepath.Join("testdata", "bad", name+".yaml"))) == nil {
			t.Errorf("%s.yaml is good enough for the schema", name)
		}
	}
}

// TestTargetsNameTheSchema looks for the line that leads editors to the schema.
func TestTargetsNameTheSchema(t *testing.T) {
	for _, name := range Shipped().Names() {
		data, err := os.ReadFile(filepath.Join(name, targetFile))
		if err != nil {
			t.Fatal(err)
		}
		if want := "# yaml-language-server: $schema=../" + schemaFile + "\n"; !strings.HasPrefix(string(data), want) {
			t.Errorf("%s does not begin with %q", name, want)
		}
	}
}

// generateSchema returns the schema as the file stores it.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	comments, err := yamlschema.Comments(".")
	if err != nil {
		t.Fatal(err)
	}
	s := yamlschema.Generator{Comments: comments}.Of(reflect.TypeFor[Target]())
	s.Title = "chaosrun target"
	s.Description = "An engine in another process: how it is installed, started and called."
	s.Required = []string{"target", "kind"}
	words := scenarios.Shipped()
	within := func(key string) map[string]*jsonschema.Schema { return s.Properties[key].Properties }
	word := func(s *jsonschema.Schema, words []string) { s.Types, s.Enum = nil, yamlschema.OneOf(words).Enum }
	constrain(s.Properties["target"], validName.String())
	word(s.Properties["kind"], kinds())
	word(s.Properties["protocols"].Items, words.ProtocolNames())
	word(within("call")["protocol"], words.ProtocolNames())
	word(s.Properties["upstreams"].Items.Properties["protocol"], words.ProtocolNames())
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
	limits.AdditionalProperties = yamlschema.Never()
	data, err := yamlschema.File(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// constrain makes a schema that of a text with a pattern.
func constrain(s *jsonschema.Schema, pattern string) {
	s.Types, s.Type, s.Pattern = nil, "string", pattern
}

// instanceOf decodes a YAML file as JSON would be decoded.
func instanceOf(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := yamlschema.Instance(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return instance
}
