package fault

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// TestEditsLeaveJSON wants what faults make of a JSON text to be one.
func TestEditsLeaveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		usage := rapid.MapOf(rapid.String(),
			rapid.OneOf(rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.String().AsAny())).Draw(r, "usage")
		text, err := json.Marshal(map[string]any{"a": []any{rapid.String().Draw(r, "text"), nil}, "usage": usage})
		if err != nil {
			r.Fatal(err)
		}
		if rapid.Bool().Draw(r, "pretty") {
			var b bytes.Buffer
			if err := json.Indent(&b, text, "", "\t"); err != nil {
				r.Fatal(err)
			}
			text = b.Bytes()
		}
		for _, change := range [](func([]byte) []sse.Edit){zeroUsage, addField} {
			if got := sse.EditJSON(text, change); !json.Valid(got) {
				r.Fatalf("%s became %s", text, got)
			}
		}
	})
}

// TestSplitRunesKeepsAll wants the pieces to add up to what they were cut from.
func TestSplitRunesKeepsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		data := []byte(rapid.StringOf(rapid.SampledFrom([]rune("a:\r\n ü"))).Draw(r, "data"))
		if got := bytes.Join(splitRunes(data), nil); !bytes.Equal(got, data) {
			r.Fatalf("pieces of %q add up to %q", data, got)
		}
	})
}
