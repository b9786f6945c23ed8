package fakeprovider

import "time"

// A Paced fault holds a stream open with things that are no content, at a steady pace. It proves
// nothing about an engine whose idle timer is shorter than the pause: such an engine gives up
// for the pause alone, whatever it counts.
type Paced interface {
	Fault
	// Pace returns the longest pause between two things that are no content. 0 says that there is
	// none.
	Pace() time.Duration
	// WithPace returns the fault with pauses of d at most. It does not lengthen any, and does not
	// modify its receiver.
	WithPace(d time.Duration) Fault
}

// PaceOf returns the longest pause of a fault that is Paced, and 0 for any other.
func PaceOf(p Fault) time.Duration {
	if paced, ok := p.(Paced); ok {
		return paced.Pace()
	}
	return 0
}

// AtPace returns a fault with pauses of d at most. A fault that is not Paced is returned unchanged.
func AtPace(p Fault, d time.Duration) Fault {
	if paced, ok := p.(Paced); ok && paced.Pace() > d {
		return paced.WithPace(d)
	}
	return p
}
