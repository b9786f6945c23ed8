package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// controlScenario is the scenario of a healthy primary. An engine that fails it is set up wrong,
// so its row comes first.
const controlScenario = "healthy"

// A matrix holds what the overview of a page says: scenarios by targets or policies.
type matrix struct {
	columns []string
	rows    map[string]*matrixRow
	cells   map[[2]string]*matrixCell
	// of finds the cell of a run that did not pass or is the slowest of its cell so far.
	of map[int]*matrixCell
	// told holds the runs with a section of their own.
	told map[int]bool
	// advice counts the failures by what would help.
	advice map[string]*advised
}

// A matrixRow is a scenario.
type matrixRow struct {
	scenario, title, tags string
	slowest               timeline.Seconds
}

// A matrixCell holds the runs of a scenario by a target or policy.
type matrixCell struct {
	// runs counts all of them, failed those that failed or are unknown, and told has those with a
	// section.
	runs, failed int
	told         []toldRun
	// worst is the run that the cell shows, slowest the one whose caller waited longest. Both are
	// positions in the report, from 1.
	worst, slowest int
	verdict        assertions.Verdict
	slow           timeline.Seconds
	// word, numbers and time are of the worst run.
	word, requests, time, hint string
	shown                      timeline.Seconds
}

// A toldRun is a run with a section of its own.
type toldRun struct {
	id      int
	verdict assertions.Verdict
}

// An advised is what would help some runs.
type advised struct {
	text  string
	own   bool // it says what to change, and not only what failed
	runs  int
	id    int // the slowest run
	label string
	said  string
	slow  timeline.Seconds
}

func newMatrix() *matrix {
	return &matrix{
		rows: map[string]*matrixRow{}, cells: map[[2]string]*matrixCell{}, of: map[int]*matrixCell{},
		told: map[int]bool{}, advice: map[string]*advised{},
	}
}

// add counts a run and returns its cell, nil if the table is full.
func (m *matrix) add(id int, run Run) *matrixCell {
	key := [2]string{run.Scenario, run.by()}
	cell := m.cells[key]
	if cell == nil {
		if len(m.cells) == mostCells {
			return nil
		}
		cell = &matrixCell{}
		m.cells[key] = cell
	}
	row := m.rows[run.Scenario]
	if row == nil {
		row = &matrixRow{scenario: run.Scenario, title: run.Title, tags: tagsOf(run.Source)}
		m.rows[run.Scenario] = row
	}
	if !slices.Contains(m.columns, key[1]) {
		m.columns = append(m.columns, key[1])
	}
	slow := waited(run)
	row.slowest = max(row.slowest, slow)
	m.advise(id, run, slow)
	if run.Verdict == assertions.Failed || run.Verdict == assertions.Unknown {
		cell.failed++
	}
	if run.Verdict > assertions.Passed && len(m.of) < mostTold+mostCells {
		m.of[id] = cell
	}
	cell.runs++
	if cell.runs == 1 || slow > cell.slow {
		if !cell.bad(cell.slowest) {
			delete(m.of, cell.slowest)
		}
		cell.slowest, cell.slow = id, slow
		m.of[id] = cell
	}
	if cell.runs == 1 || run.Verdict > cell.verdict || run.Verdict == cell.verdict && slow > cell.shown {
		cell.show(id, run, slow)
	}
	return cell
}

// bad reports whether a told run did not pass.
func (c *matrixCell) bad(id int) bool {
	i := slices.IndexFunc(c.told, func(t toldRun) bool { return t.id == id })
	return i >= 0 && c.told[i].verdict > assertions.Passed
}

// tell notes that a run has a section of its own.
func (m *matrix) tell(id int, cell *matrixCell, v assertions.Verdict) {
	cell.told = append(cell.told, toldRun{id: id, verdict: v})
	m.told[id] = true
}

// matters reports whether a run did not pass or is the slowest of its cell.
func (m *matrix) matters(id int) bool { return m.of[id] != nil }

// link returns the attribute that makes a link to a run's section, "" if it has none.
func (m *matrix) link(id int) raw {
	if !m.told[id] {
		return ""
	}
	return raw(fmt.Sprintf(" href=\"#run-%d\"", id))
}

// show makes a run the one that the cell shows.
func (c *matrixCell) show(id int, run Run, slow timeline.Seconds) {
	c.worst, c.verdict, c.shown = id, run.Verdict, slow
	c.word, c.requests, c.time = wordsOf(run), requestsOf(run), timeOf(run)
	c.hint = Sentence(run)
}

// by returns the policy, or the target of a run without one.
func (r Run) by() string { return cmp.Or(r.Policy, r.Target) }

// tagsOf returns the tags of a scenario file, as they are written there.
func tagsOf(source string) string {
	for line := range strings.Lines(source) {
		if tags, ok := strings.CutPrefix(line, "tags:"); ok {
			return strings.Trim(strings.TrimSpace(tags), "[]")
		}
	}
	return ""
}

// waited returns what a run is sorted by: its longest time to fallback. A run that failed without
// one has the time of its longest call.
func waited(run Run) (longest timeline.Seconds) {
	for _, c := range run.Calls {
		switch {
		case c.Measures.TimeToFallback != nil:
			longest = max(longest, *c.Measures.TimeToFallback)
		case !run.Verdict.Holds():
			longest = max(longest, total(c.Measures.WhereTimeWent))
		}
	}
	return longest
}

// wordsOf returns the outcomes of a run's calls, each once.
func wordsOf(run Run) string {
	var words []string
	for _, c := range run.Calls {
		if word := cmp.Or(c.Word, c.Outcome.String()); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// requestsOf returns the requests at each provider, as "3p/1s". Providers whose names begin alike
// get more letters.
func requestsOf(run Run) string {
	var parts []string
	for i, p := range run.Providers {
		n := 0
		for _, c := range run.Calls {
			n += c.Measures.Attempts[p.Name]
		}
		if n > 0 || i == 0 {
			parts = append(parts, fmt.Sprintf("%d%s", n, initials(p.Name, run.Providers)))
		}
	}
	return strings.Join(parts, "/")
}

// initials returns the shortest beginning of a provider's name that no other one has.
func initials(name string, all []timeline.Provider) string {
	letters := []rune(name)
	for n := 1; n < len(letters); n++ {
		alike := 0
		for _, p := range all {
			if strings.HasPrefix(p.Name, string(letters[:n])) {
				alike++
			}
		}
		if alike < 2 {
			return string(letters[:n])
		}
	}
	return name
}

// timeOf returns the longest time to fallback of a run, or else when its longest call ended.
func timeOf(run Run) string {
	var fallback, end *timeline.Seconds
	for _, c := range run.Calls {
		if t := c.Measures.TimeToFallback; t != nil && (fallback == nil || *t > *fallback) {
			fallback = t
		}
		if t := c.took(); t != nil && (end == nil || *t > *end) {
			end = t
		}
	}
	switch {
	case fallback != nil:
		return brief(*fallback)
	case end != nil:
		return "end " + brief(*end)
	}
	return ""
}

// sorted returns the rows: the control first, then the slowest.
func (m *matrix) sorted() []*matrixRow {
	rows := make([]*matrixRow, 0, len(m.rows))
	for _, row := range m.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *matrixRow) int {
		control := func(r *matrixRow) int {
			if r.scenario == controlScenario {
				return 0
			}
			return 1
		}
		return cmp.Or(control(a)-control(b), cmp.Compare(b.slowest, a.slowest), cmp.Compare(a.scenario, b.scenario))
	})
	return rows
}
