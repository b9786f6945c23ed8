package proctime

import "time"

// Counters say how a tree's time has passed so far, for readers inside the tree.
type Counters struct {
	// Passed is the time of the tree, Leapt its part from jumps, and CPU its part from processor
	// time. CPU is 0 if processor time takes no virtual time.
	Passed, Leapt, CPU time.Duration
	// Jumps, Looks, Busy, Held and Late have the meaning of the fields of [Report].
	Jumps, Looks, Busy, Held, Late int
	// QuickAck has the meaning of [Report.QuickAck].
	QuickAck bool
}

// Since returns the counters less those of an earlier time.
func (c Counters) Since(before Counters) Counters {
	return Counters{
		Passed: c.Passed - before.Passed, Leapt: c.Leapt - before.Leapt, CPU: c.CPU - before.CPU,
		Jumps: c.Jumps - before.Jumps, Looks: c.Looks - before.Looks, Busy: c.Busy - before.Busy,
		Held: c.Held - before.Held, Late: c.Late - before.Late, QuickAck: c.QuickAck,
	}
}
