package timeline

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
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
	t := tape{symbols: make([]int32, len(s.text)), size: make([]int32, len(s.text)), at: s.instants()}
	t.cuts, t.edges = s.edges()
	for i := range len(s.text) {
		t.symbols[i], t.size[i] = int32(s.text[i]), 1
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
// of them begins. numbers gives equal words of all texts the same number.
func (s said) words(numbers map[string]int32) (t tape, begins []int) {
	cuts, edges := s.edges()
	at := s.instants()
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		end := i + size
		for end < len(s.text) {
			next, size := utf8.DecodeRuneInString(s.text[end:])
			if unicode.IsSpace(next) != unicode.IsSpace(r) {
				break
			}
			end += size
		}
		word := s.text[i:end]
		if _, known := numbers[word]; !known {
			numbers[word] = int32(len(numbers))
		}
		begins = append(begins, i)
		t.symbols, t.size = append(t.symbols, numbers[word]), append(t.size, int32(end-i))
		t.at, t.cuts, t.edges = append(t.at, at[i]), append(t.cuts, cuts[i]), append(t.edges, edges[i])
		i = end
	}
	begins = append(begins, len(s.text))
	t.cuts, t.edges = append(t.cuts, true), append(t.edges, true)
	return t, begins
}
