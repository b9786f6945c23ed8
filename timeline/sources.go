package timeline

import (
	"slices"
	"strings"
)

// A Source says where a piece of what a caller holds is from.
type Source struct {
	// Text is the piece. White space in the arguments of tool calls is left out.
	Text string
	// Provider is who sent it, and Attempt the number of the provider's request. Provider is "" if
	// it is in nobody's answer.
	Provider string
	Attempt  int
	// Whole says that the piece is all that the attempt sent.
	Whole bool
}

// Sources returns what the caller of call n holds in the end, piece by piece, with the attempt that
// each piece is from. Tool calls stand behind the text. It is nil if the caller holds nothing, or
// if what it holds is the output of a command, see Run.Contained.
//
// A piece can only be from an attempt that had sent it before it was received. Of several
// explanations it returns the one with the fewest pieces, the fewest answers and the fewest pieces
// cut within a word. Of texts beyond some 4 KB it compares words rather than bytes.
func (t Timeline) Sources(n int) []Source {
	client, ok := t.Client(n)
	if !ok || t.Run.Contained {
		return nil
	}
	return explained(client.held(), t.CallAttempts(n)).sources()
}

// maxCells bounds the work of a comparison by bytes: what the caller holds times all that was sent.
// 16 million take some 50 ms. Texts of up to 4 KB are below it.
const maxCells = 16 << 20

// maxLongCells bounds the work of a comparison by words, beside what begins or ends alike. 64
// million take some 200 ms.
const maxLongCells = 64 << 20

// An explanation is what a caller holds as pieces of what was sent. Positions are in bytes.
type explanation struct {
	held  said
	spans []span
	sent  []source
	// longest holds for each answer the source with all that is known of it.
	longest []int
}

// A source is an attempt that sent something.
type source struct {
	attempt Attempt
	said    said
	// answer is the answer that it is of. Two attempts of a provider have the same answer if one of
	// them sent the beginning of what the other one sent.
	answer int
}

// explained explains what a caller holds.
func explained(held said, attempts []Attempt) *explanation {
	e := &explanation{held: held}
	for _, a := range attempts {
		if s := a.sent(); s.text != "" && !e.knows(a, s) {
			e.include(a, s)
		}
	}
	if held.text != "" {
		e.spans = e.forward(e.align())
	}
	return e
}

// knows reports whether an earlier attempt of the provider sent the same.
func (e *explanation) knows(a Attempt, s said) bool {
	return slices.ContainsFunc(e.sent,
		func(k source) bool { return k.attempt.Provider == a.Provider && k.said.text == s.text })
}

// include appends a source, to an answer that is known or as a new one.
func (e *explanation) include(a Attempt, s said) {
	answer := slices.IndexFunc(e.longest, func(i int) bool {
		known := e.sent[i]
		return known.attempt.Provider == a.Provider &&
			(strings.HasPrefix(known.said.text, s.text) || strings.HasPrefix(s.text, known.said.text))
	})
	e.sent = append(e.sent, source{attempt: a, said: s, answer: answer})
	last := len(e.sent) - 1
	switch {
	case answer < 0:
		e.sent[last].answer = len(e.longest)
		e.longest = append(e.longest, last)
	case len(s.text) > len(e.sent[e.longest[answer]].said.text):
		e.longest[answer] = last
	}
}

// align compares by bytes, or by words where that would take too long.
func (e *explanation) align() []span {
	cells := 0
	var groups []int
	for _, s := range e.sent {
		cells += len(s.said.text) * len(e.held.text)
		groups = append(groups, s.answer)
	}
	var tapes []tape
	if cells <= maxCells {
		for _, s := range e.sent {
			tapes = append(tapes, s.said.bytes())
		}
		return align(e.held.bytes(), tapes, groups)
	}
	numbers := map[string]int{}
	got, at := e.held.words(numbers)
	var begins [][]int
	for _, s := range e.sent {
		words, begin := s.said.words(numbers)
		tapes, begins = append(tapes, words), append(begins, begin)
	}
	spans := alignLong(got, tapes, groups)
	for i, s := range spans {
		spans[i].start, spans[i].end = at[s.start], at[s.end]
		if s.source >= 0 {
			spans[i].from = begins[s.source][s.from]
		}
	}
	return spans
}

