package failover

import (
	"fmt"
	"strings"
)

// A place is where an event stands in its answer, by what the protocol says of it. No other event of the answer has the same text and number, and
// numbers do not fall. The zero place is anywhere.
type place struct {
	text   string
	number int64
}

// places is where the events of an answer have stood. It keeps the first and the last: what is repeated is repeated at once, or from the beginning on,
// by a gateway that has asked its upstream again. The zero value is ready.
type places struct{ first, last place }

// follow takes down the next place, or returns an error where it cannot be the next.
func (p *places) follow(next place) error {
	switch {
	case next == place{}:
		return nil
	case next == p.last, next == p.first:
		return fmt.Errorf("%w: an event came twice", errParse)
	case next.number < p.last.number:
		return fmt.Errorf("%w: the events are out of order", errParse)
	}
	if p.first == (place{}) {
		p.first = next
	}
	p.last = next
	return nil
}

// texts returns an error where a field is there, by its JSON, and is no text: an SDK may hand it on as what it is.
func texts(fields ...string) error {
	for _, raw := range fields {
		if raw != "" && raw != "null" && !strings.HasPrefix(raw, `"`) {
			return fmt.Errorf("%w: what should be a text is %.20s", errParse, raw)
		}
	}
	return nil
}
