package harness

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// asked compares a request of the engine with the call that it was made for. A command or a test
// makes calls of its own, so their prompts are not compared.
func (st *stage) asked(r *http.Request, body []byte, call int) *timeline.Asked {
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		return nil
	}
	asked := &timeline.Asked{}
	for _, u := range st.lab.upstreams {
		if asked.KeyOf == "" && carries(r, u.Key) {
			asked.KeyOf = u.Name
		}
		if asked.ModelOf == "" && asksFor(r, content, u.Model) {
			asked.ModelOf = u.Name
		}
	}
	o := st.options.outside
	unseen := o != nil && (o.CallerUnseen || o.StartUnseen)
	if !unseen && call >= 1 && call <= len(st.each) {
		asked.Lacks = lacks(content, st.each[call-1])
	}
	return asked
}

// lacks names what a caller asked and the body of a request does not carry.
func lacks(content any, c scenarios.Call) (all []string) {
	has := func(text string) bool { return says(content, strings.TrimSpace(text)) }
	if !has(c.Prompt) {
		all = append(all, "prompt")
	}
	if !has(c.System) {
		all = append(all, "system prompt")
	}
	if slices.ContainsFunc(c.Messages, func(m scenarios.Message) bool { return !has(m.Text) }) {
		all = append(all, "conversation")
	}
	if slices.ContainsFunc(c.Tools, func(t scenarios.Tool) bool { return !has(t.Name) }) {
		all = append(all, "tools")
	}
	return all
}

// carries reports whether a key came with a request, in its header or query.
func carries(r *http.Request, key string) bool {
	if strings.Contains(r.URL.RawQuery, key) {
		return true
	}
	for _, values := range r.Header {
		for _, value := range values {
			if strings.Contains(value, key) {
				return true
			}
		}
	}
	return false
}

// asksFor reports whether a request asks for a model, in its body or path. Gateways put a vendor
// before a model's name.
func asksFor(r *http.Request, content any, model string) bool {
	object, _ := content.(map[string]any)
	name, _ := object["model"].(string)
	inPath := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' || c == ':' })
	return name[strings.LastIndexByte(name, '/')+1:] == model || slices.Contains(inPath, model)
}

// says reports whether a text stands in some string of a JSON value.
func says(content any, text string) bool {
	switch v := content.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		for _, one := range v {
			if says(one, text) {
				return true
			}
		}
	case map[string]any:
		for _, one := range v {
			if says(one, text) {
				return true
			}
		}
	}
	return false
}
