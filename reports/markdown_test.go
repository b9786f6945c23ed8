package reports_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// hostile is text of an engine that would be Markdown, HTML or a workflow command.
const hostile = "100% | `a` <img src=x> [b](javascript:c) **d** $e$\r\n::error::f\n</details>,g:h"

// hostiles returns a report of n runs that failed, with hostile text everywhere.
func hostiles(n int) reports.Report {
	var r reports.Report
	for i := range n {
		run := reports.NewRun(hang(),
			assertions.Judge(hang(), assertions.Must(assertions.TimeToFallback{Max: time.Minute})))
		run.Scenario, run.File = fmt.Sprintf("%s %d", hostile, i), hostile
		run.Title, run.Advice, run.Replay, run.Policy = hostile, hostile, "```\n"+hostile, hostile
		run.Expectations[0].Line, run.Expectations[0].Message = 3, hostile
		run.Timeline[0].Text = "````\n" + hostile
		r.Add(run)
	}
	return r
}

// TestMarkdownIsSafe checks that what others wrote is text in a summary, and does not end a cell or
// a block.
func TestMarkdownIsSafe(t *testing.T) {
	var b bytes.Buffer
	if err := reports.Markdown(&b, hostiles(1)); err != nil {
		t.Fatal(err)
	}
	fence, rows := "", 0
	for text := range strings.Lines(b.String()) {
		text = strings.TrimRight(text, "\n")
		ticks := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		switch {
		case fence != "" && strings.TrimSpace(text) == fence:
			fence = ""
			continue
		case fence != "":
			if len(ticks) >= len(fence) {
				t.Errorf("a block of code ends at %q", text)
			}
			continue
		case len(ticks) >= 3:
			fence = ticks
			continue
		}
		inHTML := strings.HasPrefix(text, "<details><summary>") // where Markdown is text
		for _, live := range []string{"<img", "[b](", "**d", "`a`", "$e$"} {
			if strings.Contains(text, live) && (!inHTML || live == "<img") {
				t.Errorf("%q is live in %q", live, text)
			}
		}
		if strings.HasPrefix(text, "::") {
			t.Errorf("a workflow command: %q", text)
		}
		if strings.HasPrefix(text, "| failed") {
			rows++
			if cells := len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(text, -1)); cells != 5 {
				t.Errorf("a row with %d bars, want 5: %s", cells, text)
			}
		}
	}
	if rows != 1 || fence != "" {
		t.Errorf("%d rows, and the block of code %q is open:\n%s", rows, fence, &b)
	}
	if n := strings.Count(b.String(), "<details>"); n != 1 || !strings.HasSuffix(b.String(), "\n\n</details>\n") {
		t.Errorf("%d <details>, want 1 that ends:\n%s", n, &b)
	}
}

// TestMarkdownFits checks that a summary stays below GitHub's limit, and says how many runs it
// leaves out and where they are.
func TestMarkdownFits(t *testing.T) {
	const limit, runs = 1 << 20, 1500
	report := hostiles(runs)
	good := reports.NewRun(hang(), assertions.Judge(hang(), assertions.Must(assertions.Answer{})))
	for range runs {
		report.Add(good)
	}
	for _, tt := range []struct {
		files []string
		where string
	}{
		{nil, "a report with --report html=PATH has all of them"},
		{[]string{"markdown=s.md", "json=all.json"}, "all.json has all of them"},
		{[]string{"json=all.json", "html=all.html"}, "all.html has all of them"},
	} {
		var b bytes.Buffer
		stream := reports.NewMarkdown(&b, reports.Header{Files: tt.files})
		for _, run := range report.Runs {
			if err := stream.Add(run); err != nil {
				t.Fatal(err)
			}
		}
		if err := stream.Close(report.Summary); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if len(text) > limit || len(text) < limit/2 {
			t.Errorf("%d bytes, limit %d", len(text), limit)
		}
		rows, entries := strings.Count(text, "\n| failed "), strings.Count(text, "<details><summary>failed")
		for _, want := range []string{
			fmt.Sprintf("### chaosrun: %d failed, %d passed\n", runs, runs),
			fmt.Sprintf("**%d more left out here** (rows); %s.", runs-rows, tt.where),
			fmt.Sprintf("**%d more left out here** (runs with details); %s.", runs-entries, tt.where),
		} {
			if rows == 0 || entries == 0 || !strings.Contains(text, want) {
				t.Errorf("no %q beside %d rows and %d details", want, rows, entries)
			}
		}
	}
}

// TestAnnotations checks that each annotation is one line at the place of the scenario file, that
// nothing in it ends a property, and that there are as many as GitHub shows.
func TestAnnotations(t *testing.T) {
	report := hostiles(12)
	unknown := assertions.Must(assertions.ConnectionClosed{Provider: "tertiary", Within: time.Second})
	report.Add(reports.NewRun(hang(), assertions.Judge(hang(), unknown)))
	var b bytes.Buffer
	stream := reports.NewGitHub(&b, reports.Header{Files: []string{"html=page.html"}})
	for _, run := range report.Runs {
		if err := stream.Add(run); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Close(report.Summary); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	command := regexp.MustCompile(`^::(error|warning|notice) ([^:]*)::`)
	counts := map[string]int{}
	for _, text := range lines {
		m := command.FindStringSubmatch(text)
		if m == nil || strings.Contains(text, "\r") {
			t.Errorf("no workflow command: %q", text)
			continue
		}
		counts[m[1]]++
		var names []string
		for property := range strings.SplitSeq(m[2], ",") {
			name, _, _ := strings.Cut(property, "=")
			names = append(names, name)
		}
		want := map[string]string{"error": "file line title", "warning": "title", "notice": "title"}[m[1]]
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s has the properties %s, want %s", m[1], got, want)
		}
	}
	if counts["error"] != 10 || counts["warning"] != 1 || counts["notice"] != 1 {
		t.Errorf("got %v, want 10 errors, a warning and a notice", counts)
	}
	const last = "::notice title=chaosrun::12 failed, 1 unknown; 2 more did not pass than have an annotation, " +
		"see page.html"
	if got := lines[len(lines)-1]; got != last {
		t.Errorf("the last line is %s, want %s", got, last)
	}
	const file = "file=100%25 | `a` <img src=x> [b](javascript%3Ac) **d** $e$%0D%0A%3A%3Aerror%3A%3Af"
	if !strings.Contains(lines[0], file) ||
		!strings.Contains(lines[0], "line=3,") || !strings.Contains(lines[0], "%0A  → shorten the deadline") {
		t.Errorf("the first line is %s", lines[0])
	}
}
