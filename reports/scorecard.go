package reports

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// NewScorecard starts a page in Markdown that compares engines: a table of all verdicts, then a
// section per engine with what its users would see. It is written at Close. Its memory depends on
// the number of engines and scenarios, not on that of repetitions.
func NewScorecard(w io.Writer, header Header) Stream { return &scorecard{w: w, header: header} }

type scorecard struct {
	w       io.Writer
	header  Header
	engines []*scoredEngine
	// scenarios are the columns, in the order of their first run.
	scenarios []string
}

// A scoredEngine is a row of the table and a section of the page.
type scoredEngine struct {
	name  string
	first Run
	cells map[string]*scoredCell
}

// A scoredCell adds up the repetitions of one scenario under one engine.
type scoredCell struct {
	// cells, verdicts, outcomes and requests count the distinct texts of these columns.
	cells, verdicts, outcomes, requests tally
	// fallbacks counts the runs that fell back, soonest and latest bound their times.
	fallbacks       int
	soonest, latest timeline.Seconds
	// worst is the run with the worst verdict.
	worst Run
}

// Add adds a run to its cell.
func (s *scorecard) Add(run Run) error {
	run.Timeline, run.Source = nil, ""
	name := engineOf(run)
	i := slices.IndexFunc(s.engines, func(e *scoredEngine) bool { return e.name == name })
	if i < 0 {
		i = len(s.engines)
		s.engines = append(s.engines, &scoredEngine{name: name, first: run, cells: map[string]*scoredCell{}})
	}
	if !slices.Contains(s.scenarios, run.Scenario) {
		s.scenarios = append(s.scenarios, run.Scenario)
	}
	cell := s.engines[i].cells[run.Scenario]
	if cell == nil {
		cell = &scoredCell{}
		s.engines[i].cells[run.Scenario] = cell
	}
	cell.add(run)
	return nil
}

func (c *scoredCell) add(run Run) {
	c.cells.add(strings.TrimSpace(fmt.Sprintf("**%s** %s %s", run.Verdict, outcomes(run), requests(run))))
	c.verdicts.add(run.Verdict.String())
	c.outcomes.add(outcomes(run))
	c.requests.add(requests(run))
	if run.Verdict > c.worst.Verdict {
		c.worst = run
	}
	for _, call := range run.Calls {
		took := call.Measures.TimeToFallback
		if took == nil {
			continue
		}
		if c.fallbacks == 0 || *took < c.soonest {
			c.soonest = *took
		}
		c.latest = max(c.latest, *took)
		c.fallbacks++
	}
}

// fallback returns the time to fallback, as a range if the calls differ.
func (c *scoredCell) fallback() string {
	soonest, latest := rough(c.soonest), rough(c.latest)
	switch {
	case c.fallbacks == 0:
		return "–"
	case soonest == latest:
		return soonest
	}
	return soonest + " to " + latest
}

// A tally counts texts, in the order of their first use.
type tally struct {
	texts  []string
	counts []int
	total  int
}

func (t *tally) add(text string) {
	t.total++
	i := slices.Index(t.texts, text)
	if i < 0 {
		t.texts, t.counts = append(t.texts, text), append(t.counts, 1)
		return
	}
	t.counts[i]++
}

// String returns the text, or all of them with how often each was seen.
func (t *tally) String() string {
	if len(t.texts) == 1 {
		return t.texts[0]
	}
	said := make([]string, len(t.texts))
	for i, text := range t.texts {
		said[i] = fmt.Sprintf("%s (%d of %d)", text, t.counts[i], t.total)
	}
	return strings.Join(said, ", ")
}

// engineOf returns the row that a run belongs to: the target with its policy or variant.
func engineOf(run Run) string {
	if run.Policy == "" {
		return run.Target
	}
	if run.TargetVersion != "" {
		return run.Policy
	}
	return run.Target + " / " + run.Policy
}

// scorecardHead explains the page. What it says of words must hold for every run.
const scorecardHead = `# Conformance

What engines did when their provider failed, measured by chaosrun %s. The page is written by
` + "`chaosrun run SCENARIO… --target A --target B … --report scorecard=docs`" + `; do not edit it.

A cell has the verdict, what the caller got, and the requests that each provider received. *answered* is the whole answer, once; *safe* is a clear
error in bounded time where the scenario asks for no more; *failed* is a clear error; *hung* was cut at the call's limit; *truncated*, *spliced*,
*duplicated*, *reordered* and *empty* are answers that are not what a provider said. An engine is never blamed for what could not be seen: such a
cell is *unknown*, with the reason below. The control rows are bare SDKs with a plain loop around them.

`

