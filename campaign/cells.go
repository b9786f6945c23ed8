package campaign

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Sample draws some cells of stored reports, to run them again.
type Sample struct {
	// OneIn draws one cell of every OneIn, at random from Seed. Default: all cells.
	OneIn int
	Seed  uint64
	// Below excludes cells that took longer, on the engine's clock. Default: none.
	Below time.Duration
	// Targets are the names of the targets, without @VARIANT. Default: all in other processes.
	Targets []string
}

// Draw returns the labels of the drawn cells, sorted, and the runs that they are drawn from.
// Skipped and unknown runs, and runs of engines of this program, are left out.
func (s Sample) Draw(all []reports.Report) []string {
	var labels []string
	for _, report := range all {
		for _, run := range report.Runs {
			name, _, _ := strings.Cut(run.Target, "@")
			switch {
			case run.Verdict == assertions.Skipped, run.Verdict == assertions.Unknown, !run.Outside:
			case s.Below > 0 && run.Simulated.Duration() >= s.Below:
			case s.Targets != nil && !slices.Contains(s.Targets, name):
			default:
				labels = append(labels, run.Label())
			}
		}
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if s.OneIn < 2 || len(labels) == 0 {
		return labels
	}
	chance := rand.New(rand.NewPCG(s.Seed, 0))
	n := (len(labels) + s.OneIn - 1) / s.OneIn
	drawn := make([]string, 0, n)
	for _, i := range chance.Perm(len(labels))[:n] {
		drawn = append(drawn, labels[i])
	}
	slices.Sort(drawn)
	return drawn
}

// Tolerances of times on different clocks: the larger of a fiftieth and 0.3 s, which a busy machine
// may add to a call on the wall clock.
const (
	relative = 0.02
	absolute = 300 * time.Millisecond
)

// A Match says how the cells of two sets of reports agree.
type Match struct {
	// Compared is the number of cells that both have.
	Compared int
	// Differences has a line for each cell that differs, sorted.
	Differences []string
}

// Agree compares the cells that both sets have: verdict, outcome and the requests at each provider
// must be equal. times also compares the times to fallback and to the answer. Cells are identified
// by label and seed.
func Agree(a, b []reports.Report, times bool) Match {
	left, right := byCell(a), byCell(b)
	var m Match
	for _, cell := range slices.Sorted(maps.Keys(left)) {
		other, ok := right[cell]
		if !ok {
			continue
		}
		m.Compared++
		if how := differ(left[cell], other, times); len(how) > 0 {
			m.Differences = append(m.Differences, cell+": "+strings.Join(how, "; "))
		}
	}
	return m
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

// differ lists the differences between two runs of one cell.
func differ(a, b reports.Run, times bool) (how []string) {
	say := func(what string, x, y any) {
		if was, is := fmt.Sprint(x), fmt.Sprint(y); was != is {
			how = append(how, fmt.Sprintf("%s %s and %s", what, was, is))
		}
	}
	say("verdicts", a.Verdict, b.Verdict)
	say("calls", len(a.Calls), len(b.Calls))
	for i := range min(len(a.Calls), len(b.Calls)) {
		x, y := a.Calls[i], b.Calls[i]
		say("outcomes", x.Outcome, y.Outcome)
		say("requests", x.Measures.Attempts, y.Measures.Attempts)
		if times {
			say("times to fallback", within(x.Measures.TimeToFallback, y.Measures.TimeToFallback),
				shown(y.Measures.TimeToFallback))
			say("times to the answer", within(x.Measures.TimeToAnswer, y.Measures.TimeToAnswer),
				shown(y.Measures.TimeToAnswer))
		}
	}
	return how
}

// within returns a time as text: b's if both are equal within the tolerance.
func within(a, b *timeline.Seconds) string {
	if a != nil && b != nil {
		apart := math.Abs(float64(*a - *b))
		if apart <= float64(absolute) || apart <= relative*math.Max(float64(*a), float64(*b)) {
			return shown(b)
		}
	}
	return shown(a)
}

func shown(s *timeline.Seconds) string {
	if s == nil {
		return "never"
	}
	return s.Duration().Round(time.Millisecond).String()
}
