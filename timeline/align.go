package timeline

import (
	"math"
	"slices"
	"time"
)

// A tape is a text made ready for comparison: symbols, each a byte or a word.
type tape struct {
	symbols []int
	// at holds when each symbol was sent or received, size its length in bytes, and blank whether
	// it is white space.
	at    []time.Duration
	size  []int
	blank []bool
	// cuts and edges hold for each position, the end included, whether a piece begins or ends
	// there, and whether a piece or a word does.
	cuts, edges []bool
}

// A span is a piece of what the caller holds, got[start:end], and where it is from: the symbols of
// a source that begin at from. Source foreign is none.
type span struct{ source, start, end, from int }

// foreign is the source of what no provider sent, and spaces that of white space between pieces.
const (
	foreign = -1
	spaces  = -2
)

// The costs of an explanation. Only their order matters, and the tests of the words hold it: one
// piece more is worse than a piece cut within a word, another answer is worse than the same one
// again, and bytes that nobody sent are worse than a few pieces, but better than letters picked
// one by one.
const (
	jumpCost    = 6  // for every piece after the first
	switchCost  = 2  // for a piece of another answer, beside that
	foreignCost = 12 // for the first byte of no provider
	spaceCost   = 2  // for white space of no provider, between pieces
	byteCost    = 2  // for each byte of it
	landCost    = 2  // for a piece that begins with a word or piece of its source, not with all of it
	leaveCost   = 3  // for one that ends with a word or piece of its source, before its end
	deliverCost = 3  // for one that begins or ends elsewhere, but with a delivery
	withinCost  = 6  // for one that begins or ends elsewhere
)

// An origin is the best way to be at a position of got, before the next piece: the source of the
// piece before it, its end there, and where it began in got.
type origin struct{ cost, source, end, start int }

const never = math.MaxInt32 / 4 // costs more than any explanation

// An aligner explains got as pieces of sources at the least cost. It takes time in proportion to
// the symbols of got times those of all sources.
type aligner struct {
	got     tape
	sources []tape
	// group holds the answer to which each source belongs.
	group []int
	// cost and start hold for each source, and each end of a piece in it, the least cost and where
	// the piece begins in got.
	cost, start     [][]int
	foreign, spaces origin
	// before holds for each position of got and each source, foreign and spaces last, the best
	// origin of a piece that begins there.
	before [][]origin
}

// align returns the pieces of the cheapest explanation, in order.
func align(got tape, sources []tape, group []int) []span {
	a := aligner{got: got, sources: sources, group: group, foreign: origin{cost: never}, spaces: origin{cost: never}}
	for _, s := range sources {
		a.cost, a.start = append(a.cost, filled(len(s.symbols)+1)), append(a.start, make([]int, len(s.symbols)+1))
	}
	left := []origin{{source: foreign}} // nothing was taken yet
	for i := range got.symbols {
		if i > 0 {
			left = a.leave(i)
		}
		enter := a.enter(i, left)
		a.before = append(a.before, enter)
		a.step(i, enter)
	}
	return a.trace(a.leave(len(got.symbols)))
}

func filled(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = never
	}
	return all
}

// leave returns for each source, foreign and spaces last, the cheapest piece that may end at
// position i.
func (a *aligner) leave(i int) []origin {
	all := make([]origin, 0, len(a.sources)+2) //nolint:mnd // the two that are no sources
	for s, src := range a.sources {
		best := origin{cost: never, source: s}
		for j, cost := range a.cost[s] {
			if cost >= best.cost {
				continue
			}
			if j < len(src.symbols) {
				cost += edge(src, j, a.got.cuts[i], leaveCost)
			}
			if cost < best.cost {
				best = origin{cost: cost, source: s, end: j, start: a.start[s][j]}
			}
		}
		all = append(all, best)
	}
	return append(all, a.foreign, a.spaces)
}

// edge returns the cost of a piece that begins or ends at position j of a source.
func edge(src tape, j int, delivery bool, usual int) int {
	switch {
	case src.edges[j]:
		return usual
	case delivery:
		return deliverCost
	default:
		return withinCost
	}
}

// enter returns for each source, foreign and spaces last, the best origin of a piece that begins
// at i.
func (a *aligner) enter(i int, left []origin) []origin {
	all := make([]origin, 0, len(a.sources)+2) //nolint:mnd // likewise
	for s := range a.sources {
		all = append(all, best(left, func(o origin) int {
			switch {
			case i == 0:
				return 0
			case o.source < 0 || a.group[o.source] == a.group[s]:
				return jumpCost
			default:
				return jumpCost + switchCost
			}
		}))
	}
	free := func(origin) int { return 0 }
	return append(all, best(left, free), best(left, free))
}

// best returns the cheapest origin, with the cost of going on from it.
func best(left []origin, jump func(origin) int) origin {
	best := origin{cost: never, source: foreign}
	for _, o := range left {
		if o.cost += jump(o); o.cost < best.cost {
			best = o
		}
	}
	return best
}

// step takes symbol i of got, as the next one of each source, as a foreign one or as a space.
func (a *aligner) step(i int, enter []origin) {
	for s, src := range a.sources {
		cost, start := a.cost[s], a.start[s]
		for j, symbol := range slices.Backward(src.symbols) {
			if symbol != a.got.symbols[i] || src.at[j] > a.got.at[i] {
				cost[j+1] = never
				continue
			}
			cost[j+1], start[j+1] = cost[j], start[j]
			begin := enter[s].cost
			if j > 0 {
				begin += edge(src, j, a.got.cuts[i], landCost)
			}
			if begin < cost[j+1] {
				cost[j+1], start[j+1] = begin, i
			}
		}
		cost[0] = never
	}
	others := enter[len(a.sources)].cost
	if others+foreignCost < a.foreign.cost {
		a.foreign = origin{cost: others + foreignCost, source: foreign, start: i}
	}
	a.foreign.cost = min(never, a.foreign.cost+byteCost*a.got.size[i])
	switch {
	case !a.got.blank[i]:
		a.spaces.cost = never
	case others+spaceCost < a.spaces.cost:
		a.spaces = origin{cost: others + spaceCost, source: spaces, start: i}
	}
}

// trace follows the origins from the end of got to its beginning.
func (a *aligner) trace(left []origin) []span {
	last := left[0]
	for _, o := range left {
		if o.cost < last.cost {
			last = o
		}
	}
	var spans []span
	for end := len(a.got.symbols); end > 0; {
		s := span{source: last.source, start: last.start, end: end}
		index := s.source
		switch s.source {
		case foreign, spaces:
			index = len(a.sources)
		default:
			s.from = last.end - (end - s.start)
		}
		spans = append(spans, s)
		end, last = s.start, a.before[s.start][index]
	}
	slices.Reverse(spans)
	return spans
}
