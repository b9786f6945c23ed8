package sse

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Compact returns v as JSON without spaces, and leaves <, > and & as they are, as the vendors do.
func Compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("fakeprovider: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
