package timeline

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A said is all of an answer as one text, as a provider sent it or a caller holds it: the text, the
// refusal and the tool calls in the form in which they are compared.
type said struct {
	pieces
	text string
}

// sent returns what an attempt sent as its answer.
func (a Attempt) sent() said {
	s := said{pieces: a.pieces}
	s.calls(a.calls, func(c calledTool) time.Duration { return c.first })
	return s
}

// held returns what the caller holds in the end.
func (c Client) held() said {
	var s said
	for _, d := range c.Deliveries {
		if d.Restart {
			s = said{}
			continue
		}
		s.add(d.Text, d.At)
	}
	s.calls(c.calls, func(c calledTool) time.Duration { return c.last })
	return s
}

// calls appends tool calls. Their bytes are no longer those that were sent, so each of them is a
// piece, with an instant that rules nothing out.
func (s *said) calls(calls toolCalls, at func(calledTool) time.Duration) {
	s.pieces = pieces{text: slices.Clip(s.pieces.text), ends: slices.Clip(s.ends), at: slices.Clip(s.at)}
	for _, c := range calls.list() {
		s.add(c.form, at(c))
	}
	s.text = string(s.pieces.text)
}

// edges returns for each position of the text, its end included, whether a piece begins or ends
// there, and whether a piece or a word does.
func (s said) edges() (cuts, edges []bool) {
	cuts = make([]bool, len(s.text)+1)
	cuts[0] = true
	for _, end := range s.ends {
		cuts[end] = true
	}
	edges = slices.Clone(cuts)
	space := true
	for i, r := range s.text {
		if unicode.IsSpace(r) != space {
			space, edges[i] = !space, true
		}
	}
	return cuts, edges
}

// bytes returns the text as symbols that are bytes.
func (s said) bytes() tape {
	n := len(s.text)
	t := tape{symbols: make([]int, n), size: make([]int, n), blank: make([]bool, n), at: s.instants()}
	t.cuts, t.edges = s.edges()
	for i := range n {
		t.symbols[i], t.size[i], t.blank[i] = int(s.text[i]), 1, blank(s.text[i:i+1])
	}
	return t
}

// instants returns when each byte was there.
func (s said) instants() []time.Duration {
	all, from := make([]time.Duration, len(s.text)), 0
	for i, end := range s.ends {
		for j := from; j < end; j++ {
			all[j] = s.at[i]
		}
		from = end
	}
	return all
}

// words returns the text as symbols that are words and the white space between them, and where each
// of them begins. numbers gives equal symbols of all texts the same number. A piece that ends
// within a word ends a symbol too.
func (s said) words(numbers map[string]int) (t tape, begins []int) {
	cuts, edges := s.edges()
	at := s.instants()
	for i := 0; i < len(s.text); {
		end := i + 1
		for end < len(s.text) && !edges[end] {
			end++
		}
		word := s.text[i:end]
		if _, known := numbers[word]; !known {
			numbers[word] = len(numbers)
		}
		begins = append(begins, i)
		t.symbols, t.size = append(t.symbols, numbers[word]), append(t.size, end-i)
		t.at, t.cuts, t.edges = append(t.at, at[i]), append(t.cuts, cuts[i]), append(t.edges, true)
		t.blank = append(t.blank, blank(word))
		i = end
	}
	t.cuts, t.edges = append(t.cuts, true), append(t.edges, true)
	return t, append(begins, len(s.text))
}

// blank reports whether a text is white space.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// slice returns the symbols from position from to position to.
func (t tape) slice(from, to int) tape {
	return tape{
		symbols: t.symbols[from:to], at: t.at[from:to], size: t.size[from:to], blank: t.blank[from:to],
		cuts: t.cuts[from : to+1], edges: t.edges[from : to+1],
	}
}

// common returns how many symbols at the beginning of t are those at the beginning of what was
// sent, or at the end of both if back is true.
func (t tape) common(sent tape, back bool) (n int) {
	for n < min(len(t.symbols), len(sent.symbols)) {
		i, j := n, n
		if back {
			i, j = len(t.symbols)-1-n, len(sent.symbols)-1-n
		}
		if t.symbols[i] != sent.symbols[j] || sent.at[j] > t.at[i] {
			break
		}
		n++
	}
	return n
}
