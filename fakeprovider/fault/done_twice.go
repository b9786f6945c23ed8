package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// DoneTwice sends the terminal mark twice.
type DoneTwice struct{}

var (
	_ fakeprovider.Overlay     = DoneTwice{}
	_ fakeprovider.Step        = DoneTwice{}
	_ fakeprovider.NeedsFrames = DoneTwice{}
)

// Info describes the fault.
func (DoneTwice) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S24"}, Name: "done-twice",
		Title: "The terminal mark comes twice",
		Why: "Two parts of a gateway each have sent it. A client that ends something with each ends something else " +
			"with the second.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Count the first terminal mark alone.",
		},
		Issues: []string{
			"https://github.com/nyroway/nyro/pull/162",
			"https://github.com/katanemo/plano/pull/898",
		},
		StreamOnly: "a body has no events",
		Default:    DoneTwice{},
	}
}

// Script lengthens a healthy answer.
func (p DoneTwice) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p DoneTwice) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (DoneTwice) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameDone {
			return inPieces(next, data, data)
		}
		return next(data)
	})
	return nil
}

// NeededFrames returns the terminal mark, which not every vendor has.
func (DoneTwice) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameDone}}
}
