package fault

import (
	"bytes"
	"cmp"
	"context"
	"errors"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// HugeEvent sends a very large event.
type HugeEvent struct {
	// Size is how many bytes are added to the event, in a field that no client knows. Default
	// 65537: one more than a bufio.Scanner of Go's takes. openai-go's takes 32 MiB, 33554432.
	Size int `yaml:"size"`
	// After is how many pieces of the answer arrive before it. Default 2. A response that is not
	// streamed is large whatever it is.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = HugeEvent{}
	_ fakeprovider.Step      = HugeEvent{}
	_ fakeprovider.Validator = HugeEvent{}
	_ fakeprovider.Slicer    = HugeEvent{}
)

const (
	defaultHuge = 64<<10 + 1
	// maxHuge is 1 TiB, the most that anybody can want to wait for.
	maxHuge = 1 << 40
	// hugePiece is how much of it is in memory at a time, in bytes.
	hugePiece = 32 << 10
)

// Info describes the fault.
func (HugeEvent) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S21"}, Name: "huge-event",
		Title: "One event is larger than line readers expect",
		Why: "Readers of lines have limits of 64 KiB, of 1 MiB, of 32 MiB; beyond them the stream ends with an error " +
			"that is not the provider's, or without any.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is, or name the limit in an error if there is one.",
		},
		Issues: []string{
			"https://github.com/openai/openai-go/issues/368",
			"https://github.com/anomalyco/opencode/pull/3531",
			"https://github.com/cloudwego/hertz/issues/1441",
		},
		Default: HugeEvent{Size: defaultHuge, After: defaultMalformedAfter},
	}
}

// Validate refuses sizes out of range.
func (p HugeEvent) Validate() error {
	return errors.Join(within("huge-event", "size", p.Size, 1, maxHuge), atLeastOne("huge-event", "after", p.After))
}

// Script enlarges a healthy answer.
func (p HugeEvent) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (HugeEvent) Slices() {}

// Lay returns the fault itself, as a step.
func (p HugeEvent) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p HugeEvent) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			at := bytes.LastIndexByte(data, '}')
			if at < 0 {
				return next(data)
			}
			if err := inPieces(next, append(bytes.Clone(data[:at]), `,"padding":"`...)); err != nil {
				return err
			}
			filler := bytes.Repeat([]byte("x"), hugePiece)
			for left := cmp.Or(p.Size, defaultHuge); left > 0; left -= hugePiece {
				if err := next(filler[:min(left, hugePiece)]); err != nil {
					return err
				}
			}
			return next(append([]byte(`"`), data[at:]...))
		}))
	return nil
}
