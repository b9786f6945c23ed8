package failover

import "fmt"

// A place is where an event stands in its answer, by what the protocol says of it. No other event of the answer has the same text and number, and
// numbers grow. The zero place is anywhere.
type position struct {
	text   string
	number int64
}

// places is where the events of an answer have stood. It keeps the first and the last: what is repeated is repeated at once, or from the beginning on,
// by a gateway that has asked its upstream again. The zero value is ready.
type positions struct {
	first, last position
	grown       int  // how often the numbers have grown
	unreliable  bool // the numbers do not grow: somebody between us and the vendor counts in his own way
}

// enoughGrowth is how often numbers have to have grown, from the beginning on, before they are believed to. A gateway that numbers nothing, or tells the
// tokens of each chunk alone, is not to be taken for one that repeats itself.
const enoughGrowth = 3

// follow takes down the next place, or returns an error where it cannot be the next.
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
