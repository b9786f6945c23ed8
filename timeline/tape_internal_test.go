package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// text returns a text whose pieces, divided by |, came one a second.
func text(pieces string) said {
	var s said
	for i, piece := range strings.Split(pieces, "|") {
		s.add(piece, time.Duration(i+1)*time.Second)
	}
	s.text = string(s.pieces.text)
	return s
}

func marks(bits string) (all []bool) {
	for _, bit := range bits {
		all = append(all, bit == 'x')
	}
	return all
}

// A cut is where a piece begins or ends, an edge where a word does too.
func TestEdges(t *testing.T) {
	for _, tt := range []struct{ text, cuts, edges string }{
		{"", "x", "x"},
		{"ab", "x.x", "x.x"},
		{"ab  c", "x....x", "x.x.xx"},
		{"a|b", "xxx", "xxx"},
		{" a|b ", "x.x.x", "xxxxx"},
		{"ü|x", "x.xx", "x.xx"},
	} {
		cuts, edges := text(tt.text).edges()
		if diff := cmp.Diff(cuts, marks(tt.cuts)) + cmp.Diff(edges, marks(tt.edges)); diff != "" {
			t.Errorf("%q (-got +want):\n%s", tt.text, diff)
		}
	}
}

func TestTapes(t *testing.T) {
	allow := cmp.AllowUnexported(tape{})
	s := func(all ...int) (at []time.Duration) {
		for _, n := range all {
			at = append(at, time.Duration(n)*time.Second)
		}
		return at
	}
	bytes := text("a |ab").bytes()
	want := tape{
		symbols: []int{'a', ' ', 'a', 'b'}, at: s(1, 1, 2, 2), size: []int{1, 1, 1, 1}, blank: marks(".x.."),
		cuts: marks("x.x.x"), edges: marks("xxx.x"),
	}
	if diff := cmp.Diff(bytes, want, allow); diff != "" {
		t.Errorf("bytes (-got +want):\n%s", diff)
	}
	// Equal words have equal numbers, in all texts. A word that a piece cuts is two.
	numbers := map[string]int{}
	words, begins := text("ab  a|b ab").words(numbers)
	want = tape{
		symbols: []int{0, 1, 2, 3, 4, 0}, at: s(1, 1, 1, 2, 2, 2), size: []int{2, 2, 1, 1, 1, 2},
		blank: marks(".x..x."), cuts: marks("x..x..x"), edges: marks("xxxxxxx"),
	}
	if diff := cmp.Diff(words, want, allow) + cmp.Diff(begins, []int{0, 2, 4, 5, 6, 7, 9}); diff != "" {
		t.Errorf("words (-got +want):\n%s", diff)
	}
	other, _ := text("b c").words(numbers)
	if diff := cmp.Diff(other.symbols, []int{3, 4, 5}); diff != "" {
		t.Errorf("numbers of another text (-got +want):\n%s", diff)
	}
	want = tape{
		symbols: []int{1, 2}, at: s(1, 1), size: []int{2, 1}, blank: marks("x."), cuts: marks("..x"),
		edges: marks("xxx"),
	}
	if diff := cmp.Diff(words.slice(1, 3), want, allow); diff != "" {
		t.Errorf("a slice (-got +want):\n%s", diff)
	}
}

// What was sent at the instant of what was received, or before, may be the same. What came later
// may not.
func TestCommon(t *testing.T) {
	tape := func(text string, at int) tape {
		t := tape{}
		for _, r := range text {
			t.symbols, t.at = append(t.symbols, int(r)), append(t.at, time.Duration(at))
		}
		return t
	}
	for _, tt := range []struct {
		got, sent     string
		gotAt, at     int
		front, behind int
	}{
		{"abc", "abd", 1, 1, 2, 0},
		{"abc", "xbc", 1, 1, 0, 2},
		{"abc", "abc", 1, 2, 0, 0},
		{"abc", "abc", 2, 1, 3, 3},
		{"abc", "ab", 1, 1, 2, 0},
		{"bc", "abc", 1, 1, 0, 2},
		{"", "abc", 1, 1, 0, 0},
		{"abc", "", 1, 1, 0, 0},
	} {
		got, sent := tape(tt.got, tt.gotAt), tape(tt.sent, tt.at)
		if front, behind := got.common(sent, false), got.common(sent, true); front != tt.front || behind != tt.behind {
			t.Errorf("%+v: got %d and %d", tt, front, behind)
		}
	}
}

// cost returns what an explanation costs by the rules beside the costs, worked out piece by piece.
func cost(got tape, sources []tape, group []int, spans []span) (sum int) {
	for i, s := range spans {
		switch s.source {
		case foreign:
			sum += foreignCost
			for _, size := range got.size[s.start:s.end] {
				sum += byteCost * size
			}
			continue
		case spaces:
			sum += spaceCost
			continue
		}
		if i > 0 {
			sum += jumpCost
			if before := spans[i-1].source; before >= 0 && group[before] != group[s.source] {
				sum += switchCost
			}
		}
		source, to := sources[s.source], s.from+s.end-s.start
		for _, end := range []struct {
			inside, delivery bool
			at, usual        int
		}{
			{s.from > 0, got.cuts[s.start], s.from, landCost},
			{to < len(source.symbols), got.cuts[s.end], to, leaveCost},
		} {
			switch {
			case !end.inside:
			case source.edges[end.at]:
				sum += end.usual
			case end.delivery:
				sum += deliverCost
			default:
				sum += withinCost
			}
		}
	}
	return sum
}

