package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a file.
type Problem struct {
	// File is the name given to Parse.
	File string
	// Line and Column count from 1; columns count characters, not bytes.
	Line, Column int
	// Message describes the problem, without its position.
	Message string
	// Suggestion is the word that was probably meant, or empty.
	Suggestion string
	// Snippet is the source line and a line with a caret under the column, without a newline at the
	// end.
	Snippet string
}

// String returns the problem as file:line:col: message (did you mean "x"?), without the snippet.
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Suggestion != "" {
		s += fmt.Sprintf(" (did you mean %q?)", p.Suggestion)
	}
	return s
}

// Problems are all the problems of a file, in order of position. They are never empty where they
// are an error.
type Problems []Problem //nolint:errname // it reads as what it is, many of them: strictyaml.Problems

var _ error = Problems(nil)

// Error prints each problem on a line of its own with its snippet below it.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
		if p.Snippet != "" {
			b.WriteByte('\n')
			b.WriteString(p.Snippet)
		}
	}
	return b.String()
}

func byPosition(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// MaxProblems bounds the problems of one file; the last one then says that there are more.
const MaxProblems = 100

// source is the text of a file and what was found wrong with it.
type source struct {
	file     string
	lines    []string
	problems Problems
	// reports counts what was reported, dropped what of it was not kept.
	reports, dropped int
}

func newSource(file, text string) *source {
	return &source{file: file, lines: strings.Split(text, "\n")}
}

// add keeps a problem, with line and column moved to the nearest place that exists. The same
// problem at the same place is kept once.
func (s *source) add(line, column int, message, suggestion string) {
	s.reports++
	if len(s.problems) >= MaxProblems {
		s.dropped++
		return
	}
	line = max(1, min(line, len(s.lines)))
	text := []rune(s.lines[line-1])
	column = max(1, min(column, len(text)+1))
	p := Problem{
		File: s.file, Line: line, Column: column,
		Message: message, Suggestion: suggestion, Snippet: snippet(text, column),
	}
	if !slices.Contains(s.problems, p) {
		s.problems = append(s.problems, p)
	}
}

func (s *source) err() error {
	if len(s.problems) == 0 {
		return nil
	}
	sorted := slices.Clone(s.problems)
	slices.SortStableFunc(sorted, byPosition)
	if s.dropped > 0 {
		sorted = append(sorted, Problem{
			File: s.file, Line: sorted[len(sorted)-1].Line, Column: sorted[len(sorted)-1].Column,
			Message: fmt.Sprintf("and %d more problems", s.dropped),
		})
	}
	return sorted
}

// snippetWidth is how much of a long line a snippet shows, in characters.
const snippetWidth = 120

// snippet shows a line with a caret under a column. Tabs stay tabs in both lines, so that the caret
// is right in any terminal. Of a long line it shows only a part.
func snippet(line []rune, column int) string {
	at, lead, tail := column-1, "", ""
	if from := at - snippetWidth/2; len(line) > snippetWidth && from > 0 {
		line, at, lead = line[from:], at-from, "…"
	}
	if len(line) > snippetWidth {
		line, tail = line[:snippetWidth], "…"
	}
	shown := strings.Map(printable, string(line))
	under := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, lead+string(line[:min(at, len(line))]))
	return "    " + lead + shown + tail + "\n    " + under + "^"
}

// printable keeps control characters away from the reader's terminal.
func printable(r rune) rune {
	if r != '\t' && (r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0)) {
		return '\uFFFD'
	}
	return r
}
