package reports

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
)

// mostRepeats bounds the links of a cell to its runs.
const mostRepeats = 12

// overview writes the first part of a page: the totals, what to change, and the table. untold
// counts the runs without a section.
func overview(m *markup, table *matrix, total Summary, untold int) {
	m.put("<section id=\"overview\" data-title=\"chaosrun report\">\n<h2>%s</h2>\n<ul class=\"totals\">",
		verdictOf(total))
	for _, t := range []struct {
		n    int
		word string
	}{
		{total.Failed, "failed"},
		{total.Unknown, "unknown"},
		{total.Partial, "partial"},
		{total.Passed, "passed"},
		{total.Skipped, "skipped"},
	} {
		if t.n > 0 {
			m.put("<li class=\"%s\"><b>%d</b> %[1]s</li>", t.word, t.n)
		}
	}
	m.put("<li class=\"quiet\">%s of scenario time in %s</li></ul>\n", short(total.Simulated), short(total.Wall))
	for _, u := range total.Unequal {
		m.put("<p class=\"note\">%s</p>\n", u)
	}
	advise(m, table)
	m.put("<div id=\"matrix-tools\"></div>\n")
	grid(m, table)
	m.put("<p class=\"key\"><code>3p/1s · 15m8s</code>: three requests at the provider whose name begins with p " +
		"and one at the one with s; the time to fallback. <code>end</code>: there was no fallback, and the call " +
		"ended then. Slowest first, behind the control.</p>\n")
	if untold > 0 {
		m.put("<p class=\"note\">%d further runs passed, or are too many for a page, and are only counted here. "+
			"The JSON report has all of them.</p>\n", untold)
	}
	m.put("</section>\n")
}

// verdictOf returns the heading of the overview.
func verdictOf(s Summary) string {
	switch {
	case s.Failed > 0:
		return "Failed"
	case s.Unknown > 0:
		return "Unknown: the harness could not look"
	case s.Passed+s.Partial == 0:
		return "Nothing ran"
	}
	return "Passed"
}

// advise writes what to change.
func advise(m *markup, table *matrix) {
	all := table.adviceFirst()
	if len(all) == 0 {
		return
	}
	heading := "What failed"
	if all[0].own {
		heading = "What to change"
	}
	m.put("<div class=\"advise\">\n<h3>%s</h3>\n<ol>\n", heading)
	for _, a := range all[:min(len(all), mostAdvice)] {
		runs := "1 run"
		if a.runs > 1 {
			runs = fmt.Sprintf("%d runs", a.runs)
		}
		m.put("<li><span class=\"runs\">%s</span><span>%s</span><span class=\"worst\">worst: <a%s>%s</a>: %s"+
			"</span></li>\n", runs, a.text, table.link(a.id), a.label, a.said)
	}
	m.put("</ol>\n")
	if more := len(all) - mostAdvice; more > 0 {
		m.put("<p class=\"note\">and %d further reasons</p>\n", more)
	}
	m.put("</div>\n")
}

// grid writes the table of scenarios by targets or policies.
func grid(m *markup, table *matrix) {
	m.put("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Scenarios by target or policy\">\n" +
		"<table id=\"matrix\">\n<thead><tr><th scope=\"col\">scenario</th>")
	for _, c := range table.columns {
		m.put("<th scope=\"col\" data-label=\"%s\">%[1]s</th>", c)
	}
	m.put("</tr></thead>\n<tbody>\n")
	for _, row := range table.sorted() {
		class := ""
		if row.scenario == controlScenario {
			class = " class=\"control\""
		}
		m.put("<tr%s data-scenario=\"%s\" data-text=\"%s\"><th scope=\"row\"><b>%[2]s</b>", raw(class), row.scenario,
			strings.ToLower(row.scenario+" "+row.title+" "+row.tags))
		m.some(row.title, "<span>%s</span>")
		m.put("</th>")
		for _, c := range table.columns {
			table.cells[[2]string{row.scenario, c}].put(m, table, c)
		}
		m.put("</tr>\n")
	}
	m.put("</tbody>\n</table>\n</div>\n")
}

// signs tell verdicts apart without colour.
func sign(v assertions.Verdict) string {
	switch v {
	case assertions.Passed:
		return "✓"
	case assertions.Failed:
		return "✗"
	case assertions.Unknown:
		return "?"
	case assertions.Partial:
		return "~"
	case assertions.Skipped:
		return "–"
	}
	return ""
}

// put writes a cell. A nil cell has no run.
func (c *matrixCell) put(m *markup, table *matrix, label string) {
	if c == nil {
		m.put("<td data-label=\"%s\"></td>", label)
		return
	}
	m.put("<td data-run=\"%d\" data-verdict=\"%s\" data-label=\"%s\"><a class=\"cell %[2]s\"%[4]s title=\"%s\">",
		c.worst, c.verdict, label, table.link(c.worst), c.hint)
	m.put("<span class=\"v %s\">%s %[1]s</span> %[3]s", c.verdict, sign(c.verdict), c.word)
	numbers := strings.Trim(c.requests+" · "+c.time, " ·")
	m.some(numbers, "<span class=\"numbers\">%s</span>")
	m.put("</a>")
	c.repeats(m)
	m.put("</td>")
}

// repeats writes links to the runs of a cell with several.
func (c *matrixCell) repeats(m *markup) {
	if c.runs < 2 {
		return
	}
	m.put("<span class=\"repeats\">%d of %d failed: ", c.failed, c.runs)
	for _, run := range c.told[:min(len(c.told), mostRepeats)] {
		m.put("<a href=\"#run-%d\">%s%[1]d</a>", run.id, sign(run.verdict))
	}
	if len(c.told) > mostRepeats {
		m.put("…")
	}
	m.put("</span>")
}
