package interop_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// mostSummary is how large a job summary may be:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
const mostSummary = 1 << 20

// TestMarkdownIsRendered parses the summary as GitHub does: each run has a row with a cell in each
// column, each failure is named and has a part that folds, and there is no other HTML.
func TestMarkdownIsRendered(t *testing.T) {
	report := catalogue(t)
	source := markdownOf(t, report)
	if len(source) > mostSummary {
		t.Errorf("the summary has %d bytes, and may have %d", len(source), mostSummary)
	}
	seen := look(t, source)
	if seen.headings != 1 || seen.tables != 2 || seen.rows != len(report.Runs) {
		t.Errorf("got %d headings, and %d tables with %d rows, want 1, and 2 with %d", seen.headings, seen.tables,
			seen.rows, len(report.Runs))
	}
	if sum := report.Summary; seen.folded <= sum.Failed {
		t.Errorf("%d parts are folded, want one for each of %d failures, and for the others", seen.folded, sum.Failed)
	}
	for _, run := range report.Runs {
		if run.Verdict == assertions.Failed && !strings.Contains(seen.text, run.Scenario) {
			t.Errorf("%s failed, and is not named", run.Label())
		}
	}
	t.Logf("%d bytes, %d rows, %d parts folded", len(source), seen.rows, seen.folded)
}

// TestMarkdownOfHostileTexts renders texts that would end a cell, or become markup.
func TestMarkdownOfHostileTexts(t *testing.T) {
	report := catalogue(t)
	var bad reports.Report
	for _, text := range []string{
		"a | b", "`code` `` ``` x", "</details><script>alert(1)</script>", "[x](javascript:alert(1))",
		"![x](http://192.0.2.1/x.png)", "# no heading\n\n| a | b |\n|---|---|\n", "a\\|b",
		"<img src=x onerror=alert(1)>",
		"\u202ebidi", "<!-- a", "*b* _c_ ~~d~~", "http://192.0.2.1/ www.example.org", "> quoted\r\n- item",
	} {
		for _, run := range report.Runs {
			if run.Verdict != assertions.Failed {
				continue
			}
			run.Scenario, run.Policy, run.Target, run.Title, run.Advice, run.Replay = text, text, text, text, text, text
			run.Issue = ""
			expectations := append([]reports.Expectation{}, run.Expectations...)
			for i := range expectations {
				expectations[i].Name, expectations[i].Message, expectations[i].Advice = text, text, text
			}
			run.Expectations = expectations
			bad.Add(run)
			break
		}
	}
	look(t, markdownOf(t, bad))
}

// markdownOf returns the summary of a report.
func markdownOf(t *testing.T, report reports.Report) []byte {
	t.Helper()
	write, err := reports.ForKind("markdown")
	if err != nil {
		t.Fatal(err)
	}
	var source bytes.Buffer
	if err := write(&source, report); err != nil {
		t.Fatal(err)
	}
	return source.Bytes()
}

// A rendered is what a summary has.
type rendered struct {
	headings, tables, rows, folded int
	text                           string
}

// look parses a summary, and fails the test for what may not be in it.
func look(tb testing.TB, source []byte) (seen rendered) {
	tb.Helper()
	var all strings.Builder
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			seen.headings++
		case *tables.Table:
			seen.tables++
			seen.rows += n.ChildCount() - 1
			for row := n.FirstChild(); row != nil; row = row.NextSibling() {
				if row.ChildCount() != len(n.Alignments) {
					tb.Errorf("a row has %d cells in %d columns", row.ChildCount(), len(n.Alignments))
				}
			}
		case *ast.Link:
			if !strings.HasPrefix(string(n.Destination), "https://") {
				tb.Errorf("a link leads to %s", n.Destination)
			}
		case *ast.AutoLink: // an address in a text leads where it says
			if url := string(n.URL(source)); !strings.HasPrefix(url, "http") {
				tb.Errorf("a text became a link to %s", url)
			}
		case *ast.Image:
			tb.Errorf("there is an image of %s", n.Destination)
		case *ast.RawHTML:
			for i := range n.Segments.Len() {
				folds(tb, string(source[n.Segments.At(i).Start:n.Segments.At(i).Stop]))
			}
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				seen.folded += folds(tb, string(source[n.Lines().At(i).Start:n.Lines().At(i).Stop]))
			}
		case *ast.Text:
			all.Write(n.Segment.Value(source))
			all.WriteByte(' ')
		case *ast.String:
			all.Write(n.Value)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	seen.text = all.String()
	return seen
}

// folds fails the test if a piece of HTML does more than fold a part of the page. It returns how
// many parts it folds.
func folds(tb testing.TB, html string) (folded int) {
	tb.Helper()
	folded = strings.Count(html, "<details>")
	for _, tag := range []string{"<details>", "</details>", "<summary>", "</summary>", "<br>"} {
		html = strings.ReplaceAll(html, tag, "")
	}
	if strings.Contains(html, "<") {
		tb.Errorf("there is HTML: %s", html)
	}
	return folded
}

// TestMarkdownTeeth checks that look finds what may not be in a summary.
func TestMarkdownTeeth(t *testing.T) {
	for _, wrong := range []string{
		"<script>alert(1)</script>\n", "a <br onclick=x>\n", "![x](https://example.org/x.png)\n",
		"[x](javascript:alert(1))\n",
	} {
		var found quiet
		look(&found, []byte(wrong))
		if found.errors != 1 {
			t.Errorf("%q has %d errors, want 1", wrong, found.errors)
		}
	}
}

// A quiet test counts its errors.
type quiet struct {
	testing.TB

	errors int
}

func (*quiet) Helper()                 {}
func (q *quiet) Errorf(string, ...any) { q.errors++ }
