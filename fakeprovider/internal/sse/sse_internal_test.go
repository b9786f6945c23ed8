package sse

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// anyJSON draws a JSON value.
func anyJSON(r *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 5).Draw(r, "kind"); {
	case kind == 0:
		return nil
	case kind == 1:
		return rapid.Bool().Draw(r, "bool")
	case kind == 2:
		return rapid.Float64Range(-1e9, 1e9).Draw(r, "number")
	case kind == 3 || depth == 0:
		return rapid.String().Draw(r, "string")
	case kind == 4:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(r, "length") {
			list = append(list, anyJSON(r, depth-1))
		}
		return list
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(r, "fields") {
			object[rapid.String().Draw(r, "key")] = anyJSON(r, depth-1)
		}
		return object
	}
}

// TestWalkJSON checks that every value shown is JSON by itself, and that as many are shown as
// there are, whatever the text and its white space.
func TestWalkJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		value := map[string]any{"a": anyJSON(r, 3), "usage": anyJSON(r, 1)}
		text, err := json.Marshal(value)
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
		var edits []Edit
		seen := 0
		WalkJSON(text, func(v Value) bool {
			seen++
			if !json.Valid(text[v.Start:v.End]) {
				r.Fatalf("%q is no value", text[v.Start:v.End])
			}
			if v.Depth == 1 && v.Key == "usage" {
				edits = append(edits, Without(text, v))
			}
			return true
		})
		if want := count(value); seen != want {
			r.Fatalf("%d values were seen, want %d: %s", seen, want, text)
		}
		var left map[string]any
		if err := json.Unmarshal(Apply(text, edits), &left); err != nil || len(left) != 1 {
			r.Fatalf("without usage: %s, %v", Apply(text, edits), err)
		}
	})
}

// count returns how many values there are in a value, itself included.
func count(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			n += count(inner)
		}
	case map[string]any:
		for _, inner := range v {
			n += count(inner)
		}
	}
	return n
}

// TestLines checks that lines and events add up to what they were cut from.
func TestLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		data := []byte(rapid.StringOf(rapid.SampledFrom([]rune("a:\r\n ü"))).Draw(r, "data"))
		if got := EachLine(data, Line.Bytes); !bytes.Equal(got, data) {
			r.Fatalf("lines of %q add up to %q", data, got)
		}
		if got := EachEvent(data, bytes.Clone); !bytes.Equal(got, data) {
			r.Fatalf("events of %q add up to %q", data, got)
		}
		for _, l := range Lines(data) {
			if bytes.ContainsAny(l.Text, "\r\n") {
				r.Fatalf("%q is more than a line", l.Text)
			}
		}
	})
}
