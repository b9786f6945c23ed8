package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// A spell is a stretch of a call in which it waited for one provider in one phase. Provider is ""
// where no request was under way, or is not known.
type spell struct {
	provider string
	phase    timeline.Phase
	took     timeline.Seconds
}

// spellsOf returns what the run's longest call waited for, in order.
func spellsOf(run Run) []spell {
	lanes := swimlanes(run).Lanes
	var longest []spell
	var most timeline.Seconds
	for _, lane := range lanes {
		if lane.Kind != laneOfCaller {
			continue
		}
		var all []spell
		var sum timeline.Seconds
		for _, bar := range lane.Bars {
			one := spell{phase: bar.Phase, took: bar.To - bar.From}
			if bar.Lane >= 0 {
				one.provider = lanes[bar.Lane].Provider
			}
			all = append(all, one)
			sum += one.took
		}
		if sum > most {
			most, longest = sum, all
		}
	}
	if longest != nil {
		return longest
	}
	for _, c := range run.Calls {
		if sum := total(c.Measures.WhereTimeWent); sum > most {
			most, longest = sum, spellsOfPhases(c.Measures.WhereTimeWent)
		}
	}
	return longest
}

// spellsOfPhases returns the phases of a call whose timeline is gone.
func spellsOfPhases(p timeline.Phases) []spell {
	var all []spell
	for _, s := range []spell{
		{phase: timeline.Connect, took: p.Connect},
		{phase: timeline.Headers, took: p.Headers},
		{phase: timeline.FirstContent, took: p.FirstContent},
		{phase: timeline.Stall, took: p.Stall},
		{phase: timeline.Backoff, took: p.Backoff},
		{phase: timeline.Answering, took: p.Answer},
	} {
		if s.took > 0 {
			all = append(all, s)
		}
	}
	return all
}

// mostSpells bounds the words below the strip.
const mostSpells = 4

// spent draws where the time of the longest call went, in true scale, and names who ate it.
func spent(m *markup, run Run) {
	spells := spellsOf(run)
	var whole timeline.Seconds
	for _, s := range spells {
		whole += s.took
	}
	if whole <= 0 {
		return
	}
	const width, height = 1000, 22
	m.put("<h3>Where the time went</h3>\n<div class=\"spent\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "+
		"aria-hidden=\"true\">", width, height)
	x := 0.0
	for _, s := range spells {
		w := float64(s.took) / float64(whole) * width
		m.put("<g class=\"%s\"><rect x=\"%.2f\" width=\"%.2f\" height=\"%d\"/></g>",
			strings.ReplaceAll(string(s.phase), " ", "-"), x, w, height)
		x += w
	}
	m.put("</svg>\n<p>")
	for i, s := range merged(spells) {
		if i == mostSpells {
			break
		}
		by := strings.TrimSpace(s.provider + " " + string(s.phase))
		m.put("<span><b>%s</b> %s (%s)</span> ", by, short(s.took), percent(s.took, whole))
	}
	m.put("</p></div>\n")
}

// merged adds up the spells of each provider and phase, the longest first.
func merged(all []spell) []spell {
	var sums []spell
	for _, s := range all {
		i := slices.IndexFunc(sums, func(o spell) bool { return o.provider == s.provider && o.phase == s.phase })
		if i < 0 {
			sums = append(sums, s)
			continue
		}
		sums[i].took += s.took
	}
	slices.SortStableFunc(sums, func(a, b spell) int { return int(min(1, max(-1, b.took-a.took))) })
	return sums
}

// percent returns a part of a whole.
func percent(part, whole timeline.Seconds) string {
	p := float64(part) / float64(whole) * 100
	if p < 1 {
		return "<1%"
	}
	return fmt.Sprintf("%.0f%%", p)
}
