package failover

import (
	"errors"
	"testing"
)

// What can follow what, as each protocol tells where its events stand.
func TestPlaces(t *testing.T) {
	t.Parallel()
	number := func(n int64) place { return place{number: n} }
	padded := func(text string) place { return place{text: text} }
	counted := func(text string, n int64) place { return place{text, n} }
	for name, row := range map[string]struct {
		events []place
		bad    int // the one that is refused, from 1; 0: none
	}{
		"numbers":                        {[]place{number(1), number(2), number(3)}, 0},
		"a gap, where a proxy filters":   {[]place{number(1), number(5)}, 0},
		"a number twice":                 {[]place{number(1), number(2), number(2)}, 3},
		"a number too late":              {[]place{number(1), number(3), number(2)}, 3},
		"no numbers at all":              {[]place{number(0), number(0), number(0)}, 0},
		"padding":                        {[]place{padded("a1"), padded("b2"), padded("a3")}, 0},
		"padding twice":                  {[]place{padded("a1"), padded("b2"), padded("b2")}, 3},
		"the beginning again":            {[]place{padded("a1"), padded("b2"), padded("c3"), padded("a1")}, 4},
		"unpadded between":               {[]place{padded("a1"), {}, {}, padded("b2"), {}}, 0},
		"counts":                         {[]place{counted("a", 1), counted("b", 2), counted("b", 3)}, 0},
		"a count for two different ones": {[]place{counted("a", 1), counted("b", 1)}, 0},
		"a count and its text twice":     {[]place{counted("a", 1), counted("b", 2), counted("b", 2)}, 3},
		"a count that falls":             {[]place{counted("a", 4), counted("b", 9), counted("c", 4)}, 3},
	} {
		var p places
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
