package fault_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestUsageMissing(t *testing.T) {
	t.Parallel()
	shows(t, fault.UsageMissing{}, `"finish_reason":"stop"`, "data: [DONE]", "whole")
	undoes(t, fault.UsageMissing{}, noUsage)
}

// noUsage wants JSON without any usage, and puts nothing back.
func noUsage(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if strings.Contains(got.Body, `"usage`) || !strings.Contains(healthy, `"usage`) {
		t.Error("there is a usage, or never was")
	}
	a, b := documents(t, got.Body), documents(t, healthy)
	for i, text := range a {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is no JSON: %s", text)
		}
		if without(t, text) != without(t, b[i]) {
			t.Errorf("more than the usage is missing:\n%s\n%s", text, b[i])
		}
	}
	return healthy
}

// without returns JSON without any usage, in Go's order.
func without(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var strip func(v any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if strings.HasPrefix(key, "usage") {
					delete(v, key)
				}
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(v)
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
