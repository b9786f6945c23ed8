package fakeprovider

import (
	"errors"
	"fmt"
	"time"
)

// A Limit selects the requests to which the fault of an entry applies; the others are answered as
// Healthy does. All that is set must hold. The zero Limit selects every request.
type Limit struct {
	// First applies the fault to the first so many requests that reach the entry. Then the next
	// entry is due, or, where there is none, the provider has recovered for good. 0 is no limit.
	First int `yaml:"first"`
	// Nth applies it to one of them alone, from 1. 0 is no limit.
	Nth int `yaml:"nth"`
	// EveryNth applies it to each nth of them: 3 is the third, the sixth and so on. 0 is no limit.
	EveryNth int `yaml:"every_nth"`
	// Between applies it from one time of the run to another, as in [10s, 60s], the latter left
	// out; without a second time it never ends. Default: always.
	Between Window `yaml:"between"`
	// Probability applies it by chance, drawn from the run's seed for each attempt: above 0, up to
	// 1. 0 is no limit.
	Probability float64 `yaml:"probability"`
}

// Limited applies a fault to some of the requests.
type Limited struct {
	Fault Fault
	Limit
}

var (
	_ Fault     = Limited{}
	_ Validator = Limited{}
)

// Script returns the fault's script.
func (l Limited) Script() Script { return l.Fault.Script() }

// Validate refuses limits that never hold, and a fault whose parameters are refused.
func (l Limited) Validate() error {
	errs := []error{validate(l.Fault)}
	for name, n := range map[string]int{"first": l.First, "nth": l.Nth, "every_nth": l.EveryNth} {
		if n < 0 {
			errs = append(errs, fmt.Errorf("%s is %d, want 1 or more", name, n))
		}
	}
	if l.First > 0 && l.Nth > l.First {
		errs = append(errs, fmt.Errorf("nth is %d, but only the first %d get here", l.Nth, l.First))
	}
	if l.First > 0 && l.EveryNth > l.First {
		errs = append(errs, fmt.Errorf("every_nth is %d, but only the first %d get here", l.EveryNth, l.First))
	}
	if l.Nth > 0 && l.EveryNth > 0 {
		errs = append(errs, errors.New("nth and every_nth: write one of them"))
	}
	if l.Probability < 0 || l.Probability > 1 {
		errs = append(errs, fmt.Errorf("probability is %g, want above 0 and up to 1", l.Probability))
	}
	return errors.Join(append(errs, l.Between.Validate())...)
}

// validate calls Validate on a part of a scenario that has it.
func validate(part any) error {
	if v, ok := part.(Validator); ok {
		return v.Validate() //nolint:wrapcheck // it says whose it is
	}
	return nil
}

// applies reports whether the fault applies to the nth request that reaches the entry, from 1.
func (l Limit) applies(nth int, now time.Duration, chance func() float64) bool {
	switch {
	case l.First > 0 && nth > l.First,
		l.Nth > 0 && nth != l.Nth,
		l.EveryNth > 0 && nth%l.EveryNth != 0,
		!l.Between.holds(now),
		l.Probability > 0 && chance() >= l.Probability:
		return false
	}
	return true
}

// A Window is a time of the run, counted from its start: [from, to], or [from] for all that
// follows. The empty Window always holds.
type Window []time.Duration

// Validate refuses a window that never opens.
func (w Window) Validate() error {
	switch {
	case len(w) > 2:
		return fmt.Errorf("between has %d times, want from and to, as in [10s, 60s]", len(w))
	case len(w) > 0 && w[0] < 0:
		return fmt.Errorf("between begins at %s, want 0s or more", w[0])
	case len(w) == 2 && w[1] <= w[0]:
		return fmt.Errorf("between ends at %s, not after its beginning at %s", w[1], w[0])
	}
	return nil
}

func (w Window) holds(now time.Duration) bool {
	return (len(w) < 1 || now >= w[0]) && (len(w) < 2 || now < w[1])
}

// An Outage is a fault that replaces all that a provider does for a while: a cause outside of the
// provider, which other providers can share. It uses up no entry.
type Outage struct {
	Fault   Fault
	Between Window
}

// Later returns a fault whose script begins later by a duration. A fault that acts before there is
// a request has no script to delay, and is returned unchanged.
func Later(p Fault, by time.Duration) Fault {
	if l, ok := p.(Limited); ok {
		l.Fault = Later(l.Fault, by)
		return l
	}
	if phaseOf(p) != phaseRequest {
		return p
	}
	return append(Script{Wait{For: by}}, p.Script()...)
}
