package yamlschema

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// An example is what the tests make a schema of.
type example struct {
	// Name is the name of the <example>.
	Name  string                 `yaml:"name"`
	After time.Duration          `yaml:"after"`
	Many  map[word]*int          `yaml:"many"`
	Deep  []struct{ Hidden int } `yaml:"deep"`
	Pick  []string               `yaml:"pick"`
	Not   string                 `yaml:"-"`
}

type word string

func TestSchema(t *testing.T) {
	comments, err := Comments(".")
	if err != nil {
		t.Fatal(err)
	}
	g := Generator{Comments: comments, Known: nil, Words: func(of reflect.Type) map[string][]string {
		if of == reflect.TypeFor[example]() {
			return map[string][]string{"pick": {"one", "two"}}
		}
		return nil
	}}
	s := g.Of(reflect.TypeFor[*example]())
	if got := s.Properties["name"].Description; got != "The name of the <example>." {
		t.Errorf("described as %q", got)
	}
	if s.Properties["-"] != nil || len(s.Properties) != 5 {
		t.Errorf("%d properties", len(s.Properties))
	}
	data, err := File(s)
	if err != nil || !strings.Contains(string(data), "<example>") {
		t.Errorf("%v, %s", err, data)
	}
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	schema, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{
		"name: a\nafter: 1m30s\nmany: {x: 1}\npick: one": true,
		"name: 1\ndeep: [{}]\npick: [one, two]":          true,
		"title: a":                                       false,
		"after: 90":                                      false,
		"after: soon":                                    false,
		"many: {x: -1}":                                  false,
		"many: [1]":                                      false,
		"pick: three":                                    false,
		"deep: [{hidden: 1}]":                            false,
	} {
		instance, err := Instance("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
