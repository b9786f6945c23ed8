package reports

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// Beside compares engines, as people run them, with the policies that model them.
type Beside struct {
	// Issue is the URL of the bug report. Title is that of the scenario.
	Issue, Title string
	// Cadence is the longest pause between heartbeats.
	Cadence time.Duration
	// Rows are in the order of the table.
	Rows []BesideRow
}

// A BesideRow is an engine and its policy. Either may be nil.
type BesideRow struct{ Engine, Policy *Run }

// agreement is the largest difference between the times to fallback of an engine and its policy, as
// a share of the longer one, that counts as equal. A policy takes no time to start, and polls no
// timer.
const agreement = 0.02

// Differs says how the engine differs from its policy, or "".
func (r BesideRow) Differs() string {
	if r.Engine == nil || r.Policy == nil || len(r.Engine.Calls) == 0 || len(r.Policy.Calls) == 0 {
		return ""
	}
	engine, policy := r.Engine.Calls[0].Measures, r.Policy.Calls[0].Measures
	if requests(*r.Engine) != requests(*r.Policy) {
		return fmt.Sprintf("%s requests, but %s with its policy", requests(*r.Engine), requests(*r.Policy))
	}
	switch e, p := engine.TimeToFallback, policy.TimeToFallback; {
	case e == nil && p == nil:
		return ""
	case e == nil || p == nil, math.Abs(float64(*e-*p)) > agreement*float64(max(*e, *p)):
		return fmt.Sprintf("it falls back after %s, but its policy after %s", fallbackOf(r.Engine),
			fallbackOf(r.Policy))
	}
	return ""
}

// Unknown reports whether the engine could not be judged.
func (r BesideRow) Unknown() bool {
	return r.Engine != nil && (r.Engine.Verdict == assertions.Unknown || r.Engine.Verdict == assertions.Skipped)
}

// Text writes the table, the differences and their possible causes.
func (b *Beside) Text(w io.Writer, s Screen) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n%s\n\n%s\n%s", b.Issue, b.Title, b.table(s), b.sentences())
	if _, err := io.WriteString(w, s.Fold(out.String())); err != nil {
		return fmt.Errorf("reports: beside: %w", err)
	}
	return nil
}

// table renders each engine, and below it the policy that models it.
func (b *Beside) table(s Screen) string {
	g := textTable{head: []string{"engine and its policy", "version", "requests", "time to\nfallback", "verdict"}}
	for _, r := range b.Rows {
		if r.Engine != nil {
			g.rows = append(g.rows, append([]string{engineOf(*r.Engine), r.Engine.TargetVersion},
				besideCells(s, *r.Engine)...))
		}
		if r.Policy != nil {
			g.rows = append(g.rows, append([]string{"  " + policyOf(r.Policy), ""}, besideCells(s, *r.Policy)...))
		}
	}
	return g.render(s)
}

func policyOf(run *Run) string {
	if run == nil {
		return ""
	}
	return run.Policy
}

func besideCells(s Screen, run Run) []string {
	return []string{
		cmp.Or(requests(run), "–"), fallbackOf(&run), s.paint(run.Verdict, run.Verdict.String()),
	}
}

// fallbackOf returns the time to fallback of the first call.
func fallbackOf(run *Run) string {
	if len(run.Calls) == 0 {
		return "–"
	}
	c := run.Calls[0]
	switch {
	case c.Measures.TimeToFallback != nil:
		return minutes(c.Measures.TimeToFallback.Duration())
	case c.Outcome == timeline.Hung:
		return "never"
	}
	return "–"
}

func (b *Beside) sentences() string {
	var out strings.Builder
	agree := 0
	for _, r := range b.Rows {
		switch {
		case r.Engine == nil:
		case r.Unknown():
			fmt.Fprintf(&out, "%s could not be judged: %s\n", engineOf(*r.Engine),
				strings.TrimPrefix(seen(*r.Engine), "unknown: "))
		case r.Differs() != "":
			fmt.Fprintf(&out, "%s differs from %s: %s\n", engineOf(*r.Engine), policyOf(r.Policy), r.Differs())
		case r.Policy != nil:
			agree++
		}
	}
	fmt.Fprintf(&out,
		"%d of %d engines behave as their policies: the same number of requests, and a fallback time within %.0f %%.\n",
		agree, b.engines(), 100*agreement)
	fmt.Fprintf(&out, "An engine may take longer than its policy, which leaves out how often the engine polls its "+
		"timer, and that a kill is noticed at the next heartbeat, up to %s later. Times are from the first request. "+
		"\"never\" is a call that was cut without a fallback.\n", b.Cadence)
	return out.String()
}

func (b *Beside) engines() int {
	n := 0
	for _, r := range b.Rows {
		if r.Engine != nil {
			n++
		}
	}
	return n
}
