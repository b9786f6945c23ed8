package failover

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/internal/yamlschema"
)

const schemaFile = "policy.schema.json"

// TestSchemaIsCurrent compares the generated schema with the shipped file. -update rewrites the
// file.
func TestSchemaIsCurrent(t *testing.T) {
	got := generateSchema(t)
	if flag.Lookup("update").Value.String() == "true" {
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

// TestSchemaAgreesWithTheLoader checks good and bad files with both.
func TestSchemaAgreesWithTheLoader(t *testing.T) {
	schema, err := yamlschema.Read(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range PolicyNames() {
		file := filepath.Join("policies", name+".yaml")
		if err := schema.Validate(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for text, loads := range map[string]bool{
		"policy: mine":                                         true,
		"{policy: mine, extends: recommended}":                 true,
		"{policy: mine, reasons: {billing: {no_retry: true}}}": true,
		"{policy: mine, watch: {stall: 30s}}":                  false, // a wrong key
		"{policy: mine, watch: {stale: 30}}":                   false, // no unit
		"{policy: mine, watch: {progress: bytes}}":             false, // a wrong word
		"{policy: mine, reasons: {biling: {}}}":                false, // a wrong reason
		"{policy: mine, violates: [stuck]}":                    false,
		"{policy: mine, extends: recommend}":                   false,
		"{title: no name}":                                     false,
	} {
		instance, err := yamlschema.Instance("mine.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, loading := LoadPolicy("mine.yaml", []byte(text))
		if said := schema.Validate(instance); (said == nil) != loads || (loading == nil) != loads {
			t.Errorf("%s: the schema says %v, the loader %v", text, said, loading)
		}
	}
}

// TestPoliciesNameTheSchema looks for the line that leads editors to the schema.
func TestPoliciesNameTheSchema(t *testing.T) {
	for _, name := range PolicyNames() {
		data, err := os.ReadFile(filepath.Join("policies", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if want := "# yaml-language-server: $schema=../" + schemaFile + "\n"; !strings.HasPrefix(string(data), want) {
			t.Errorf("%s does not begin with %q", name, want)
		}
	}
}

func read(t *testing.T, file string) any {
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

// generateSchema returns the schema as the file stores it.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	comments, err := yamlschema.Comments(".")
	if err != nil {
		t.Fatal(err)
	}
	g := yamlschema.Generator{Comments: comments, Known: words}
	s := g.Of(reflect.TypeFor[Policy]())
	s.Title = "chaosrun policy"
	s.Description = "Every behaviour of the built-in engine as data: what ends an attempt, what is retried, and who " +
		"is asked next."
	s.Required = []string{"policy"}
	extends := yamlschema.OneOf(PolicyNames())
	extends.Description = s.Properties["extends"].Description
	s.Properties["extends"] = extends
	data, err := yamlschema.File(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// words returns the schema of a type that has certain words, or nil.
func words(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Reason]():
		return yamlschema.OneOf(reasons())
	case reflect.TypeFor[Table]():
		return yamlschema.OneOf(tables())
	case reflect.TypeFor[FailureKind]():
		return yamlschema.OneOf(failureKinds())
	case reflect.TypeFor[Progress]():
		return yamlschema.OneOf(progresses())
	case reflect.TypeFor[KillLatency]():
		return yamlschema.OneOf(killLatencies())
	case reflect.TypeFor[WaitForm]():
		return yamlschema.OneOf(waitForms())
	case reflect.TypeFor[AfterContent]():
		return yamlschema.OneOf(afterContents())
	case reflect.TypeFor[Violation]():
		return yamlschema.OneOf(violations())
	}
	return nil
}
