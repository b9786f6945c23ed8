package reports

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

//go:embed web/bench.js
var benchScript string

//go:embed web/bench.css
var benchStyle string

// mostSamples bounds the times of a cell in a page. Of more, evenly spaced quantiles are kept.
const mostSamples = 400

// benchSample is what the script of a page gets of a cell.
type benchSample struct {
	Scenario string    `json:"scenario"`
	Policy   string    `json:"policy"`
	Trials   int       `json:"trials"`
	Fallback []float64 `json:"fallback_s"`
}

// BenchHTML writes a Bench as a page for a browser: charts of the time to fallback, for all
// scenarios and each one, and the table of BenchText. It is one file that loads nothing.
func BenchHTML(w io.Writer, b Bench) error {
	var samples []benchSample
	var scenarios []string
	for _, c := range b.Cells {
		samples = append(samples, c.sample())
		if !slices.Contains(scenarios, c.Scenario) {
			scenarios = append(scenarios, c.Scenario)
		}
	}
	data, err := json.Marshal(samples)
	if err != nil {
		return fmt.Errorf("reports: bench: %w", err)
	}
	var m markup
	style := pageStyle + benchStyle
	pageTop(&m, "chaosrun bench", Header{Version: b.Version, Seed: b.Seed}, benchScript, style)
	m.put("<section id=\"overview\">\n<h2>Time to fallback</h2>\n<p class=\"key\">The part of the trials that had " +
		"asked another provider by then. A curve that ends below 100%%: the other trials never fell back.</p>\n" +
		"<div data-chart=\"\"><p class=\"note\">The charts need JavaScript.</p></div>\n" +
		"<h3>Each scenario</h3>\n<div class=\"charts\">\n")
	for _, s := range scenarios {
		m.put("<div><h4>%s</h4><div data-chart=\"%[1]s\"></div></div>\n", s)
	}
	m.put("</div>\n<h3>Numbers</h3>\n")
	benchTable(&m, b.computed())
	m.put("</section>\n<script type=\"application/json\" id=\"bench-data\">%s</script>\n", raw(data))
	pageBottom(&m, benchScript)
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("reports: bench: %w", err)
	}
	return nil
}

// benchTable writes the quantiles of each cell.
func benchTable(m *markup, b Bench) {
	m.put("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Quantiles\">\n<table>\n<thead><tr>")
	for _, name := range []string{
		"scenario", "policy", "fallback min", "p50", "p95", "max", "attempts min", "p50", "p95", "max", "fell back",
		"passed",
	} {
		m.put("<th scope=\"col\">%s</th>", name)
	}
	m.put("</tr></thead>\n<tbody>\n")
	for _, c := range b.Cells {
		m.put("<tr><th scope=\"row\">%s</th><td>%s</td>", c.Scenario, c.Policy)
		for _, s := range []*float64{c.Fallback.Min, c.Fallback.P50, c.Fallback.P95, c.Fallback.Max} {
			m.put("<td>%s</td>", benchTime(s))
		}
		for _, n := range []*float64{c.Attempts.Min, c.Attempts.P50, c.Attempts.P95, c.Attempts.Max} {
			m.put("<td>%s</td>", benchCount(n))
		}
		m.put("<td>%d of %d</td><td>%d of %[2]d</td></tr>\n", c.Fallback.Count, c.Trials, c.Passed)
	}
	m.put("</tbody>\n</table>\n</div>\n")
}

// sample returns the times to fallback of a cell, sorted, at most mostSamples of them. Fewer times
// than trials keep their share of the trials.
func (c BenchCell) sample() benchSample {
	s := benchSample{Scenario: c.Scenario, Policy: c.Policy, Trials: c.Trials, Fallback: []float64{}}
	for _, t := range c.trials {
		if t.fallback != nil {
			// A chart shows no microseconds.
			s.Fallback = append(s.Fallback, math.Round(*t.fallback*1e3)/1e3)
		}
	}
	slices.Sort(s.Fallback)
	if n := len(s.Fallback); n > mostSamples {
		kept := make([]float64, mostSamples)
		for i := range kept {
			kept[i] = s.Fallback[((2*i+1)*n)/(2*mostSamples)]
		}
		s.Fallback, s.Trials = kept, int(math.Round(float64(c.Trials)*mostSamples/float64(n)))
	}
	return s
}
