package caller

import (
	"maps"
	"slices"
)

// A wire reads one response of a vendor.
type wire interface {
	// event reads one event of a stream. An error ends the reading.
	event(ev event, take taker) error
	// answer reads an answer that is not streamed.
	answer(data []byte, take taker) error
}

// wires returns what makes a wire for one response, by protocol. Forms of a protocol are read as
// the protocol itself.
func wires() map[string]func() wire {
	return map[string]func() wire{
		"openai-chat":        func() wire { return chatWire{} },
		"openai-responses":   func() wire { return responsesWire{} },
		"anthropic-messages": func() wire { return anthropicWire{} },
		"gemini":             func() wire { return &geminiWire{} },
	}
}

// wireNames returns the protocols whose answers can be read.
func wireNames() []string { return slices.Sorted(maps.Keys(wires())) }
