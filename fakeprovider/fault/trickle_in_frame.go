package fault

import (
	"cmp"
	"context"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TrickleInFrame sends frames one byte at a time.
type TrickleInFrame struct {
	// Every is the time between bytes. Default 1s.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Overlay   = TrickleInFrame{}
	_ fakeprovider.Step      = TrickleInFrame{}
	_ fakeprovider.Validator = TrickleInFrame{}
	_ fakeprovider.Slicer    = TrickleInFrame{}
)

// Info describes the fault.
func (TrickleInFrame) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S7"}, Name: "trickle-in-frame",
		Title: "The bytes of a frame arrive one at a time",
		Why:   "Every byte resets a byte timeout, and no event is complete for minutes.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Count events, not bytes, as progress.",
		},
		Issues:  []string{"https://github.com/netclaw-dev/netclaw/issues/1888"},
		Default: TrickleInFrame{Every: defaultTrickle},
	}
}

// Validate refuses a negative time.
func (p TrickleInFrame) Validate() error {
	return notNegative("trickle-in-frame", "every", p.Every)
}

// Script slows down a healthy answer.
func (p TrickleInFrame) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (TrickleInFrame) Slices() {}

// Lay returns the fault itself, as a step.
func (p TrickleInFrame) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play passes the bytes one by one.
func (p TrickleInFrame) Play(ctx context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		for i := range data {
			if i > 0 {
				if err := x.Wait(ctx, cmp.Or(p.Every, defaultTrickle)); err != nil {
					return err
				}
			}
			if err := next(data[i : i+1 : i+1]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}