// valid says what is wrong with an explanation: a piece that is not from its source, or was not
// sent by then, a gap, or space that is none.
func valid(got tape, sources []tape, spans []span) string {
	at := 0
	for _, s := range spans {
		if s.start != at || s.end <= s.start {
			return "a gap"
		}
		for i := s.start; i < s.end; i++ {
			switch {
			case s.source == spaces && !got.blank[i]:
				return "letters as space"
			case s.source >= 0:
				j := s.from + i - s.start
				if source := sources[s.source]; j >= len(source.symbols) || source.symbols[j] != got.symbols[i] ||
					source.at[j] > got.at[i] {
					return "a piece of another source"
				}
			}
		}
		at = s.end
	}
	if at != len(got.symbols) {
		return "no end"
	}
	return ""
}

// cheapest tries all explanations of a short text, and returns the least cost.
func cheapest(got tape, sources []tape, group []int, spans []span, at, best int) int {
	if at == len(got.symbols) {
		return min(best, cost(got, sources, group, spans))
	}
	for end := at + 1; end <= len(got.symbols); end++ {
		next := []span{{source: foreign, start: at, end: end}, {source: spaces, start: at, end: end}}
		for i, s := range sources {
			for from := range s.symbols {
				next = append(next, span{source: i, start: at, end: end, from: from})
			}
		}
		for _, s := range next {
			if n := len(spans); n > 0 && s.source < 0 && spans[n-1].source == s.source {
				continue
			}
			if valid(got.slice(s.start, s.end), sources,
				[]span{{source: s.source, end: s.end - s.start, from: s.from}}) == "" {
				best = cheapest(got, sources, group, append(slices.Clip(spans), s), end, best)
			}
		}
	}
	return best
}

// The explanation is the cheapest of all that there are, whatever was sent and received, and when.
func TestAlignIsTheCheapest(t *testing.T) {
	draw := rapid.StringMatching(`[ab |]{0,5}`)
	rapid.Check(t, func(rt *rapid.T) {
		got := text(draw.Draw(rt, "got")).bytes()
		var sources []tape
		var group []int
		for range rapid.IntRange(0, 2).Draw(rt, "sources") {
			sources = append(sources, text(draw.Draw(rt, "sent")).bytes())
			group = append(group, rapid.IntRange(0, 1).Draw(rt, "answer"))
		}
		if len(got.symbols) == 0 {
			return
		}
		spans := align(got, sources, group)
		if wrong := valid(got, sources, spans); wrong != "" {
			rt.Fatalf("%s: %+v", wrong, spans)
		}
		if c, least := cost(got, sources, group, spans), cheapest(got, sources, group, nil, 0, never); c != least {
			rt.Fatalf("it costs %d, another one %d: %+v", c, least, spans)
		}
	})
}

// What is compared in parts costs no more than what is compared at once, unless it is very long.
func TestAlignLong(t *testing.T) {
	words := func(from, to int, letter string) string {
		var b strings.Builder
		for n := from; n < to; n++ {
			fmt.Fprintf(&b, "%s%d ", letter, n)
		}
		return b.String()
	}
	a, b := text(words(0, 100, "a")), text(words(0, 3, "x")+words(0, 60, "y"))
	for name, got := range map[string]string{
		"all of it": a.text, "without its middle": words(0, 50, "a") + words(53, 100, "a"),
		"its beginning": words(0, 40, "a"), "its end": words(60, 100, "a"),
		"a word more in the middle": words(0, 50, "a") + "n " + words(50, 100, "a"), "another one": b.text,
		"of nobody":           words(0, 30, "n"),
		"one, then the other": words(0, 50, "a") + words(0, 60, "y"), "the other first": b.text + a.text,
		"less than is compared at once": words(0, 10, "a") + "b",
		"some words in another order": words(0, 50, "a") + words(52, 54, "a") + words(50, 52, "a") +
			words(54, 100, "a"),
		"its end twice": words(0, 100, "a") + words(80, 100, "a"),
	} {
		numbers := map[string]int{}
		var sources []tape
		for _, s := range []said{b, a} {
			one, _ := s.words(numbers)
			for i := range one.at {
				one.at[i] = 0
			}
			sources = append(sources, one)
		}
		all, _ := text(got).words(numbers)
		spans := alignLong(all, sources, []int{0, 1})
		if wrong := valid(all, sources, spans); wrong != "" {
			t.Errorf("%s: %s: %+v", name, wrong, spans)
			continue
		}
		joined, once := cost(all, sources, []int{0, 1}, join(spans)),
			cost(all, sources, []int{0, 1}, align(all, sources, []int{0, 1}))
		if joined > once {
			t.Errorf("%s: in parts it costs %d, at once %d: %+v", name, joined, once, spans)
		}
	}
}

// join makes one piece of pieces that follow each other in their source.
func join(spans []span) (all []span) {
	for _, s := range spans {
		if n := len(all) - 1; n >= 0 && all[n].source == s.source &&
			(s.source < 0 || all[n].from+all[n].end-all[n].start == s.from) {
			all[n].end = s.end
			continue
		}
		all = append(all, s)
	}
	return all
}