// Close writes the page. The totals are not used: a sum over engines says nothing.
func (s *scorecard) Close(Summary) error {
	var b strings.Builder
	fmt.Fprintf(&b, scorecardHead, s.header.Version)
	t := table.NewWriter()
	head := table.Row{"engine", "version"}
	for _, name := range s.scenarios {
		head = append(head, name)
	}
	t.AppendHeader(head)
	for _, engine := range s.engines {
		row := table.Row{engine.name, cmp.Or(engine.first.TargetVersion, "–")}
		for _, name := range s.scenarios {
			if cell := engine.cells[name]; cell != nil {
				row = append(row, cell.cells.String())
			} else {
				row = append(row, "–")
			}
		}
		t.AppendRow(row)
	}
	b.WriteString(t.RenderMarkdown() + "\n")
	for _, engine := range s.engines {
		s.section(&b, engine)
	}
	if _, err := io.WriteString(s.w, b.String()); err != nil {
		return fmt.Errorf("reports: scorecard: %w", err)
	}
	return nil
}

// section writes the details of one engine.
func (s *scorecard) section(b *strings.Builder, engine *scoredEngine) {
	fmt.Fprintf(b, "\n## %s\n\n", engine.name)
	if v := engine.first.TargetVersion; v != "" {
		fmt.Fprintf(b, "Version %s. ", v)
	}
	var settings []string
	for _, key := range slices.Sorted(maps.Keys(engine.first.Settings)) {
		settings = append(settings, key+" "+engine.first.Settings[key])
	}
	if len(settings) > 0 {
		fmt.Fprintf(b, "Settings: %s. ", strings.Join(settings, ", "))
	}
	fmt.Fprintf(b, "Clock: %s. Repeat a cell with `%s`.\n\n", engine.first.Clock, engine.first.Replay)
	t := table.NewWriter()
	t.AppendHeader(table.Row{"scenario", "verdict", "outcome", "requests", "time to fallback", "what the user sees"})
	for _, name := range s.scenarios {
		if c := engine.cells[name]; c != nil {
			t.AppendRow(table.Row{name, c.verdicts.String(), c.outcomes.String(), c.requests.String(), c.fallback(), seen(c.worst)})
		}
	}
	b.WriteString(t.RenderMarkdown() + "\n")
}

// outcomes returns the outcome of each call, as one word if all are the same.
func outcomes(run Run) string {
	var words []string
	for _, c := range run.Calls {
		words = append(words, cmp.Or(c.Word, c.Outcome.String()))
	}
	return strings.Join(slices.Compact(words), ", ")
}

// requests returns the requests that each provider received, in the order of the chain: "3+1".
func requests(run Run) string {
	var counts []string
	for _, p := range run.Providers {
		n := 0
		for _, c := range run.Calls {
			n += c.Measures.Attempts[p.Name]
		}
		counts = append(counts, strconv.Itoa(n))
	}
	if len(run.Calls) == 0 {
		return ""
	}
	return strings.Join(counts, "+")
}

// rough formats a time to a tenth of a second, because further digits differ from run to run.
func rough(s timeline.Seconds) string {
	return s.Duration().Round(100 * time.Millisecond).String()
}

// seen says in a sentence what the user of the engine would see, or why nobody knows.
func seen(run Run) string {
	switch run.Verdict { //nolint:exhaustive // the others were judged
	case assertions.Skipped:
		return "not run: " + run.SkipReason
	case assertions.Unknown:
		for _, e := range run.Expectations {
			if e.Verdict == assertions.Unknown {
				return "unknown: " + e.Message
			}
		}
	}
	if len(run.Calls) == 0 {
		return "nothing: no call was made"
	}
	var all []string
	for _, c := range run.Calls {
		all = append(all, c.sentence())
	}
	said := strings.Join(slices.Compact(all), "; then ")
	var missed []string
	for _, e := range run.Expectations {
		if e.Verdict == assertions.Failed && !slices.Contains(missed, e.Name) {
			missed = append(missed, e.Name)
		}
	}
	if missed != nil {
		said += "; misses " + strings.Join(missed, ", ")
	}
	return said
}

// sentence says what the caller of one call would see.
func (c Call) sentence() string {
	waited := rough(total(c.Measures.WhereTimeWent))
	switch c.Outcome {
	case timeline.Answered:
		return fmt.Sprintf("the answer of %s after %s", c.AnsweredBy, waited)
	case timeline.FailedClearly:
		return "an error after " + waited
	case timeline.Hung:
		return "no end: the call was cut after " + waited
	case timeline.Truncated:
		return "a part of the answer, presented as the whole, after " + waited
	case timeline.Empty:
		return "an empty answer, presented as success, after " + waited
	case timeline.Invalid:
		return "a tool call that cannot be read, presented as success, after " + waited
	case timeline.Spliced, timeline.Duplicated, timeline.Reordered, timeline.Altered:
	case 0: // its caller was not seen
		return "nothing that could be seen"
	}
	return fmt.Sprintf("an answer that no provider gave (%s) after %s", c.Outcome, waited)
}
