package reports

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
)

// Markdown writes a summary for the page of a pipeline, in GitHub's Markdown: the counts, a table
// of the runs that did not pass with a sentence each, their details folded, and then the others. It
// is within the 1 MiB that GitHub allows a step's summary, and says how many runs it leaves out.
func Markdown(w io.Writer, r Report) error { return Kind{Open: NewMarkdown}.whole(w, r) }

// NewMarkdown starts a report in the form of [Markdown]. It buffers its parts until Close, because
// the counts come first.
func NewMarkdown(w io.Writer, header Header) Stream {
	return &markdownStream{
		w: w, header: header, bad: section{limit: badBytes}, details: section{limit: detailBytes},
		good: section{limit: goodBytes},
	}
}

// The sizes of the parts, in bytes. Together with the lines between them they are below GitHub's
// limit of 1 MiB for a step's summary:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
const (
	badBytes    = 256 << 10
	detailBytes = 576 << 10
	goodBytes   = 128 << 10
)

type markdownStream struct {
	w      io.Writer
	header Header
	// bad and good are the rows of the two tables.
	bad, details, good section
}

// A section is a part of a limited size.
type section struct {
	limit   int
	text    spool
	bytes   int
	entries int
	// left counts the entries that were too many.
	left int
}

// add appends an entry, if there is room for it and nothing was left out before.
func (s *section) add(text string) error {
	if s.left > 0 || s.bytes+len(text) > s.limit {
		s.left++
		return nil
	}
	s.bytes += len(text)
	s.entries++
	_, err := io.WriteString(&s.text, text)
	return err
}

// Add buffers the row of a run, and its details if it did not pass.
func (s *markdownStream) Add(run Run) error {
	row := fmt.Sprintf("| %s | %s | %s | %s |\n", run.Verdict, inMarkdown(run.Scenario), inMarkdown(run.by()),
		inMarkdown(Sentence(run)))
	if run.Verdict == assertions.Passed || run.Verdict == assertions.Skipped {
		return wrapMarkdown(s.good.add(row))
	}
	return wrapMarkdown(errors.Join(s.bad.add(row), s.details.add(markdownDetails(run))))
}

func wrapMarkdown(err error) error {
	if err != nil {
		return fmt.Errorf("reports: markdown: %w", err)
	}
	return nil
}

// Close writes the counts and the parts.
func (s *markdownStream) Close(total Summary) error {
	err := s.write(total)
	for _, part := range []*section{&s.bad, &s.details, &s.good} {
		err = errors.Join(err, part.text.drop())
	}
	return wrapMarkdown(err)
}

// tableHead begins a table of runs.
const tableHead = "| verdict | scenario | engine | what happened |\n|---|---|---|---|\n"

func (s *markdownStream) write(total Summary) error {
	_, err := fmt.Fprintf(s.w, "### chaosrun: %s\n\n%s of scenario time, %s of real time.\n", counts(total),
		brief(total.Simulated), brief(total.Wall))
	if s.bad.entries > 0 {
		err = errors.Join(err, s.put("\n"+tableHead), s.bad.text.copyTo(s.w), s.leftOut(s.bad.left, "rows"),
			s.put("\n"), s.details.text.copyTo(s.w), s.leftOut(s.details.left, "runs with details"))
	}
	if s.good.entries > 0 {
		err = errors.Join(err, s.put("\n<details><summary>the others: "+some(s.good.entries+s.good.left, "run")+
			"</summary>\n\n"+tableHead), s.good.text.copyTo(s.w),
			s.leftOut(s.good.left, "rows"), s.put("\n</details>\n"))
	}
	return err
}

func (s *markdownStream) put(text string) error {
	_, err := io.WriteString(s.w, text)
	return err
}

// leftOut says how many entries are left out, and where they are.
func (s *markdownStream) leftOut(n int, what string) error {
	if n == 0 {
		return nil
	}
	where := "a report with --report html=PATH has all of them"
	for _, kind := range []string{"html", "json", "junit"} {
		if path := s.header.file(kind); path != "" {
			where = inMarkdown(path) + " has all of them"
			break
		}
	}
	return s.put(fmt.Sprintf("\n**%d more left out here** (%s); %s.\n", n, what, where))
}

// file returns the path of the report of a kind, or "".
func (h Header) file(kind string) string {
	for _, file := range h.Files {
		if path, ok := strings.CutPrefix(file, kind+"="); ok {
			return path
		}
	}
	return ""
}

// counts returns the counts of a summary that are not 0, the worst first.
func counts(s Summary) string {
	var all []string
	for _, c := range []struct {
		n    int
		word string
	}{
		{s.Failed, "failed"},
		{s.Unknown, "unknown"},
		{s.Partial, "partial"},
		{s.Passed, "passed"},
		{s.Skipped, "skipped"},
	} {
		if c.n > 0 {
			all = append(all, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return cmp.Or(strings.Join(all, ", "), "nothing ran")
}

// markdownDetails returns what a run that did not pass has to say, folded.
func markdownDetails(run Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>%s: %s</summary>\n\n", html.EscapeString(run.Verdict.String()),
		html.EscapeString(line(run.Label())))
	if run.Title != "" {
		fmt.Fprintf(&b, "%s\n\n", inMarkdown(run.Title))
	}
	if run.Advice != "" {
		fmt.Fprintf(&b, "**The target's advice:** %s\n\n", inMarkdown(run.Advice))
	}
	for _, e := range run.Expectations {
		fmt.Fprintf(&b, "- **%s** %s: %s\n", e.Verdict, inMarkdown(e.Name+e.aside()),
			inMarkdown(e.Message))
		if e.Advice != "" {
			fmt.Fprintf(&b, "  <br>→ %s\n", inMarkdown(e.Advice))
		}
	}
	fmt.Fprintf(&b, "\nTo repeat it:\n\n%s", fenced(run.Replay))
	if story := Story(run.Timeline); story != "" {
		fmt.Fprintf(&b, "\n%s", fenced(story))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// inMarkdown returns a text in one line, in which nothing is Markdown or HTML. It cuts a long one.
func inMarkdown(text string) string {
	var b strings.Builder
	for _, r := range clipped(printable(text), messageRunes) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		default:
			if strings.ContainsRune("\\`*_[]|~$#!", r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fenced returns a text as a block of code, whatever is in it.
func fenced(text string) string {
	fence, ticks := "```", 0
	for _, r := range text {
		if r != '`' {
			ticks = 0
			continue
		}
		ticks++
		if ticks >= len(fence) {
			fence += "`"
		}
	}
	return fence + "text\n" + strings.TrimRight(printable(text), "\n") + "\n" + fence + "\n"
}
