package fakeprovider

import "context"

// UsageTwice reports its usage twice.
type UsageTwice struct{}

var (
	_ Overlay = UsageTwice{}
	_ Step    = UsageTwice{}
	_ Sayer   = UsageTwice{}
)

func usageTwiceInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M7"}, Name: "usage-twice",
		Title: "The usage comes twice",
		Why: "Who adds up what comes bills the answer twice, and parsers that take the frame with the usage for the last one are " +
			"done too early.",
		Correct: "Once: the last one counts.",
		Issues: []string{
			"https://github.com/router-for-me/CLIProxyAPI/pull/3077",
			"https://github.com/ARahim3/mlx-dspark/issues/37",
		},
		StreamOnly: "a body has no events",
		Default:    UsageTwice{},
	}
}

// Script lengthens an answer that is all right.
func (p UsageTwice) Script() Script { return under(p) }

// Lay arms the exchange.
func (p UsageTwice) Lay() Script { return Script{p} }

// Play arms the exchange. Whatever carries a usage at the end of the answer comes again.
func (UsageTwice) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if (f.Kind == FrameFinish || f.Kind == FrameUsage || f.Kind == FrameDone) && hasUsage(data) {
			return inPieces(next, data, data)
		}
		return next(data)
	})
	return nil
}

// Says an end with a usage in it.
func (UsageTwice) Says() []Frame {
	return []Frame{{Kind: FrameFinish}, {Kind: FrameUsage}, {Kind: FrameDone}}
}

// hasUsage says whether a frame has a usage that is not null.
func hasUsage(data []byte) bool {
	found := false
	editJSON(data, func(text []byte) []edit {
		walkJSON(text, func(v jsonValue) bool {
			found = found || isUsage(v) && text[v.start] == '{'
			return !found
		})
		return nil
	})
	return found
}
