package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Lanes writes what the providers saw in one run, with the measures that their side alone can take,
// and the verdict. It is for runs whose caller was not seen. The error is the writer's.
func Lanes(w io.Writer, run Run) error {
	var b strings.Builder
	if run.Verdict == assertions.Skipped {
		fmt.Fprintf(&b, "%-7s  %s: %s\n", run.Verdict, run.Scenario, run.SkipReason)
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "what the providers saw, from the start of the command:\n")
	for line := range strings.Lines(story(lanesOf(run.Timeline))) {
		b.WriteString("  " + line)
	}
	fmt.Fprintf(&b, "%-7s  %s%s\n", run.Verdict, run.Scenario, titleOf(run))
	for _, e := range run.Expectations {
		where := ""
		if e.Line > 0 {
			where = fmt.Sprintf(" (line %d)", e.Line)
		}
		fmt.Fprintf(&b, "  %-7s  %s%s: %s\n", e.Verdict, e.Name, where, e.Message)
	}
	fmt.Fprintf(&b, "  time to fallback: %s\n", fallbacks(run))
	fmt.Fprintf(&b, "  attempts: %s\n", attempts(run))
	fmt.Fprintf(&b, "  connections: %s\n", connections(run))
	if run.Issue != "" {
		fmt.Fprintf(&b, "  issue:  %s\n", run.Issue)
	}
	fmt.Fprintf(&b, "  replay: %s\n", run.Replay)
	_, err := io.WriteString(w, b.String())
	return err
}

func titleOf(run Run) string {
	if run.Title == "" {
		return ""
	}
	return ": " + run.Title
}

// lanesOf returns the events without the prompt, which the scenario has and nobody sent.
func lanesOf(events []timeline.Event) []timeline.Event {
	all := slices.Clone(events)
	for i := range all {
		if all[i].Kind == timeline.CallStarted {
			all[i].Text = ""
		}
	}
	return all
}

// fallbacks returns the time to fallback of each call.
func fallbacks(run Run) string {
	var all []string
	for _, c := range run.Calls {
		if t := c.Measures.TimeToFallback; t != nil {
			all = append(all, run.measure(*t))
			continue
		}
		all = append(all, "none")
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, ", ")
}

// attempts returns how many requests each provider received, and how many there were for each call.
func attempts(run Run) string {
	counts, total := map[string]int{}, 0
	for _, a := range (timeline.Timeline{Events: run.Timeline}).Attempts() {
		if a.N > 0 {
			counts[a.Provider]++
			total++
		}
	}
	var all []string
	for _, p := range run.Providers {
		all = append(all, fmt.Sprintf("%s %d", p.Name, counts[p.Name]))
	}
	text := strings.Join(all, ", ")
	switch n := len(run.Calls); {
	case total == 0:
		return text
	case n == 1:
		return fmt.Sprintf("%s; amplification %d", text, total)
	default:
		return fmt.Sprintf("%s; %d calls, amplification %.1f", text, n, float64(total)/float64(max(1, n)))
	}
}

// connections returns how the requests ended, as the providers saw it.
func connections(run Run) string {
	ended, closed, cut, open := 0, 0, 0, 0
	for _, a := range (timeline.Timeline{Events: run.Timeline}).Attempts() {
		switch {
		case a.N == 0:
		case a.Open:
			open++
		case a.Ending == timeline.ClientDisconnected:
			closed++
		case a.Ending == timeline.ResponseEnded:
			ended++
		default:
			cut++
		}
	}
	var all []string
	for _, c := range []struct {
		n    int
		what string
	}{{ended, "ended"}, {closed, "closed by the command"}, {cut, "cut by the provider"}, {open, "left open"}} {
		if c.n > 0 {
			all = append(all, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, ", ")
}
