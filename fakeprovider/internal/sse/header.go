package sse

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// headerOf turns a scenario's headers into a http.Header, with canonical names.
func Header(m map[string]string) http.Header {
	h := make(http.Header, len(m))
	for name, value := range m {
		h.Set(name, value)
	}
	return h
}

// overlay puts over's headers into h in place of those with the same name in whatever case. A
// single empty value takes a header away; net/http's own is then kept away too.
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
