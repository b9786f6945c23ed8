package sse

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Header returns a scenario's headers as an http.Header, with canonical names.
func Header(m map[string]string) http.Header {
	h := make(http.Header, len(m))
	for name, value := range m {
		h.Set(name, value)
	}
	return h
}

// SetHeaders replaces headers of h with those of over, whatever the case of their names. A single
// empty value removes a header, and keeps net/http from adding its own.
func SetHeaders(h, over http.Header) {
	before := slices.Collect(maps.Keys(h)) // over's own names do not meet each other
	for name, values := range over {
		for _, known := range before {
			if strings.EqualFold(known, name) {
				delete(h, known)
			}
		}
		if len(values) == 1 && values[0] == "" {
			h[http.CanonicalHeaderKey(name)] = nil
			continue
		}
		h[name] = values
	}
}