// alignLong does what align does, without comparing the longest beginning and end that some source
// has too, but for a few symbols beside what is between them. It leaves out the end of what would
// take too long all the same.
func alignLong(got tape, sources []tape, group []int) []span {
	const beside = 16
	first, front := longest(got, sources, false)
	front = max(0, front-beside)
	last, back := longest(got.slice(front, len(got.symbols)), sources, true)
	back = max(0, back-beside)
	end := len(got.symbols) - back
	if total := lengths(sources); total > 0 {
		end = min(end, front+maxLongCells/total+1)
	}
	var spans []span
	if front > 0 {
		spans = append(spans, span{source: first, end: front})
	}
	for _, s := range align(got.slice(front, end), sources, group) {
		s.start, s.end = s.start+front, s.end+front
		spans = append(spans, s)
	}
	if back > 0 {
		spans = append(spans, span{
			source: last, start: len(got.symbols) - back, end: len(got.symbols),
			from: len(sources[last].symbols) - back,
		})
	}
	return spans
}

// longest returns the source with the longest common beginning, or end, and its length.
func longest(got tape, sources []tape, back bool) (source, n int) {
	for i, s := range sources {
		if common := got.common(s, back); common > n {
			source, n = i, common
		}
	}
	return source, n
}

func lengths(tapes []tape) (n int) {
	for _, t := range tapes {
		n += len(t.symbols)
	}
	return n
}

// forward moves each piece that its source has several times to the first place behind the piece
// before it of the same answer, so that nothing seems to be in another order that need not be, and
// joins what then belongs together.
func (e *explanation) forward(spans []span) []span {
	var out []span
	behind := make([]int, len(e.longest))
	for _, s := range spans {
		if s.source >= 0 {
			answer, piece := e.sent[s.source].answer, e.held.text[s.start:s.end]
			if s.from < behind[answer] {
				text := e.sent[s.source].said.text
				if i := strings.Index(text[min(behind[answer], len(text)):], piece); i >= 0 {
					s.from = behind[answer] + i
				}
			}
			behind[answer] = s.from + len(piece)
		}
		if n := len(out) - 1; n >= 0 && out[n].source == s.source &&
			(s.source < 0 || out[n].from+out[n].end-out[n].start == s.from) {
			out[n].end = s.end
			continue
		}
		out = append(out, s)
	}
	return out
}

// sources returns the pieces for people.
func (e *explanation) sources() []Source {
	var all []Source
	for _, s := range e.spans {
		one := Source{Text: e.held.text[s.start:s.end]}
		if s.source >= 0 {
			from := e.sent[s.source]
			one.Provider, one.Attempt, one.Whole = from.attempt.Provider, from.attempt.N, one.Text == from.said.text
		}
		all = append(all, one)
	}
	return all
}

// outcome returns the word for a text that is no provider's whole answer, and the provider if it is
// the only one. Of several kinds of damage the first of these counts: pieces of several answers,
// bytes of nobody, pieces twice, another order, something missing.
func (e *explanation) outcome() (outcome Outcome, from string) {
	answers := map[int]bool{}
	alien, spaced := false, false
	for _, s := range e.spans {
		if s.source < 0 {
			only := blank(e.held.text[s.start:s.end])
			alien, spaced = alien || !only, spaced || only
			continue
		}
		answers[e.sent[s.source].answer] = true
	}
	switch {
	case len(answers) > 1:
		return Spliced, ""
	case len(answers) == 0:
		return Altered, ""
	}
	for answer := range answers {
		longest := e.sent[e.longest[answer]]
		from = longest.attempt.Provider
		var all bool
		if outcome, all = e.order(longest.said.text); alien || spaced && all {
			return Altered, from
		}
	}
	return outcome, from
}

// order returns the word for pieces of one answer, and whether they are all of it, once and in
// order. White space does not count.
func (e *explanation) order(answer string) (outcome Outcome, all bool) {
	taken := make([]bool, len(answer))
	behind, ordered := 0, true
	for _, s := range e.spans {
		if s.source < 0 {
			continue
		}
		for i := s.from; i < s.from+s.end-s.start; i++ {
			if blank(answer[i : i+1]) {
				continue
			}
			if taken[i] {
				return Duplicated, false
			}
			taken[i] = true
			ordered = ordered && i >= behind
			behind = i
		}
	}
	if !ordered {
		return Reordered, false
	}
	for i, is := range taken {
		if !is && !blank(answer[i:i+1]) {
			return Truncated, false
		}
	}
	return Truncated, true
}
