package targets

import (
	"fmt"

	vendor "github.com/chaosrun/chaosrun/harness/caller"
	"github.com/chaosrun/chaosrun/scenarios"
)

// newGatewayCaller returns a caller of a running gateway. v has its address.
func newGatewayCaller(t *Target, v values, words *scenarios.Vocabulary) (*vendor.Client, error) {
	protocol, ok := words.Protocol(t.Call.Protocol)
	if !ok {
		return nil, fmt.Errorf("call.protocol: no such protocol: %q", t.Call.Protocol)
	}
	o := vendor.Options{Protocol: protocol, Header: map[string]string{}}
	for _, field := range []struct {
		name string
		text string
		fill func(string) (string, error)
		to   *string
	}{
		{"base_url", t.Call.BaseURL, v.expandEnv, &o.BaseURL},
		{"key", t.Call.Key, v.expandEnv, &o.Key},
		{"model", t.Call.Model, v.expand, &o.Model},
		{"body", t.Call.Body, v.expand, &o.Body},
	} {
		text, err := field.fill(field.text)
		if err != nil {
			return nil, fmt.Errorf("call.%s: %w", field.name, err)
		}
		*field.to = text
	}
	for name, value := range t.Call.Headers {
		text, err := v.expandEnv(value)
		if err != nil {
			return nil, fmt.Errorf("call.headers.%s: %w", name, err)
		}
		o.Header[name] = text
	}
	client, err := vendor.New(o)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	return client, nil
}
