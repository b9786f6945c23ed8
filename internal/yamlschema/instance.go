package yamlschema

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// Read returns the schema in a file, for [jsonschema.Resolved.Validate].
func Read(file string) (*jsonschema.Resolved, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(data, &schema); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return resolved, nil
}

// Instance decodes a YAML text as JSON would be decoded. file is its name in errors.
func Instance(file string, data []byte) (any, error) {
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return nil, err //nolint:wrapcheck // it has the name
	}
	return plain(doc.Root()), nil
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
