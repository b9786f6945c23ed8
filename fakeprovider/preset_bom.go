package fakeprovider

import "context"

// BOM begins with a byte order mark.
type BOM struct{}

var (
	_ Overlay = BOM{}
	_ Step    = BOM{}
)

func bomInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S22"}, Name: "bom",
		Title: "The body begins with a byte order mark",
		Why: "The specification has it ignored. A parser that does not know this loses the first event, or the whole body where that " +
			"is JSON.",
		Correct: "Ignore it before a stream of events; an error where it is not understood.",
		Issues: []string{
			"https://github.com/whatwg/html/issues/4411",
			"https://github.com/hey-api/hey-api/issues/3054",
		},
		Default: BOM{},
	}
}

// Script changes an answer that is all right.
func (p BOM) Script() Script { return under(p) }

// Lay arms the exchange.
func (p BOM) Lay() Script { return Script{p} }

// Play arms the exchange.
func (BOM) Play(_ context.Context, x Exchange) error {
	begun := false
	x.Through(func(_ Frame, data []byte, next func([]byte) error) error {
		if !begun {
			begun = true
			data = append([]byte(byteOrderMark), data...)
		}
		return next(data)
	})
	return nil
}
