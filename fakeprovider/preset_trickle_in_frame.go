package fakeprovider

import (
	"cmp"
	"context"
	"time"
)

// TrickleInFrame sends frames one byte at a time.
type TrickleInFrame struct {
	// Every is the time between bytes. Default 1s.
	Every time.Duration `yaml:"every"`
}

var (
	_ Overlay   = TrickleInFrame{}
	_ Step      = TrickleInFrame{}
	_ Validator = TrickleInFrame{}
	_ slicer    = TrickleInFrame{}
)

func trickleInFrameInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S7"}, Name: "trickle-in-frame",
		Title:   "The bytes of a frame arrive one at a time",
		Why:     "Every byte resets a byte timeout, and no event is complete for minutes.",
		Correct: "Progress is events, not bytes.",
		Issues:  []string{"https://github.com/netclaw-dev/netclaw/issues/1888"},
		Default: TrickleInFrame{Every: defaultTrickle},
	}
}

// Validate refuses a negative time.
func (p TrickleInFrame) Validate() error {
	return notNegative("trickle-in-frame", "every", p.Every)
}

// Script slows down an answer that is all right.
func (p TrickleInFrame) Script() Script { return under(p) }

func (TrickleInFrame) slices() {}

// Lay arms the exchange.
func (p TrickleInFrame) Lay() Script { return Script{p} }

// Play lets the bytes through one by one.
func (p TrickleInFrame) Play(ctx context.Context, x Exchange) error {
	x.Through(func(_ Frame, data []byte, next func([]byte) error) error {
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
