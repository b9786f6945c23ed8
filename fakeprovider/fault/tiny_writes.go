package fault

import (
	"cmp"
	"context"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TinyWrites sends everything in small pieces.
type TinyWrites struct {
	// Size is how many bytes a piece has. Default 16.
	Size int `yaml:"size"`
}

var (
	_ fakeprovider.Overlay   = TinyWrites{}
	_ fakeprovider.Step      = TinyWrites{}
	_ fakeprovider.Validator = TinyWrites{}
	_ fakeprovider.Slicer    = TinyWrites{}
)

const defaultWrite = 16

// Info describes the fault.
func (TinyWrites) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S11"}, Name: "tiny-writes",
		Title: "Every frame arrives in many small pieces",
		Why:   "A read is not an event. Who parses what one read returned loses what was cut in two.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is.",
		},
		Issues: []string{
			"https://github.com/graniet/llm/pull/90",
			"https://github.com/vllm-project/aibrix/pull/2653",
		},
		Default: TinyWrites{Size: defaultWrite},
	}
}

// Validate refuses a negative number.
func (p TinyWrites) Validate() error {
	return atLeastOne("tiny-writes", "size", p.Size)
}

// Script cuts a healthy answer.
func (p TinyWrites) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (TinyWrites) Slices() {}

// Lay returns the fault itself, as a step.
func (p TinyWrites) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p TinyWrites) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		return inPieces(next, slices.Collect(slices.Chunk(data, cmp.Or(p.Size, defaultWrite)))...)
	})
	return nil
}
