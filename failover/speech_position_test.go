package failover

import (
	"errors"
	"testing"
)

// What can follow what, as each protocol tells where its events stand.
func TestPlaces(t *testing.T) {
	t.Parallel()
	number := func(n int64) position { return position{number: n} }
	padded := func(text string) position { return position{text: text} }
	counted := func(text string, n int64) position { return position{text, n} }
	for name, row := range map[string]struct {
		events []position
		bad    int // the one that is refused, from 1; 0: none
	}{
		"numbers":                          {[]position{number(1), number(2), number(3), number(4)}, 0},
		"a gap, where a proxy filters":     {[]position{number(1), number(2), number(3), number(7)}, 0},
		"a number twice":                   {[]position{number(1), number(2), number(3), number(3)}, 4},
		"a number too late":                {[]position{number(1), number(2), number(4), number(3)}, 4},
		"the first number again":           {[]position{number(1), number(2), number(3), number(1)}, 4},
		"no numbers at all":                {[]position{number(0), number(0), number(0)}, 0},
		"a number that is always the same": {[]position{number(7), number(7), number(7), number(7), number(7)}, 0},
		"tokens of each chunk alone": {[]position{
			counted("a", 1), counted("b", 2), counted("c", 1), counted("d", 3), counted("e", 4), counted("f", 1),
		}, 0},
		"padding":             {[]position{padded("a1"), padded("b2"), padded("a3")}, 0},
		"padding twice":       {[]position{padded("a1"), padded("b2"), padded("b2")}, 3},
		"the beginning again": {[]position{padded("a1"), padded("b2"), padded("c3"), padded("a1")}, 4},
		"unpadded between":    {[]position{padded("a1"), {}, {}, padded("b2"), {}}, 0},
		"counts":              {[]position{counted("a", 1), counted("b", 2), counted("b", 3)}, 0},
		"a count and its text twice": {
			[]position{counted("a", 1), counted("b", 2), counted("c", 3), counted("c", 3)}, 4,
		},
		"one count for two different texts": {
			[]position{counted("a", 1), counted("b", 2), counted("c", 3), counted("d", 3)}, 0,
		},
		"a count that falls": {
			[]position{counted("a", 4), counted("b", 9), counted("c", 11), counted("d", 4)}, 4,
		},
		"a message that begins again": {[]position{padded("msg_1"), counted("block", 1), padded("msg_1")}, 3},
	} {
		var p positions
		refused := 0
		for i, e := range row.events {
			if err := p.follow(e); err != nil {
				if !errors.Is(err, errParse) {
					t.Errorf("%s: got %v", name, err)
				}
				refused = i + 1
				break
			}
		}
		if refused != row.bad {
			t.Errorf("%s: the refused one is %d, want %d", name, refused, row.bad)
		}
	}
}
