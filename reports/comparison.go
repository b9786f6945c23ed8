package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Comparison compares a reported bug with its fixes. It shows how soon each variant of an engine
// falls back, and which variants abandon a healthy primary.
type Comparison struct {
	// Flagship is the scenario that represents the issue.
	Flagship CompareColumn
	// Issue is the URL of the bug report. Title is the title of the flagship.
	Issue, Title string
	// Variants are the rows, in order.
	Variants []string
	// Speed lists the scenarios that reproduce the issue. Healthy lists the scenarios in which a
	// fallback is wrong.
	Speed, Healthy []CompareColumn
	// Patience describes the latest first token that each variant waits for.
	Patience map[string]string

	runs map[compareCell]Run
}

// CompareColumn is a scenario of a Comparison.
type CompareColumn struct {
	Scenario string
	// Primary is the name of the first provider.
	Primary string
	// Tokens is the declared size of the conversation. 0 means undeclared.
	Tokens int
	// Limit is the limit for the time to fallback. 0 means no limit.
	Limit time.Duration
}

type compareCell struct{ variant, scenario string }

// Set stores the run of a variant.
func (c *Comparison) Set(variant string, run Run) {
	if c.runs == nil {
		c.runs = map[compareCell]Run{}
	}
	c.runs[compareCell{variant, run.Scenario}] = run
}

// Run returns the run of a variant in a scenario. ok is false if there is none.
func (c *Comparison) Run(variant, scenario string) (run Run, ok bool) {
	run, ok = c.runs[compareCell{variant, scenario}]
	return run, ok
}

// Text writes the tables, and the story of the flagship under the first variant that fails it.
func (c *Comparison) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", c.Issue, c.Title)
	fmt.Fprintf(&b, "Time to fallback\n%s\n\n", c.speed())
	fmt.Fprintf(&b, "False alarms: healthy primaries that a policy abandons\n%s\n"+
		"(found by running streams whose first token comes later and later, %d tokens of context)\n\n", c.falseAlarms(),
		c.Flagship.Tokens)
	b.WriteString(c.story())
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("reports: comparison: %w", err)
	}
	return nil
}

// speed renders the time to fallback of each variant in each scenario of Speed.
func (c *Comparison) speed() string {
	t := newTable()
	head := table.Row{"policy"}
	for _, s := range c.Speed {
		title := stacked(s.Scenario) + "\n"
		if s.Tokens > 0 {
			title += fmt.Sprintf("%d tokens", s.Tokens)
		}
		title += "\n"
		if s.Limit > 0 {
			title += fmt.Sprintf("limit %s", s.Limit)
		}
		head = append(head, title+"\nprimary\nattempts", "time to\nfallback", "verdict")
	}
	t.AppendHeader(head)
	for _, v := range c.Variants {
		row := table.Row{v}
		for _, s := range c.Speed {
			run, _ := c.Run(v, s.Scenario)
			row = append(row, cells(run, s.Primary)...)
		}
		t.AppendRow(row)
	}
	return t.Render()
}

// cells returns the primary's attempts, the time to fallback and the verdict of one run.
func cells(run Run, primary string) []any {
	attempts, fallback := "–", "–"
	if len(run.Calls) > 0 {
		m := run.Calls[0].Measures
		attempts = strconv.Itoa(m.Attempts[primary])
		switch {
		case m.TimeToFallback != nil:
			fallback = minutes(m.TimeToFallback.Duration())
		case run.Calls[0].Outcome == timeline.Hung:
			fallback = "never"
		}
	}
	return []any{attempts, fallback, run.Verdict.String()}
}

// minutes formats a time as bug reports do: from one minute on, in minutes with one decimal.
func minutes(d time.Duration) string {
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}

// falseAlarms renders which variants abandon a healthy stream, and the latest first token that
// each waits for.
func (c *Comparison) falseAlarms() string {
	t := newTable()
	head := table.Row{"policy"}
	for _, s := range c.Healthy {
		head = append(head, stacked(s.Scenario))
	}
	t.AppendHeader(append(head, "first token\nmay take"))
	for _, v := range c.Variants {
		row := table.Row{v}
		for _, s := range c.Healthy {
			run, _ := c.Run(v, s.Scenario)
			row = append(row, fate(run))
		}
		t.AppendRow(append(row, c.Patience[v]))
	}
	return t.Render()
}

// fate summarizes how an engine treated a healthy primary.
func fate(run Run) string {
	switch {
	case len(run.Calls) == 0:
		return "–"
	case run.Calls[0].Measures.TimeToFallback != nil:
		return "abandoned"
	case run.Verdict.Holds():
		return "left alone"
	case run.Calls[0].Outcome == timeline.Answered:
		return "kept waiting"
	}
	return run.Calls[0].Outcome.String()
}

// stacked breaks a long name at its hyphens, to keep columns narrow.
func stacked(name string) string {
	const width = 12
	var b strings.Builder
	line := 0
	for i, part := range strings.SplitAfter(name, "-") {
		if i > 0 && line+len(part) > width {
			b.WriteByte('\n')
			line = 0
		}
		b.WriteString(part)
		line += len(part)
	}
	return b.String()
}

func newTable() table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Format.HeaderVAlign = text.VAlignBottom
	t.SetStyle(style)
	return t
}

// story returns the timeline of the flagship under the first variant that fails it, or "".
func (c *Comparison) story() string {
	for _, v := range c.Variants {
		if run, ok := c.Run(v, c.Flagship.Scenario); ok && run.Verdict == assertions.Failed {
			return fmt.Sprintf("Timeline of %s\n%s\nreplay: %s\n\n", run.Label(), Story(run.Timeline), run.Replay)
		}
	}
	return ""
}
