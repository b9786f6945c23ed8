package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// sectionOf returns what a page says of a run, before and after its lanes.
func sectionOf(id int, run Run) (before, after string) {
	var m markup
	m.put("<section class=\"run\" id=\"run-%d\" data-verdict=\"%s\" data-label=\"%s\" data-title=\"%[3]s: %[2]s\">\n",
		id, run.Verdict, run.Label())
	m.put("<p class=\"back\"><a href=\"#overview\">← Overview</a></p>\n")
	m.put("<h2>%s <span class=\"quiet\">/ %s</span> <span class=\"badge v %s\">%s %[3]s</span></h2>\n", run.Scenario,
		run.by(), run.Verdict, sign(run.Verdict))
	m.some(run.Title, "<p class=\"title\">%s</p>\n")
	said := Sentence(run)
	advice := run.advises()
	if i := slices.IndexFunc(advice, func(line string) bool { return strings.HasSuffix(said, "; "+line) }); i >= 0 {
		m.put("<p class=\"sentence\">%s<strong>%s</strong></p>\n", strings.TrimSuffix(said, advice[i]), advice[i])
		advice = slices.Delete(advice, i, i+1)
	} else {
		m.some(said, "<p class=\"sentence\">%s</p>\n")
	}
	for _, line := range advice {
		m.put("<p class=\"advice\">→ %s</p>\n", line)
	}
	if run.Verdict != assertions.Skipped {
		spent(&m, run)
		m.put("<h3>Lanes</h3>\n")
	}
	before = m.String()
	m.Reset()
	m.put("<div class=\"sides\">\n<div>\n")
	expectations(&m, run)
	m.put("</div>\n<div>\n<h3>Facts</h3>\n<dl class=\"facts\">\n")
	for _, fact := range factsOf(run) {
		m.put("<dt>%s</dt><dd>%s</dd>\n", fact.name, fact.value)
	}
	if strings.HasPrefix(run.Issue, "https://") {
		m.put("<dt>issue</dt><dd><a href=\"%s\" rel=\"noreferrer\">%[1]s</a></dd>\n", run.Issue)
	}
	m.put("</dl>\n</div>\n</div>\n")
	m.some(run.Replay, "<h3>Replay</h3>\n<p class=\"replay\"><code data-copy>%s</code></p>\n")
	m.some(run.Referee, "<h3>Referee, on the wall clock</h3>\n<p class=\"replay\"><code data-copy>%s</code></p>\n")
	m.put("</section>\n")
	return before, m.String()
}

// advises returns what to change: the target's own advice first, then that of each failed
// expectation.
func (r Run) advises() []string {
	if r.Verdict.Holds() || r.Verdict == assertions.Skipped {
		return nil
	}
	var lines []string
	for _, line := range append([]string{r.Advice}, adviceOf(r.Expectations)...) {
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func adviceOf(all []Expectation) []string {
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = e.Advice
	}
	return lines
}

// expectations writes the findings, the failed ones first.
func expectations(m *markup, run Run) {
	if len(run.Expectations) == 0 {
		return
	}
	m.put("<h3>Expectations</h3>\n<ol class=\"expectations\">\n")
	sorted := slices.Clone(run.Expectations)
	slices.SortStableFunc(sorted, func(a, b Expectation) int { return cmp.Compare(b.Verdict, a.Verdict) })
	for _, e := range sorted {
		events := make([]string, 0, len(e.Events))
		for _, i := range e.Events[:min(len(e.Events), mostEvidence)] {
			events = append(events, strconv.Itoa(i))
		}
		m.put("<li class=\"%s\" data-verdict=\"%[1]s\" data-events=\"%s\"><h4>%s</h4> "+
			"<span class=\"v %[1]s\">%[4]s %[1]s</span>", e.Verdict, strings.Join(events, " "), e.Name, sign(e.Verdict))
		m.some(strings.Trim(e.aside(), " ()"), " <span class=\"line\">%s</span>")
		m.put("<p class=\"message\">%s</p>", e.Message)
		m.some(e.Advice, "<p class=\"advice\">→ %s</p>")
		m.put("</li>\n")
	}
	m.put("</ol>\n")
}

// mostEvidence bounds the events that an expectation shows.
const mostEvidence = 200

// A fact is one line about a run. Two runs are compared by their facts.
type fact struct{ name, value string }

// factsOf returns the measures of a run and what it was made with, without what is not known.
func factsOf(run Run) []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	if len(run.Calls) > mostFactCalls {
		add("calls", headlineOfMany(run))
		add("requests", requestsByName(run, run.Calls))
	} else {
		for i, c := range run.Calls {
			all = append(all, factsOfCall(run, i, c)...)
		}
	}
	add("target", run.Target)
	add("policy", run.Policy)
	add("engine", run.engine())
	add("clock", run.Clock)
	if run.Cadence > 0 {
		add("heartbeats every", run.Cadence.String())
	}
	add("distortion", slowed(run.Distortion))
	add("evidence of the clock", evidence(run))
	add("seed", strconv.FormatUint(run.Seed, 10))
	add("scenario's SHA-256", run.SHA256)
	return all
}

// mostFactCalls bounds the calls whose facts are listed one by one.
const mostFactCalls = 3

// factsOfCall returns the measures of a call, from 0.
func factsOfCall(run Run, i int, c Call) []fact {
	var all []fact
	add := func(name, value string) {
		if len(run.Calls) > 1 {
			name = fmt.Sprintf("%s, call %d", name, i+1)
		}
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	add("outcome", c.ended())
	for _, m := range []struct {
		name string
		took *timeline.Seconds
	}{
		{"time to fallback", c.Measures.TimeToFallback},
		{"time to first content", c.Measures.TimeToFirstContent},
		{"time to answer", c.Measures.TimeToAnswer},
	} {
		if m.took != nil {
			add(m.name, run.measure(*m.took))
		}
	}
	add("requests", requestsByName(run, []Call{c}))
	if n := c.Measures.PromptTokensResent; n > 0 {
		add("prompt tokens resent", fmt.Sprintf("%d (%d × %d)", n, n/max(1, c.ContextTokens), c.ContextTokens))
	}
	add("where the time went", whereTimeWent(c.Measures.WhereTimeWent))
	add("told the caller", c.told())
	return all
}

// requestsByName returns the requests of some calls at each provider.
func requestsByName(run Run, calls []Call) string {
	var parts []string
	for _, p := range run.Providers {
		n := 0
		for _, c := range calls {
			n += c.Measures.Attempts[p.Name]
		}
		parts = append(parts, fmt.Sprintf("%s %d", p.Name, n))
	}
	return strings.Join(parts, ", ")
}
