package campaign

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// busy is what a busy machine may add to a call on the wall clock, and what nobody calls slower.
const busy = 300 * time.Millisecond

// A Tolerance says by how much two times may differ. The zero Tolerance is none.
type Tolerance struct {
	// Share is a share of the first time, and Time an absolute one. The larger counts.
	Share float64
	Time  time.Duration
}

// SameTime is the tolerance for equal times on different clocks: a fiftieth or 0.3 s, which a busy
// machine may add to a call on the wall clock.
func SameTime() Tolerance { return Tolerance{Share: 0.02, Time: busy} }

// ParseTolerance parses a share such as "20%", which is never less than 0.3 s, or a time such as
// "2s".
func ParseTolerance(text string) (Tolerance, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		share, err := strconv.ParseFloat(number, 64)
		if err == nil && share >= 0 && share <= 1e6 {
			return Tolerance{Share: share / 100, Time: busy}, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return Tolerance{Time: d}, nil
	}
	return Tolerance{}, usage("slower",
		"{option} %q: write a share or a time, as in {option} 20%% or {option} 2s", text)
}

// exceeded reports whether b is longer than a by more than the tolerance.
func (t Tolerance) exceeded(a, b timeline.Seconds) bool {
	return float64(b-a) > max(t.Share*math.Abs(float64(a)), float64(t.Time))
}

// ChangeKind says what a change means. The kinds are in the order of their importance.
type ChangeKind uint8

const (
	// NewlyFailed is a cell that fails, and did not.
	NewlyFailed ChangeKind = iota + 1
	// Slower is a cell that takes longer to fall back or to answer.
	Slower
	// NewlyOpen is a cell that is unknown or skipped, and was judged.
	NewlyOpen
	// NewlyPassed is a cell that passes, and failed.
	NewlyPassed
	// Different is any other change.
	Different
)

// String returns the kind in lower case words.
func (k ChangeKind) String() string {
	return []string{"", "newly failed", "slower", "no longer judged", "newly passed", "different"}[k]
}

// A Change is a cell that two sets of reports have, with what differs.
type Change struct {
	// Cell is the label with the seed: "heartbeat-only / mine, seed 1".
	Cell string
	Kind ChangeKind
	// How has a sentence for each difference.
	How []string
}

// Changes are the differences between two sets of reports.
type Changes struct {
	// Compared is the number of cells that both have.
	Compared int
	// All is ordered by kind and cell.
	All []Change
	// OnlyA and OnlyB are the cells that one of them has, sorted.
	OnlyA, OnlyB []string
}

// CompareOptions select what counts as a change.
type CompareOptions struct {
	// Slower bounds how much longer times may get, and also says which times are worth a word.
	Slower Tolerance
	// Equal makes every change [Different], whether it is for the better or the worse. Times are
	// only compared if Times is set, with the tolerance of SameTime.
	Equal, Times bool
}

// CompareReports compares the cells that both sets have: verdict, outcome, the requests at each
// provider, and the times to fallback and to the answer. Cells are identified by label and seed.
func CompareReports(a, b []reports.Report, o CompareOptions) *Changes {
	left, right := byCell(a), byCell(b)
	c := &Changes{}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		other, ok := right[name]
		if !ok {
			c.OnlyA = append(c.OnlyA, name)
			continue
		}
		c.Compared++
		if kind, how := o.change(left[name], other); len(how) > 0 {
			c.All = append(c.All, Change{Cell: name, Kind: kind, How: how})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(right)) {
		if _, ok := left[name]; !ok {
			c.OnlyB = append(c.OnlyB, name)
		}
	}
	slices.SortStableFunc(c.All, func(x, y Change) int { return cmp.Compare(x.Kind, y.Kind) })
	return c
}

// Count returns the number of changes of a kind.
func (c *Changes) Count(kind ChangeKind) (n int) {
	for _, change := range c.All {
		if change.Kind == kind {
			n++
		}
	}
	return n
}

