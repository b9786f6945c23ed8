package fakeprovider

import "context"

// DoneTwice sends the terminal mark twice.
type DoneTwice struct{}

var (
	_ Overlay = DoneTwice{}
	_ Step    = DoneTwice{}
	_ Sayer   = DoneTwice{}
)

func doneTwiceInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S24"}, Name: "done-twice",
		Title:   "The terminal mark comes twice",
		Why:     "Two parts of a gateway each have sent it. A client that ends something with each ends something else with the second.",
		Correct: "The first one counts.",
		Issues: []string{
			"https://github.com/nyroway/nyro/pull/162",
			"https://github.com/katanemo/plano/pull/898",
		},
		StreamOnly: "a body has no events",
		Default:    DoneTwice{},
	}
}

// Script lengthens an answer that is all right.
func (p DoneTwice) Script() Script { return under(p) }

// Lay arms the exchange.
func (p DoneTwice) Lay() Script { return Script{p} }

// Play arms the exchange.
func (DoneTwice) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameDone {
			return inPieces(next, data, data)
		}
		return next(data)
	})
	return nil
}

// Says the terminal mark, which not every vendor has.
func (DoneTwice) Says() []Frame { return []Frame{{Kind: FrameDone}} }
