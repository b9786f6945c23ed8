package reports

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/chaosrun/chaosrun/assertions"
)

// A Screen says how a text for people is shown. The zero Screen is a file or a pipe: 80 columns,
// any character, no colour.
type Screen struct {
	// Width is the number of columns. Default: 80. Less than 20 counts as 20.
	Width int
	// Colour permits ANSI colours. They never say what the words do not.
	Colour bool
	// ASCII replaces the characters that a terminal without UTF-8 cannot show.
	ASCII bool
}

// narrower returns the screen without some of its columns.
func (s Screen) narrower(by int) Screen {
	s.Width = s.Columns() - by
	return s
}

// hanging is how much further right a sentence goes on after a break.
const hanging = 2

const (
	usualWidth = 80
	leastWidth = 20
)

// Columns returns the width in effect.
func (s Screen) Columns() int {
	if s.Width == 0 {
		return usualWidth
	}
	return max(s.Width, leastWidth)
}

// Fold breaks the lines that do not fit, at spaces. What follows a break stands below the column
// that the line was in: columns are two spaces or more apart. A word longer than the line, such as
// a URL or a path, a command between backquotes, and what Unbroken returned, stays whole on a line
// of its own.
func (s Screen) Fold(lines string) string {
	var b strings.Builder
	for line := range strings.Lines(s.plain(lines)) {
		body, end := strings.CutSuffix(line, "\n")
		body = strings.TrimRight(body, " ")
		if wide(body) > s.Columns() {
			body = s.fold(quoted.ReplaceAllStringFunc(body, Unbroken), hanging)
		}
		b.WriteString(strings.ReplaceAll(body, noBreak, " "))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// quoted matches a command in a sentence.
var quoted = regexp.MustCompile("`[^`]*`")

// noBreak is the space at which Fold does not break.
const noBreak = "\u00a0"

// Unbroken returns a text, such as a command line, that Fold does not break.
func Unbroken(command string) string { return strings.ReplaceAll(command, " ", noBreak) }

// paint returns a text in the colour of a verdict.
func (s Screen) paint(v assertions.Verdict, words string) string {
	if !s.Colour {
		return words
	}
	const red, green, yellow, off = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
	switch v {
	case assertions.Failed:
		return red + words + off
	case assertions.Unknown, assertions.Partial:
		return yellow + words + off
	case assertions.Passed:
		return green + words + off
	case assertions.Skipped:
	}
	return words
}

// verdict returns the word of a verdict, in a column of seven.
func (s Screen) verdict(v assertions.Verdict) string { return s.paint(v, fmt.Sprintf("%-7s", v)) }

// wide returns how many columns a text takes, without its colours.
func wide(line string) int { return text.StringWidthWithoutEscSequences(line) }

// Cut returns a line without what does not fit, and without its last column, in which a terminal
// may begin a new line.
func (s Screen) Cut(line string) string { return text.Trim(s.plain(line), s.Columns()-1) }

// Prose fills paragraphs anew: it joins lines that follow each other, unless one is indented.
func (s Screen) Prose(paragraphs string) string {
	var b strings.Builder
	flush := func(line string) string {
		if line != "" {
			b.WriteString(s.fold(line, 0) + "\n")
		}
		return ""
	}
	open := ""
	for line := range strings.Lines(s.plain(paragraphs)) {
		line = strings.TrimRight(line, " \n")
		switch {
		case line == "" || strings.HasPrefix(line, " "):
			open = flush(open)
			b.WriteString(s.Fold(line) + "\n")
		case open == "":
			open = line
		default:
			open += " " + line
		}
	}
	flush(open)
	return b.String()
}

// fold breaks one line. What follows a break is indented by more than the line, unless it stands
// below a column. A comment goes on as a comment.
func (s Screen) fold(line string, more int) string {
	words := columned(line)
	half := s.Columns() / 2 //nolint:mnd // a column that begins further right leaves too little room
	hang := words[0].gap + more
	at := 0
	for i, w := range words {
		at += w.gap
		if i > 0 && w.gap > 1 && at <= half {
			hang = at
		}
		at += wide(w.text)
	}
	start, least := strings.Repeat(" ", hang), words[0].gap+more
	if words[0] == (word{text: "#"}) {
		start, least = "#  ", len("#  ")
	}
	hang = len(start)
	var b strings.Builder
	at = 0
	for i, w := range words {
		tooLong := at+w.gap+wide(w.text) > s.Columns()
		tooFar := w.gap > 1 && at+w.gap > half
		below := hang
		if hang+wide(w.text) > s.Columns() { // it fits below no column
			below = min(hang, least)
		}
		if i > 0 && at > below && (tooLong || tooFar) {
			b.WriteString("\n" + start[:below])
			at = below
		} else {
			b.WriteString(strings.Repeat(" ", w.gap))
			at += w.gap
		}
		b.WriteString(w.text)
		at += wide(w.text)
	}
	return b.String()
}

// A word is a word of a line, and the spaces before it.
type word struct {
	gap  int
	text string
}

// columned splits a line into its words.
func columned(line string) (words []word) {
	for line != "" {
		rest := strings.TrimLeft(line, " ")
		gap := len(line) - len(rest)
		end := strings.IndexByte(rest, ' ')
		if end < 0 {
			end = len(rest)
		}
		if rest != "" {
			words = append(words, word{gap, rest[:end]})
		}
		line = rest[end:]
	}
	return words
}

// ascii maps what the reports draw and write to characters of the same width.
//
//nolint:gochecknoglobals // an immutable table
var ascii = map[rune]rune{
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+',
	'×': 'x', '·': '.', '…': '.', '–': '-', '—': '-', '→': '>', '±': '~', '“': '"', '”': '"', '’': '\'',
	'░': ':', '█': '#', '═': '=', '≈': '/', '✕': 'X', '✓': 'v', '▲': '^', '\u00a0': '\u00a0',
}

// plain replaces what the screen cannot show.
func (s Screen) plain(lines string) string {
	if !s.ASCII {
		return lines
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 { //nolint:mnd // ASCII
			return r
		}
		if known, ok := ascii[r]; ok {
			return known
		}
		return '?'
	}, lines)
}
