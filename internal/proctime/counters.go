package proctime

import "time"

// Counters say how a tree's time has passed so far, for one who asks from inside.
type Counters struct {
	// Passed is the time of the tree, Leapt the part of it by which jumps moved it, and CPU the
	// part that the processor took. Where the processor is free, CPU is 0.
	Passed, Leapt, CPU time.Duration
	// Jumps, Looks, Busy, Held and Late are those of a [Report].
	Jumps, Looks, Busy, Held, Late int
	// QuickAck is that of a [Report].
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
