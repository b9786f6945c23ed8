package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/chaosrun/chaosrun/assertions"
)

// scorecardHead explains the page. Its explanations must hold for every run.
const scorecardHead = `# Conformance

What engines do when their provider fails. chaosrun %s ran each of them, unmodified and in its pinned version, against failing providers, and recorded what its user gets.
` + "`make conformance`" + ` writes this page from the reports in [conformance](conformance/README.md); do not edit it. The folder's page says how to reproduce a cell, dispute it and send a report.

An engine is listed with its own settings (` + "`@defaults`" + `) and with equal timeouts and retries (` + "`@tuned`" + `), as far as it has them. The first rows are the reference, engines of chaosrun itself:
the one that we would run, and the one of the bug report that began this project. *The openai SDKs in a bare loop* are the control: what one gets without any router or gateway.

## Levels

**yes**: every scenario of the level passed. **no**: some failed, and how many. *unknown*: none failed, but one could not be judged. The sections below have the details.

`

// scorecardCells explains the tables of cells.
const scorecardCells = `
## Cells

✓ every expectation of the scenario holds, ✗ one fails, ? unknown, – not run. *answered* is the whole answer, once; *safe* is a clear error in bounded time, if the scenario asks for no
more; *failed* is a clear error; *hung* was cut. *truncated*, *spliced*, *duplicated*, *reordered*, *altered*, *invalid* and *empty* are answers that differ from what a provider sent. 3+1 means
three requests to the first provider and one to the second. An engine never fails for something that was not seen.
`

// page returns the whole page.
func (s *scorecard) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, scorecardHead, s.header.Version)
	s.levels(&b)
	b.WriteString(scorecardCells)
	for _, g := range s.groups() {
		fmt.Fprintf(&b, "\n### %s%s\n\n", strings.ToUpper(g.Name[:1]), g.Name[1:])
		s.cells(&b, g.Scenarios)
	}
	for _, engine := range s.engines {
		s.section(&b, engine)
	}
	return b.String()
}

// levels writes the table of levels, and what each of them asks.
func (s *scorecard) levels(b *strings.Builder) {
	t := table.NewWriter()
	head := table.Row{"engine", "version"}
	for _, l := range Levels() {
		head = append(head, l.Name)
	}
	t.AppendHeader(head)
	for _, engine := range s.engines {
		row := table.Row{fmt.Sprintf("[%s](#%s)", engine.name, anchor(engine.heading())), cmp.Or(engine.version, "–")}
		for i, l := range Levels() {
			row = append(row, engine.stand(i, l).word(len(l.Scenarios)))
		}
		t.AppendRow(row)
	}
	b.WriteString(t.RenderMarkdown() + "\n\n")
	for _, l := range Levels() {
		fmt.Fprintf(b, "- **%s**: %s In %s.\n", l.Name, l.Asks, scenarioNames(l.Scenarios))
	}
}

// scenarioNames lists scenarios, or says "all scenarios".
func scenarioNames(names []string) string {
	if len(names) == len(Conformance()) {
		return "all scenarios"
	}
	return strings.Join(names, ", ")
}

// stand returns the engine's result on the ith level.
func (e *scoredEngine) stand(i int, l Level) Standing {
	return l.stand(func(name string) assertions.Verdict {
		if cell := e.cells[name]; cell != nil {
			return cell.levels[i]
		}
		return assertions.Unknown
	})
}

// word returns the cell of a Standing, for a level of that many scenarios.
func (s Standing) word(of int) string {
	switch s.Verdict { //nolint:exhaustive // these three
	case assertions.Failed:
		return fmt.Sprintf("**no**, %d of %d", len(s.Lost), of)
	case assertions.Unknown:
		return "*unknown*"
	}
	return "**yes**"
}

// groups returns the groups of the scenarios that were run. The last one holds scenarios outside of
// the usual groups.
func (s *scorecard) groups() (all []Group) {
	rest := slices.Clone(s.scenarios)
	for _, g := range Groups() {
		g.Scenarios = slices.DeleteFunc(g.Scenarios,
			func(name string) bool { return !slices.Contains(s.scenarios, name) })
		rest = slices.DeleteFunc(rest, func(name string) bool { return slices.Contains(g.Scenarios, name) })
		if len(g.Scenarios) > 0 {
			all = append(all, g)
		}
	}
	if len(rest) > 0 {
		all = append(all, Group{Name: "further scenarios", Scenarios: rest})
	}
	return all
}

// cells writes the table of some scenarios.
func (s *scorecard) cells(b *strings.Builder, names []string) {
	t := table.NewWriter()
	head := table.Row{"engine"}
	for _, name := range names {
		head = append(head, strings.TrimPrefix(name, "fault:"))
	}
	t.AppendHeader(head)
	for _, engine := range s.engines {
		row := table.Row{s.label(engine)}
		for _, name := range names {
			if cell := engine.cells[name]; cell != nil {
				row = append(row, cell.cells.String())
			} else {
				row = append(row, "–")
			}
		}
		t.AppendRow(row)
	}
	b.WriteString(t.RenderMarkdown() + "\n")
}

// mark returns a run as a cell.
func mark(run Run) string {
	marks := map[assertions.Verdict]string{
		assertions.Passed: "✓", assertions.Partial: "✓", assertions.Failed: "✗", assertions.Unknown: "?",
		assertions.Skipped: "–",
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", marks[run.Verdict], outcomes(run), requests(run)))
}

// label names an engine in tables, with its version where that tells two apart.
func (s *scorecard) label(e *scoredEngine) string {
	for _, other := range s.engines {
		if other != e && other.name == e.name {
			return e.heading()
		}
	}
	return e.name
}

// heading is the title of an engine's section.
func (e *scoredEngine) heading() string { return strings.TrimSpace(e.name + " " + e.version) }

// anchor returns the fragment that a heading gets where Markdown is shown.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', r >= '0' && r <= '9', r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// section writes the details of one engine.
func (s *scorecard) section(b *strings.Builder, engine *scoredEngine) {
	fmt.Fprintf(b, "\n## %s\n\n", engine.heading())
	var settings []string
	for _, key := range slices.Sorted(maps.Keys(engine.first.Settings)) {
		settings = append(settings, key+" "+engine.first.Settings[key])
	}
	if len(settings) > 0 {
		fmt.Fprintf(b, "Settings: %s. ", strings.Join(settings, ", "))
	}
	fmt.Fprintf(b, "Clock: %s. Reproduce a cell with `%s`, or another scenario's name in it.\n\n", engine.first.Clock,
		engine.first.Replay)
	for i, l := range Levels() {
		stand := engine.stand(i, l)
		if len(stand.Lost) > 0 {
			fmt.Fprintf(b, "- not *%s*: %s\n", l.Name, strings.Join(stand.Lost, ", "))
		}
		if len(stand.Open) > 0 && len(stand.Lost) == 0 {
			fmt.Fprintf(b, "- *%s* is unknown: %s\n", l.Name, strings.Join(stand.Open, ", "))
		}
	}
	b.WriteString("\n")
	t := table.NewWriter()
	t.AppendHeader(table.Row{"scenario", "verdict", "outcome", "requests", "time to fallback", "what the user sees"})
	for _, g := range s.groups() {
		for _, name := range g.Scenarios {
			if c := engine.cells[name]; c != nil {
				t.AppendRow(table.Row{
					name, c.verdicts.String(), c.outcomes.String(), c.requests.String(), c.fallback(), seen(c.worst),
				})
			}
		}
	}
	b.WriteString(t.RenderMarkdown() + "\n")
}
