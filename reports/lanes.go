package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Lanes writes one run whose caller was not seen: the providers' events, the measures that need
// only them, and the verdict. The error is the writer's.
func Lanes(w io.Writer, run Run, s Screen) error {
	var b strings.Builder
	if run.Verdict == assertions.Skipped {
		fmt.Fprintf(&b, "%s  %s: %s\n", s.verdict(run.Verdict), run.Scenario, run.SkipReason)
		_, err := io.WriteString(w, s.Fold(b.String()))
		return err
	}
	b.WriteString("what the providers saw, from the start of the command:\n")
	b.WriteString(indented(swimText(run, s.narrower(indent)), indent))
	for line := range strings.Lines(Story(lanesOf(run.Timeline))) {
		b.WriteString("  " + line)
	}
	fmt.Fprintf(&b, "%s  %s%s\n", s.verdict(run.Verdict), run.Scenario, titleOf(run))
	if run.Verdict == assertions.Failed || run.Verdict == assertions.Partial {
		fmt.Fprintf(&b, "  %s\n", Sentence(run))
	}
	for _, e := range run.Expectations {
		where := ""
		if e.Line > 0 {
			where = fmt.Sprintf(" (line %d)", e.Line)
		}
		fmt.Fprintf(&b, "  %s  %s%s: %s\n", s.verdict(e.Verdict), e.Name, where, e.Message)
		b.WriteString(e.arrow("           "))
	}
	fmt.Fprintf(&b, "  time to fallback: %s\n", fallbacks(run))
	fmt.Fprintf(&b, "  attempts: %s\n", attempts(run))
	fmt.Fprintf(&b, "  connections: %s\n", connections(run))
	if run.Cadence > 0 {
		fmt.Fprintf(&b, "  heartbeats every %s, more often than the scenario says\n", run.Cadence.Duration())
	}
	if text := hint(run); text != "" {
		fmt.Fprintf(&b, "  hint:   %s\n", text)
	}
	if run.Issue != "" {
		fmt.Fprintf(&b, "  issue:  %s\n", run.Issue)
	}
	if line := label("clock:  ", evidence(run)); line != "" {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "  replay: %s\n", Unbroken(run.Replay))
	if line := run.inRealTime(); line != "" {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	_, err := io.WriteString(w, s.Fold(b.String()))
	return err
}

// hint says what to change if the command's requests did not reach the providers as they should, or
// returns "".
func hint(run Run) string {
	if run.Verdict != assertions.Unknown || len(run.Providers) == 0 {
		return ""
	}
	seen := timeline.Timeline{Events: run.Timeline}.Attempts()
	if len(seen) == 0 {
		name := strings.ToUpper(strings.ReplaceAll(run.Providers[0].Name, "-", "_"))
		return fmt.Sprintf("the command sent no request; it must read the addresses from %s_BASE_URL and the like, "+
			"or from the variables of the vendors' SDKs", name)
	}
	understood, refused := "", false
	for _, a := range seen {
		i := slices.IndexFunc(run.Providers, func(p timeline.Provider) bool { return p.Name == a.Provider })
		switch {
		case a.N == 0:
			refused = true
		case understood == "" && i >= 0:
			understood = run.Providers[i].Protocol
		}
	}
	if !refused || understood == "" ||
		!slices.ContainsFunc(run.Providers, func(p timeline.Provider) bool { return p.Protocol != understood }) {
		return ""
	}
	return "--protocol " + understood + " makes every provider speak the protocol of the first request"
}

func titleOf(run Run) string {
	if run.Title == "" {
		return ""
	}
	return ": " + run.Title
}

// lanesOf returns the events that were seen: without the prompt, and without the caller's answer.
func lanesOf(events []timeline.Event) []timeline.Event {
	var all []timeline.Event
	for _, e := range events {
		switch e.Kind { //nolint:exhaustive // the others were seen
		case timeline.CallAnswered:
			continue
		case timeline.CallStarted:
			e.Text = ""
		}
		all = append(all, e)
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
	counts, total, beside := map[string]int{}, 0, 0
	for _, a := range (timeline.Timeline{Events: run.Timeline}).Attempts() {
		if a.N > 0 && a.Call > 0 {
			counts[a.Provider]++
			total++
		}
		if a.N > 0 && a.Call == 0 {
			beside++
		}
	}
	var all []string
	for _, p := range run.Providers {
		all = append(all, fmt.Sprintf("%s %d", p.Name, counts[p.Name]))
	}
	text := strings.Join(all, ", ")
	if beside > 0 {
		text += fmt.Sprintf(", without %d that met no fault", beside)
	}
	switch n := len(run.Calls); {
	case total == 0:
		return text
	case n == 1:
		return fmt.Sprintf("%s; amplification %d", text, total)
	default:
		return fmt.Sprintf("%s; %d calls, amplification %.1f", text, n, float64(total)/float64(max(1, n)))
	}
}

// closing is how long the providers may take to see that the command is gone.
const closing = 50 * time.Millisecond

// endOf returns when the command began to end: when it was signalled, or shortly before it was
// gone.
func endOf(run Run) time.Duration {
	seen := timeline.Timeline{Events: run.Timeline}
	if i := seen.Find(timeline.EngineLane, timeline.Decided); i >= 0 {
		return seen.Events[i].At
	}
	last, _ := seen.Client(max(1, len(run.Calls)))
	return last.End - closing
}

// connections returns how the requests ended, as the providers saw it.
func connections(run Run) string {
	what := []string{
		"ended", "closed by the command", "closed when the command ended", "cut by the provider", "left open",
	}
	counts := make([]int, len(what))
	end := endOf(run)
	for _, a := range (timeline.Timeline{Events: run.Timeline}).Attempts() {
		i := 3
		switch {
		case a.N == 0:
			continue
		case a.Open:
			i = 4
		case a.Ending == timeline.ClientDisconnected && a.End >= end:
			i = 2
		case a.Ending == timeline.ClientDisconnected:
			i = 1
		case a.Ending == timeline.ResponseEnded:
			i = 0
		}
		counts[i]++
	}
	var all []string
	for i, n := range counts {
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, what[i]))
		}
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, ", ")
}
