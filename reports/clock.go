package reports

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// evidence sums up, in one line, the checks of the clock of a process tree, "" for other clocks.
func evidence(run Run) string {
	e := run.Evidence
	if e == nil {
		return ""
	}
	parts := []string{fmt.Sprintf("%s of %s is processor time", short(e.CPU), short(e.Passed))}
	if e.Jumps > 0 {
		parts = append(parts, fmt.Sprintf("%d jumps after %d looks (%d found a busy thread)", e.Jumps, e.Looks, e.Busy))
	}
	if e.Late > 0 {
		parts = append(parts, fmt.Sprintf("%d waits ended while a thread was busy", e.Late))
	}
	switch {
	case e.QuickAck:
		parts = append(parts, "TCP held nothing back")
	case e.Held > 0:
		parts = append(parts, fmt.Sprintf("%d times TCP held data back", e.Held))
	}
	parts = append(parts, fmt.Sprintf("%d of %d rounds of the canary late", e.CanaryLate, e.CanaryRounds))
	if len(e.Left) > 0 {
		parts = append(parts, "left in real time: "+strings.Join(e.Left, ", "))
	}
	return strings.Join(parts, "; ")
}

// label puts a word before a text, unless that is "".
func label(word, text string) string {
	if text == "" {
		return ""
	}
	return word + text
}

// Unequal describes repetitions of one run that should be equal and are not: in the requests at
// each provider, or in the outcome.
type Unequal struct {
	Label string `json:"label"`
	// Saw lists the different behaviours, each with its number of runs, in the order of first use.
	Saw []Saw `json:"saw"`
}

// Saw counts the repetitions of a run with one behaviour.
type Saw struct {
	What string `json:"what"`
	Runs int    `json:"runs"`
}

// String returns the difference in one line.
func (u Unequal) String() string {
	parts := make([]string, len(u.Saw))
	for i, s := range u.Saw {
		parts[i] = fmt.Sprintf("%s (%d)", s.What, s.Runs)
	}
	return u.Label + ": its repetitions differ: " + strings.Join(parts, ", ")
}

// Did describes, in a few words, what repetitions of the run should share: the outcome of each
// call, and the requests at each provider in the order of the chain.
func (r Run) Did() string {
	calls := make([]string, len(r.Calls))
	for i, c := range r.Calls {
		words := []string{c.Word}
		for _, p := range r.Providers {
			words = append(words, fmt.Sprintf("%s %d", p.Name, c.Measures.Attempts[p.Name]))
		}
		calls[i] = strings.TrimSpace(strings.Join(words, " "))
	}
	return strings.Join(calls, "; ")
}

var _ fmt.Stringer = Unequal{}

// inRealTime names the command that decides an unknown verdict on the wall clock, "" if none is
// open.
func (r Run) inRealTime() string {
	if r.Referee == "" {
		return ""
	}
	return "referee: " + Unbroken(r.Referee)
}

// slowed says how much longer a healthy call took than its script, "" if the difference is small.
func slowed(by timeline.Seconds) string {
	if by < slowHealthy {
		return ""
	}
	return fmt.Sprintf("a healthy call took %s longer than its script", short(by))
}
