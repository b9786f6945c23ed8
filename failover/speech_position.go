package failover

import "fmt"

// A position identifies an event within its answer. No other event of the answer has the same text
// and number, and numbers grow. The zero position says nothing.
type position struct {
	text   string
	number int64
}

// positions follows the positions of an answer's events. It keeps the first and the last: an event
// is repeated at once, or from the beginning by a gateway that asked its upstream again. The zero
// value is ready.
type positions struct {
	first, last position
	grown       int // how often the numbers have grown
	// unreliable reports that the numbers do not grow, because a gateway before the vendor counts
	// differently.
	unreliable bool
}

// enoughGrowth is how often numbers must grow, from the start, before the engine relies on them. A
// gateway that sends no numbers, or counts tokens per chunk, must not look like one that repeats
// itself.
const enoughGrowth = 3

// follow records the next position, or returns an error if it cannot be the next.
func (p *positions) follow(next position) error {
	switch {
	case next == position{}, next.number != 0 && p.unreliable:
		return nil
	case next.number > p.last.number:
		p.grown++
	case next.number != 0 && p.grown < enoughGrowth:
		p.unreliable = true
		return nil
	case next == p.last, next == p.first:
		return fmt.Errorf("%w: an event came twice", errParse)
	case next.number < p.last.number:
		return fmt.Errorf("%w: the events are out of order", errParse)
	}
	if p.first == (position{}) {
		p.first = next
	}
	p.last = next
	return nil
}
