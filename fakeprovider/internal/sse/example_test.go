package sse_test

import (
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// An edit removes one member of the JSON in an event and leaves all other bytes as they are.
func ExampleEditJSON() {
	frame := []byte("data: {\"id\": \"1\", \"usage\": {\"total\": 9}}\n\n")
	fmt.Printf("%s", sse.EditJSON(frame, func(text []byte) (edits []sse.Edit) {
		sse.WalkJSON(text, func(v sse.Value) bool {
			if v.Depth == 1 && v.Key == "usage" {
				edits = append(edits, sse.Without(text, v))
			}
			return v.Depth == 0
		})
		return edits
	}))
	// Output: data: {"id": "1"}
}
