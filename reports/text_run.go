package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// mostCalls is how many calls the details of a run show.
const mostCalls = 10

// storyLines is the maximum number of lines of a story in a text. JSON and HTML have all of them.
const storyLines = 16

// detail returns what a text tells of a run that did not pass, in the order in which it is read:
// where the time went, what does not hold and what to change, how it came about, how to repeat it.
func detail(run Run, s Screen) string {
	var b strings.Builder
	if run.Title != "" {
		fmt.Fprintf(&b, "    %s\n", run.Title)
	}
	b.WriteString(indented(swimText(run, s.narrower(indent)), indent))
	b.WriteString(judged(run, s))
	if run.Advice != "" {
		fmt.Fprintf(&b, "    advice: %s\n", run.Advice)
	}
	for i, c := range run.Calls[:min(len(run.Calls), mostCalls)] {
		within := ""
		if run.SchedulingError > 0 {
			within = ", each ±" + short(run.SchedulingError)
		}
		fmt.Fprintf(&b, "    call %d: %s%s\n", i+1, whereTimeWent(c.Measures.WhereTimeWent), within)
		if told := c.told(); told != "" {
			fmt.Fprintf(&b, "    call %d: reported to the caller: %s\n", i+1, told)
		}
	}
	if more := len(run.Calls) - mostCalls; more > 0 {
		fmt.Fprintf(&b, "    and %d more calls\n", more)
	}
	for line := range strings.Lines(timeline.Story(run.Timeline, storyLines)) {
		b.WriteString("      " + line)
	}
	for _, line := range circumstances(run) {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	return s.Fold(b.String())
}

// judged returns the lines of the expectations: those that do not hold, each with what to change,
// then those that were not judged, then the names of those that hold.
func judged(run Run, s Screen) string {
	var b, skipped strings.Builder
	var hold []string
	for _, e := range run.Expectations {
		line := fmt.Sprintf("    %s  %s%s: %s\n", s.verdict(e.Verdict), e.Name, e.aside(), e.Message)
		switch e.Verdict { //nolint:exhaustive // the others do not hold
		case assertions.Passed:
			hold = append(hold, e.Name)
		case assertions.Skipped:
			skipped.WriteString(line)
		default:
			b.WriteString(line + e.arrow("             "))
		}
	}
	b.WriteString(skipped.String())
	if hold != nil {
		fmt.Fprintf(&b, "    %s  %s\n", s.verdict(assertions.Passed), strings.Join(hold, ", "))
	}
	return b.String()
}

// circumstances returns the lines below the story: what else a reader has to know of the run.
func circumstances(run Run) (lines []string) {
	if run.Cadence > 0 {
		lines = append(lines, fmt.Sprintf("heartbeats every %s, more often than the scenario says, because the "+
			"engine's idle timer is short", run.Cadence.Duration()))
	}
	for _, line := range []string{
		slowed(run.Distortion), label("clock:  ", evidence(run)), label("issue:  ", run.Issue),
		label("engine: ", run.engine()), label("replay: ", Unbroken(run.Replay)), run.inRealTime(),
	} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// indent is how far the details of a run stand to the right.
const indent = 4

// indented moves lines to the right.
func indented(lines string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		b.WriteString(strings.Repeat(" ", by) + line)
	}
	return b.String()
}

// engine returns the version and the settings of an engine in another process, "" if none is known.
func (r Run) engine() string {
	var parts []string
	if r.TargetVersion != "" {
		parts = append(parts, "version "+r.TargetVersion)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		parts = append(parts, name+"="+r.Settings[name])
	}
	return strings.Join(parts, ", ")
}

// slowHealthy is the time that an engine may add to a healthy call before the report mentions it.
const slowHealthy = timeline.Seconds(100 * time.Millisecond)

func whereTimeWent(p timeline.Phases) string {
	var parts []string
	for _, phase := range []struct {
		what string
		took timeline.Seconds
	}{
		{"connect", p.Connect},
		{"headers", p.Headers},
		{"first content", p.FirstContent},
		{"stall", p.Stall},
		{"backoff", p.Backoff},
		{"answer", p.Answer},
	} {
		if phase.took >= timeline.Seconds(time.Millisecond) {
			parts = append(parts, phase.what+" "+short(phase.took))
		}
	}
	if parts == nil {
		return "no time passed"
	}
	return strings.Join(parts, ", ")
}
