package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

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
func (c *Comparison) Text(w io.Writer, s Screen) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", c.Issue, c.Title)
	fmt.Fprintf(&b, "Requests at the primary × time to fallback\n%s\n", c.speed(s))
	fmt.Fprintf(&b, "False alarms: what becomes of a primary that is healthy, if only slow (%s)\n%s\n",
		strings.Join(c.healthy(), ", "), c.falseAlarms(s))
	fmt.Fprintf(&b, "The first token was made to come later and later, at %s of context.\n\n",
		tokens(c.Flagship.Tokens))
	b.WriteString(c.story(s))
	if _, err := io.WriteString(w, s.Fold(b.String())); err != nil {
		return fmt.Errorf("reports: comparison: %w", err)
	}
	return nil
}

// speed renders the time to fallback of each variant in each scenario of Speed, and the verdict
// over all of them.
func (c *Comparison) speed(on Screen) string {
	t := textTable{head: []string{"policy"}}
	for _, s := range c.Speed {
		title := stacked(s.Scenario)
		if s.Tokens > 0 {
			title += "\n" + tokens(s.Tokens)
		}
		if s.Limit > 0 {
			title += "\nlimit " + s.Limit.String()
		}
		t.head = append(t.head, title)
	}
	t.head = append(t.head, "verdict")
	for _, v := range c.Variants {
		row := []string{v}
		verdicts := tally{}
		worst := assertions.Verdict(0)
		for _, s := range c.Speed {
			run, _ := c.Run(v, s.Scenario)
			row = append(row, timesFallback(run, s.Primary))
			verdicts.add(run.Verdict.String())
			worst = max(worst, run.Verdict)
		}
		t.rows = append(t.rows, append(row, on.paint(worst, verdicts.String())))
	}
	return t.render(on)
}

// tokens formats the size of a conversation.
func tokens(n int) string {
	const thousand = 1000
	if n >= thousand && n%thousand == 0 {
		return fmt.Sprintf("%dk tokens", n/thousand)
	}
	return fmt.Sprintf("%d tokens", n)
}

// timesFallback returns the primary's requests and the time to fallback of one run.
func timesFallback(run Run, primary string) string {
	if len(run.Calls) == 0 {
		return "–"
	}
	m := run.Calls[0].Measures
	asked := fmt.Sprintf("%d× ", m.Attempts[primary])
	switch {
	case m.TimeToFallback != nil:
		return asked + minutes(m.TimeToFallback.Duration())
	case run.Calls[0].Outcome == timeline.Hung:
		return asked + "never"
	}
	return asked + "–"
}

// minutes formats a time as bug reports do: from one minute on, in minutes with one decimal.
func minutes(d time.Duration) string {
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}

// healthy returns the scenarios in which a fallback is wrong.
func (c *Comparison) healthy() (names []string) {
	for _, s := range c.Healthy {
		names = append(names, s.Scenario)
	}
	return names
}

// falseAlarms renders the latest first token that each variant waits for, and what each does to
// healthy streams.
func (c *Comparison) falseAlarms(on Screen) string {
	t := textTable{head: []string{"policy", "first token\nmay take", "healthy primaries"}}
	for _, v := range c.Variants {
		var words []string
		scenarios := map[string][]string{}
		for _, s := range c.Healthy {
			run, _ := c.Run(v, s.Scenario)
			how := fate(run)
			if scenarios[how] == nil {
				words = append(words, how)
			}
			scenarios[how] = append(scenarios[how], s.Scenario)
		}
		for i, how := range words {
			switch names := scenarios[how]; {
			case len(words) == 1:
				words[i] = "all " + how
			case how == leftAlone:
				words[i] = fmt.Sprintf("%d %s", len(names), how)
			default:
				words[i] = how + " in " + strings.Join(names, ", ")
			}
		}
		t.rows = append(t.rows, []string{v, c.Patience[v], strings.Join(words, "; ")})
	}
	return t.render(on)
}

// leftAlone is the fate of a healthy primary that its engine trusts.
const leftAlone = "left alone"

// fate summarizes how an engine treated a healthy primary.
func fate(run Run) string {
	switch {
	case len(run.Calls) == 0:
		return "–"
	case run.Calls[0].Measures.TimeToFallback != nil:
		return "abandoned"
	case run.Verdict.Holds():
		return leftAlone
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

// story returns the lanes and the timeline of the flagship under the first variant that fails it,
// or "".
func (c *Comparison) story(on Screen) string {
	for _, v := range c.Variants {
		if run, ok := c.Run(v, c.Flagship.Scenario); ok && run.Verdict == assertions.Failed {
			return fmt.Sprintf("Timeline of %s\n%s\n%s\nreplay: %s\n\n", run.Label(), swimText(run, on),
				timeline.Story(run.Timeline, storyLines), Unbroken(run.Replay))
		}
	}
	return ""
}
