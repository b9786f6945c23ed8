package fakeprovider

import "context"

// CRLF ends lines in the other way than the vendor does.
type CRLF struct{}

var (
	_ Overlay = CRLF{}
	_ Step    = CRLF{}
)

func crlfInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S22"}, Name: "crlf",
		Title:   "Lines end in CRLF, or in LF where the vendor's own end in CRLF",
		Why:     "Parsers that look for two LFs in a row find no event in a stream of CRLFs, gather all of it and show nothing.",
		Correct: "Any of the line ends that the specification allows.",
		Issues: []string{
			"https://github.com/hey-api/hey-api/issues/3054",
			"https://github.com/Continuum-AI-Corp/OrcaRouter-Lite/pull/98",
			"https://github.com/miruamel/xuan/issues/194",
		},
		StreamOnly: "a body has no events",
		Default:    CRLF{},
	}
}

// Script changes an answer that is all right.
func (p CRLF) Script() Script { return under(p) }

// Lay arms the exchange.
func (p CRLF) Lay() Script { return Script{p} }

// Play arms the exchange.
func (CRLF) Play(_ context.Context, x Exchange) error {
	x.Through(onEvents(func(data []byte) []byte {
		if string(lineEndOf(data)) == "\r\n" {
			return endLines(data, "\n")
		}
		return endLines(data, "\r\n")
	}))
	return nil
}
