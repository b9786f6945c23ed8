package fakeprovider

import (
	"cmp"
	"context"
	"slices"
)

// TinyWrites sends everything in small pieces.
type TinyWrites struct {
	// Size is how many bytes a piece has. Default 16.
	Size int `yaml:"size"`
}

var (
	_ Overlay   = TinyWrites{}
	_ Step      = TinyWrites{}
	_ Validator = TinyWrites{}
	_ slicer    = TinyWrites{}
)

const defaultWrite = 16

func tinyWritesInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S11"}, Name: "tiny-writes",
		Title:   "Every frame arrives in many small pieces",
		Why:     "A read is not an event. Who parses what one read returned loses what was cut in two.",
		Correct: "The answer as it is.",
		Issues: []string{
			"https://github.com/graniet/llm/pull/90",
			"https://github.com/vllm-project/aibrix/pull/2653",
		},
		Default: TinyWrites{Size: defaultWrite},
	}
}

// Validate refuses a negative number.
func (p TinyWrites) Validate() error {
	return notFewer("tiny-writes", "size", p.Size)
}

// Script cuts an answer that is all right.
func (p TinyWrites) Script() Script { return under(p) }

func (TinyWrites) slices() {}

// Lay arms the exchange.
func (p TinyWrites) Lay() Script { return Script{p} }

// Play arms the exchange.
func (p TinyWrites) Play(_ context.Context, x Exchange) error {
	x.Through(func(_ Frame, data []byte, next func([]byte) error) error {
		return inPieces(next, slices.Collect(slices.Chunk(data, cmp.Or(p.Size, defaultWrite)))...)
	})
	return nil
}
