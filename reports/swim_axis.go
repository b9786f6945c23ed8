package reports

import (
	"math"
	"slices"

	"github.com/chaosrun/chaosrun/timeline"
)

// A swimAxis maps times to the columns of a text. It is broken: a stretch that would fill the line
// is folded, so that short ones beside it can be seen.
type swimAxis struct {
	// at holds the instants at which something begins or ends, in order, and column the position of
	// each.
	at     []timeline.Seconds
	column []int
	// folded says which stretches, each from an instant to the next, are shorter than their time.
	folded []bool
}

// foldedAt is how many of the smallest units the longest stretch counts for: a unit is a column.
const foldedAt = 100

// newSwimAxis returns the axis of a swim in so many columns.
func newSwimAxis(s swim, columns int) swimAxis {
	a := swimAxis{at: s.instants()}
	for len(a.at)-1 > columns { // more stretches than columns: the shortest ones vanish
		a.at = slices.Delete(a.at, 1+a.shortest(), 2+a.shortest())
	}
	a.folded = make([]bool, len(a.at))
	a.column = make([]int, len(a.at))
	widths := a.widths(columns)
	for i, w := range widths {
		a.column[i+1] = a.column[i] + w
	}
	return a
}

// instants returns the times at which a lane changes.
func (s swim) instants() []timeline.Seconds {
	all := []timeline.Seconds{0, s.End}
	for _, lane := range s.Lanes {
		if lane.Kind == laneOfEngine {
			continue
		}
		for _, b := range lane.Bars {
			all = append(all, b.From, b.To)
		}
		for _, m := range lane.Marks {
			all = append(all, m.At)
		}
		for _, at := range []*timeline.Seconds{lane.Limit, lane.Fallback} {
			if at != nil && *at <= s.End {
				all = append(all, *at)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// shortest returns the shortest stretch that is not the last one.
func (a swimAxis) shortest() int {
	best := 0
	for i := range len(a.at) - 2 {
		if a.at[i+1]-a.at[i] < a.at[best+1]-a.at[best] {
			best = i
		}
	}
	return best
}

// widths returns the columns of each stretch: in proportion if each then has one, else with the
// long ones folded to an equal length.
func (a *swimAxis) widths(columns int) []int {
	lengths := make([]float64, len(a.at)-1)
	longest, all := 0.0, 0.0
	for i := range lengths {
		lengths[i] = float64(a.at[i+1] - a.at[i])
		longest, all = max(longest, lengths[i]), all+lengths[i]
	}
	widths := make([]int, len(lengths))
	if len(lengths) == 0 {
		return widths
	}
	unit := all / float64(columns)
	if slices.Min(lengths) < unit/2 { //nolint:mnd // it would vanish
		unit = longest / foldedAt
	}
	for most := columns; most > 0; most-- {
		sum := 0
		for i, l := range lengths {
			whole := max(1, int(math.Round(l/unit)))
			widths[i] = min(whole, most)
			a.folded[i] = widths[i] < whole
			sum += widths[i]
		}
		if sum <= columns {
			break
		}
	}
	return widths
}

// of returns the column of a time.
func (a swimAxis) of(at timeline.Seconds) int {
	i, found := slices.BinarySearch(a.at, at)
	if !found {
		i = max(0, i-1)
	}
	return a.column[i]
}
