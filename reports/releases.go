package reports

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Releases compares the releases of one engine: a table per scenario and variant, the first release
// that fails, and what changed from one to the next.
type Releases struct {
	// Engine is the name of the engine, and Versions its releases, oldest first.
	Engine   string
	Versions []string
	// Notes are sentences below the tables.
	Notes []string

	tables []*releaseTable
}

// A releaseTable has the runs of one scenario under one variant, by version.
type releaseTable struct {
	scenario, variant string
	runs              map[string][]Run
}

// Add adds a run of a version. variant may be "". The timeline is not kept.
func (r *Releases) Add(version, variant string, run Run) {
	run.Timeline, run.Source = nil, ""
	i := slices.IndexFunc(r.tables,
		func(t *releaseTable) bool { return t.scenario == run.Scenario && t.variant == variant })
	if i < 0 {
		i = len(r.tables)
		r.tables = append(r.tables, &releaseTable{scenario: run.Scenario, variant: variant, runs: map[string][]Run{}})
	}
	t := r.tables[i]
	t.runs[version] = append(t.runs[version], run)
}

// Text writes the tables.
func (r *Releases) Text(w io.Writer, s Screen) error {
	var b strings.Builder
	for _, t := range r.tables {
		engine := r.Engine
		if t.variant != "" {
			engine += "@" + t.variant
		}
		fmt.Fprintf(&b, "%s / %s\n%s%s\n", t.scenario, engine, t.render(r.Versions, s), t.sentences(r.Versions))
	}
	for _, note := range r.Notes {
		b.WriteString(note + "\n")
	}
	if _, err := io.WriteString(w, s.Fold(b.String())); err != nil {
		return fmt.Errorf("reports: releases: %w", err)
	}
	return nil
}

func (t *releaseTable) render(versions []string, s Screen) string {
	g := textTable{head: []string{"version", "verdict", "outcome", "requests", "time to fallback"}}
	for _, version := range versions {
		if c := t.cell(version); c != nil {
			g.rows = append(g.rows, []string{
				version, s.paint(c.worst.Verdict, c.verdicts.String()), cmp.Or(c.outcomes.String(), "–"),
				cmp.Or(c.requests.String(), "–"), c.fallbackOrNever(),
			})
		}
	}
	return g.render(s)
}

// cell adds up the runs of a version, nil for none.
func (t *releaseTable) cell(version string) *scoredCell {
	if len(t.runs[version]) == 0 {
		return nil
	}
	c := &scoredCell{}
	for _, run := range t.runs[version] {
		c.add(run)
	}
	return c
}

// fallbackOrNever returns the time to fallback, or "never" if the call was cut without one.
func (c *scoredCell) fallbackOrNever() string {
	if c.fallbacks > 0 || len(c.worst.Calls) == 0 {
		return c.fallback()
	}
	if call := c.worst.Calls[0]; call.Outcome == timeline.Hung {
		return "never, in " + total(call.Measures.WhereTimeWent).Duration().Round(1e9).String()
	}
	return "–"
}

// sentences names the first version that fails, and says what changed between neighbours.
func (t *releaseTable) sentences(versions []string) string {
	var b strings.Builder
	b.WriteString(t.firstThatFails(versions) + "\n")
	var before *scoredCell
	last := ""
	for _, version := range versions {
		c := t.cell(version)
		if c == nil || c.worst.Verdict == assertions.Unknown || c.worst.Verdict == assertions.Skipped {
			continue // its result is unknown
		}
		if before != nil {
			if changes := c.changes(before, last); changes != "" {
				fmt.Fprintf(&b, "%s: %s.\n", version, changes)
			}
		}
		before, last = c, version
	}
	return b.String()
}

func (t *releaseTable) firstThatFails(versions []string) string {
	var unseen []string
	for i, version := range versions {
		c := t.cell(version)
		switch {
		case c == nil || c.worst.Verdict == assertions.Unknown || c.worst.Verdict == assertions.Skipped:
			unseen = append(unseen, version)
		case c.worst.Verdict != assertions.Failed:
		case len(unseen) > 0:
			return fmt.Sprintf("The first version seen to fail is %s; %s could not be judged.", version,
				strings.Join(unseen, ", "))
		case i == 0:
			return fmt.Sprintf("The first version that fails is %s, the oldest that was run.", version)
		default:
			return fmt.Sprintf("The first version that fails is %s.", version)
		}
	}
	if len(unseen) > 0 {
		return fmt.Sprintf("No version was seen to fail; %s could not be judged.", strings.Join(unseen, ", "))
	}
	return "No version fails."
}

// sameTime is the largest difference between two times to fallback, as a share of the longer one,
// that counts as an engine's own jitter: random backoffs and start times.
const sameTime = 0.05

// sameSeconds is the same in seconds, for short times.
const sameSeconds = 2

// changes lists how a version differs from an earlier one, whose name is last.
func (c *scoredCell) changes(before *scoredCell, last string) string {
	var all []string
	if now, then := c.requests.String(), before.requests.String(); now != then {
		all = append(all, fmt.Sprintf("%s requests rather than %s", now, then))
	}
	switch {
	case c.fallbacks == 0 && before.fallbacks > 0:
		all = append(all, fmt.Sprintf("it no longer falls back, as %s did after %s", last, before.fallback()))
	case c.fallbacks > 0 && before.fallbacks == 0:
		all = append(all, "it falls back, after "+c.fallback())
	case c.fallbacks > 0 && !near(c.latest, before.latest):
		all = append(all, fmt.Sprintf("it falls back after %s rather than %s", c.fallback(), before.fallback()))
	}
	if now, then := c.outcomes.String(), before.outcomes.String(); now != then {
		all = append(all, fmt.Sprintf("%s rather than %s", now, then))
	}
	if now, then := c.verdicts.String(), before.verdicts.String(); now != then {
		all = append(all, fmt.Sprintf("%s rather than %s", now, then))
	}
	return strings.Join(all, "; ")
}

func near(a, b timeline.Seconds) bool {
	return math.Abs(float64(a-b)) <= max(sameTime*float64(max(a, b)), float64(timeline.Seconds(sameSeconds*1e9)))
}
