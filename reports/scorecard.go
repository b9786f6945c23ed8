package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// NewScorecard starts a page in Markdown that compares engines: a table of their levels, tables of
// all cells by what happens, then a section per engine with what its users would see. Engines of
// this program come first, as the reference. It is written at Close. Its memory grows with the
// number of engines and scenarios, not of repetitions.
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
	name, version string
	first         Run
	cells         map[string]*scoredCell
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
	// levels holds the worst verdict of each level over the runs.
	levels []assertions.Verdict
}

// Add adds a run to its cell.
func (s *scorecard) Add(run Run) error {
	run.Timeline, run.Source = nil, ""
	name := engineOf(run)
	i := slices.IndexFunc(s.engines,
		func(e *scoredEngine) bool { return e.name == name && e.version == run.TargetVersion })
	if i < 0 {
		i = len(s.engines)
		s.engines = append(s.engines, &scoredEngine{
			name: name, version: run.TargetVersion, first: run, cells: map[string]*scoredCell{},
		})
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
	c.cells.add(mark(run))
	c.verdicts.add(run.Verdict.String())
	c.outcomes.add(outcomes(run))
	c.requests.add(requests(run))
	if run.Verdict > c.worst.Verdict {
		c.worst = run
	}
	for i, l := range Levels() {
		if len(c.levels) <= i {
			c.levels = append(c.levels, assertions.Passed)
		}
		c.levels[i] = worseLook(c.levels[i], l.of(run))
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

// String returns the only text, or all texts with their counts.
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

// Close writes the page. The totals are not used: a sum over engines says nothing.
func (s *scorecard) Close(Summary) error {
	slices.SortStableFunc(s.engines, func(a, b *scoredEngine) int {
		switch {
		case a.first.Outside == b.first.Outside:
			return 0
		case b.first.Outside:
			return -1
		}
		return 1
	})
	if _, err := io.WriteString(s.w, s.page()); err != nil {
		return fmt.Errorf("reports: scorecard: %w", err)
	}
	return nil
}
