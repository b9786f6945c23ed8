package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	t.Parallel()
	const url = "https://example.com/a/rather/long/path/that/has/no/space"
	for name, c := range map[string]struct {
		screen   Screen
		in, want string
	}{
		"fits": {Screen{Width: 20}, "one two\n\nthree\n", "one two\n\nthree\n"},
		"a sentence": {
			Screen{Width: 20}, "one two three four five six\n", "one two three four\n  five six\n",
		},
		"an indented one": {
			Screen{Width: 20}, "    one two three four\nend\n", "    one two three\n      four\nend\n",
		},
		"below its column": {
			Screen{Width: 30},
			"failed  time is over: eight minutes of it\n",
			"failed  time is over: eight\n        minutes of it\n",
		},
		"a column too far right": {
			Screen{Width: 32},
			"passed  a-long-name / an-engine   answered by primary\n",
			"passed  a-long-name / an-engine\n        answered by primary\n",
		},
		"a first column too wide": {
			Screen{Width: 24},
			"a-name-of-some-length  what it is good for\n",
			"a-name-of-some-length\n  what it is good for\n",
		},
		"a word too long": {
			Screen{Width: 20}, "issue: " + url + " and more\n", "issue:\n  " + url + "\n  and more\n",
		},
		"a quoted command": {
			Screen{Width: 20}, "write `chaosrun install it` first\n", "write\n  `chaosrun install it`\n  first\n",
		},
		"a word alone": {Screen{Width: 20}, "  " + url + "\n", "  " + url + "\n"},
		"a command": {
			Screen{Width: 20},
			"replay: " + Unbroken("chaosrun run healthy --seed 1") + "\n",
			"replay:\n  chaosrun run healthy --seed 1\n",
		},
		"a command that fits": {Screen{}, "replay: " + Unbroken("chaosrun run") + "\n", "replay: chaosrun run\n"},
		"colours take no room": {
			Screen{Width: 20}, "\x1b[31mfailed\x1b[0m one two three\n", "\x1b[31mfailed\x1b[0m one two three\n",
		},
		"wide characters": {
			Screen{Width: 20},
			strings.Repeat(" \u56de\u7b54", 5) + "\n",
			strings.Repeat(" \u56de\u7b54", 4) + "\n   \u56de\u7b54\n",
		},
		"without UTF-8": {Screen{ASCII: true}, "─│ ×30 … \u56de\n", "-| x30 . ?\n"},
		"narrower than a screen can be": {
			Screen{Width: 3}, "one two three four five\n", "one two three four\n  five\n",
		},
		"without a last line feed": {Screen{Width: 20}, "one two three four five", "one two three four\n  five"},
		"only spaces":              {Screen{Width: 20}, strings.Repeat(" ", 30) + "\n", "\n"},
		"nothing":                  {Screen{}, "", ""},
	} {
		if diff := cmp.Diff(c.want, c.screen.Fold(c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFoldKeepsComments(t *testing.T) {
	t.Parallel()
	const want = "# one two three four\n#  five six\n"
	if diff := cmp.Diff(want, (Screen{Width: 20}).Fold("# one two three four five six\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	const in = "one two three\nfour five six seven\n\n  as it is\nand on\n"
	const want = "one two three four\nfive six seven\n\n  as it is\nand on\n"
	if diff := cmp.Diff(want, (Screen{Width: 20}).Prose(in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
