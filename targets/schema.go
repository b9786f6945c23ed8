package targets

import (
	"bytes"
	_ "embed"
)

//go:embed target.schema.json
var schemaText []byte

// Schema returns the JSON Schema of target files, for editors. The caller may change the bytes.
func Schema() []byte { return bytes.Clone(schemaText) }
