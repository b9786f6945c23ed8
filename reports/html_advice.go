package reports

import (
	"cmp"
	"maps"
	"slices"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// mostAdvice bounds the lines at the top of a page, mostCounted the different ones that are
// counted.
const (
	mostAdvice  = 5
	mostCounted = 1000
)

// advise counts a failed run by what would help it: what its target's author advises, else what
// its failed expectations advise, else their names.
func (m *matrix) advise(id int, run Run, slow timeline.Seconds) {
	if run.Verdict != assertions.Failed {
		return
	}
	seen := map[string]bool{}
	for _, e := range run.Expectations {
		if e.Verdict != assertions.Failed || e.Advisory {
			continue
		}
		text, own := cmp.Or(run.Advice, e.Advice), true
		if text == "" {
			text, own = e.Name+" failed", false
		}
		if seen[text] {
			continue
		}
		seen[text] = true
		a := m.advice[text]
		if a == nil {
			if len(m.advice) == mostCounted {
				continue
			}
			a = &advised{text: text, own: own}
			m.advice[text] = a
		}
		a.runs++
		if a.runs == 1 || slow > a.slow {
			a.id, a.label, a.said, a.slow = id, run.Label(), e.Message, slow
		}
	}
}

// adviceFirst returns what helps, the most runs first. Names of expectations come last.
func (m *matrix) adviceFirst() []*advised {
	return slices.SortedFunc(maps.Values(m.advice), func(a, b *advised) int {
		if a.own != b.own {
			if a.own {
				return -1
			}
			return 1
		}
		return cmp.Or(b.runs-a.runs, cmp.Compare(b.slow, a.slow), cmp.Compare(a.text, b.text))
	})
}
