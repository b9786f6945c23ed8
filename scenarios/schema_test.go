package scenarios

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/internal/yamlschema"
)

const schemaFile = "scenario.schema.json"

// TestSchemaIsCurrent compares the generated schema with the shipped file. -update rewrites the
// file.
func TestSchemaIsCurrent(t *testing.T) {
	got := generate(t)
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
		t.Errorf("run go generate: -file +generated\n%s", diff)
	}
}

// TestSchemaAgreesWithTheLoader checks good and bad files with both. It skips errors that need
// knowledge of the whole file, such as which name is misspelt.
func TestSchemaAgreesWithTheLoader(t *testing.T) {
	schema := shippedSchema(t)
	for _, pattern := range []string{"catalog/*.yaml", "testdata/good/*.yaml"} {
		for _, file := range filesLike(t, pattern) {
			if err := schema.Validate(instance(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	bad := []string{
		"bare-minimum", "empty-values", "forgotten-script", "mistyped-advisory", "mistyped-expectation",
		"mistyped-fault", "mistyped-key",
		"mistyped-parameter", "mistyped-protocol", "mistyped-step", "mistyped-unit", "mistyped-word",
		"several-problems", "wrong-types",
	}
	for _, name := range bad {
		if schema.Validate(instance(t, filepath.Join("testdata", "bad", name+".yaml"))) == nil {
			t.Errorf("%s.yaml is good enough for the schema", name)
		}
	}
}

func TestTheVocabularyIsSound(t *testing.T) {
	words := shipped()
	if err := words.Check(); err != nil {
		t.Error(err)
	}
	for _, name := range words.FaultNames() {
		if _, both := words.step(name); both || name == scriptKey || name == togetherKey {
			t.Errorf("%q is a fault, and something else", name)
		}
	}
	for _, v := range words.Steps {
		if v.Main != "" && !slices.Contains(strictyaml.Keys(v.Step), v.Main) {
			t.Errorf("the step %s has no argument %q", v.Name, v.Main)
		}
	}
}

// Every kind of frame that a protocol can send can be written in a file.
func TestEveryFrameCanBeWritten(t *testing.T) {
	plain := fakeprovider.SendFrame{}.Words()["kind"]
	for _, name := range fakeprovider.FrameNames() {
		_, step := shipped().step(strings.ReplaceAll(name, "-", "_"))
		if !step && !slices.Contains(plain, name) {
			t.Errorf("no file can send a frame of kind %q", name)
		}
	}
}

func shippedSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	resolved, err := yamlschema.Read(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func filesLike(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no files like %s: %v", pattern, err)
	}
	return found
}

// instance decodes a YAML file as JSON would be decoded.
func instance(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := yamlschema.Instance(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