// byCell returns the runs by label and seed.
func byCell(all []reports.Report) map[string]reports.Run {
	cells := map[string]reports.Run{}
	for _, report := range all {
		for _, run := range report.Runs {
			cells[fmt.Sprintf("%s, seed %d", run.Label(), run.Seed)] = run
		}
	}
	return cells
}

// judged reports whether a run has a verdict about the engine.
func judged(v assertions.Verdict) bool { return v.Holds() || v == assertions.Failed }

// change returns what differs between two runs of a cell, and what that means.
func (o CompareOptions) change(a, b reports.Run) (kind ChangeKind, how []string) {
	kind = Different
	if a.Verdict != b.Verdict {
		how = append(how, fmt.Sprintf("verdict %s → %s%s", a.Verdict, b.Verdict, because(b)))
	}
	if x, y := len(a.Calls), len(b.Calls); x != y {
		how = append(how, fmt.Sprintf("calls %d → %d", x, y))
	}
	slower := false
	for i := range min(len(a.Calls), len(b.Calls)) {
		said, longer := o.call(a.Calls[i], b.Calls[i])
		if len(a.Calls) > 1 && len(said) > 0 {
			said[0] = fmt.Sprintf("call %d: %s", i+1, said[0])
		}
		how, slower = append(how, said...), slower || longer
	}
	switch was, is := a.Verdict, b.Verdict; {
	case o.Equal:
	case is == assertions.Failed && was != is:
		kind = NewlyFailed
	case slower:
		kind = Slower
	case judged(was) && !judged(is):
		kind = NewlyOpen
	case was == assertions.Failed && is.Holds():
		kind = NewlyPassed
	}
	return kind, how
}

// call returns what differs between two calls, and whether the second one is slower.
func (o CompareOptions) call(a, b reports.Call) (how []string, slower bool) {
	if a.Outcome != b.Outcome {
		how = append(how, fmt.Sprintf("outcome %s → %s", a.Outcome, b.Outcome))
	}
	if x, y := attempts(a), attempts(b); x != y {
		how = append(how, fmt.Sprintf("requests %s → %s", x, y))
	}
	for _, t := range []struct {
		name string
		a, b *timeline.Seconds
	}{
		{"time to fallback", a.Measures.TimeToFallback, b.Measures.TimeToFallback},
		{"time to the answer", a.Measures.TimeToAnswer, b.Measures.TimeToAnswer},
	} {
		said, longer := o.times(t.a, t.b)
		if said != "" {
			how, slower = append(how, t.name+" "+said), slower || longer
		}
	}
	return how, slower
}

// times returns how two times differ, "" if they do not.
func (o CompareOptions) times(a, b *timeline.Seconds) (how string, slower bool) {
	tolerance := o.Slower
	if o.Equal {
		if !o.Times {
			return "", false
		}
		tolerance = SameTime()
	}
	how = shown(a) + " → " + shown(b)
	switch {
	case a == nil && b == nil:
		return "", false
	case a == nil || b == nil:
		return how, false // that it never happened is a matter of the verdict and the outcome
	case tolerance.exceeded(*a, *b):
		return how, true
	case tolerance.exceeded(*b, *a):
		return how, false
	}
	return "", false
}

func shown(s *timeline.Seconds) string {
	if s == nil {
		return "never"
	}
	return s.Duration().Round(time.Millisecond).String()
}

// attempts returns the requests at each provider, sorted by name: "primary 3, secondary 1".
func attempts(c reports.Call) string {
	var all []string
	for _, provider := range slices.Sorted(maps.Keys(c.Measures.Attempts)) {
		all = append(all, fmt.Sprintf("%s %d", provider, c.Measures.Attempts[provider]))
	}
	return cmp.Or(strings.Join(all, ", "), "none")
}

// because returns the message of the first expectation that decided the verdict of a run.
func because(r reports.Run) string {
	if r.Verdict.Holds() {
		return ""
	}
	if r.SkipReason != "" {
		return ": " + r.SkipReason
	}
	for _, e := range r.Expectations {
		if e.Verdict == r.Verdict {
			return ": " + e.Message
		}
	}
	return ""
}
