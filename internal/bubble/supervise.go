package bubble

import (
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	// looks is how often Patience is divided to look for progress.
	looks = 10
	// confirmations is how many looks in a row must find the same cause before a bubble is given
	// up.
	confirmations = 3
)

// supervise waits for the bubble's end, or until it has made no progress for too long and a
// goroutine blocks its clock.
//
// It counts patience in looks, not by the clock: a machine that is too busy to run the bubble is
// also too busy to look, and a suspended machine misses a single look. A dump of all stacks stops
// the world, so only the last looks take one. A bubble whose goroutines are all durably blocked is
// never given up: its clock goes on, or its deadlock is found, as soon as the machine has time.
func (r *run) supervise(o Options) error {
	progress := o.Progress
	if progress == nil {
		progress = func() uint64 { return 0 }
	}
	tick := time.NewTicker(max(time.Millisecond, o.Patience/looks))
	defer tick.Stop()
	seen, since, idle := progress(), time.Now(), 0
	var s suspicion
	for {
		select {
		case err := <-r.done:
			return err
		case <-o.Interrupt:
			return r.interrupt(o)
		case <-tick.C:
		}
		if now := progress(); now != seen {
			seen, since, idle, s = now, time.Now(), 0, suspicion{}
			continue
		}
		idle++
		if idle <= looks-confirmations {
			continue
		}
		all := r.goroutines()
		if s = s.next(all); s.confirmed >= confirmations {
			return &StuckError{Cause: s.cause, Culprits: s.culprits, Goroutines: all, After: time.Since(since)}
		}
	}
}

// interruptGrace is the time that an interrupted bubble has to end by itself.
const interruptGrace = 300 * time.Millisecond

// interrupt asks the bubble to end, and waits for it a moment.
func (r *run) interrupt(o Options) error {
	if o.Stop != nil {
		o.Stop()
	}
	grace := time.NewTimer(interruptGrace)
	defer grace.Stop()
	select {
	case <-r.done: //nolint:errcheck // what became of it says nothing
		return &InterruptedError{}
	case <-grace.C:
		return &InterruptedError{Left: true}
	}
}

// A suspicion is the cause that several looks in a row have found to block virtual time.
type suspicion struct {
	cause     Cause
	culprits  []Goroutine
	confirmed int
}

// next adds a look. The waiting goroutines must be the same in each look, else there is progress;
// spinning ones may differ.
func (s suspicion) next(all []Goroutine) suspicion {
	cause, culprits := diagnose(all)
	if cause == "" {
		return suspicion{}
	}
	if cause != s.cause {
		return suspicion{cause, culprits, 1}
	}
	still := slices.DeleteFunc(slices.Clone(culprits), func(g Goroutine) bool {
		return !slices.ContainsFunc(s.culprits, func(before Goroutine) bool { return before.ID == g.ID })
	})
	switch {
	case len(still) > 0:
		return suspicion{cause, still, s.confirmed + 1}
	case cause == Spin:
		return suspicion{cause, culprits, s.confirmed + 1}
	}
	return suspicion{cause, culprits, 1}
}

// goroutines returns the bubble's current goroutines, without those that only wait for f.
func (r *run) goroutines() []Goroutine {
	id := int(r.id.Load())
	if id == 0 {
		return nil
	}
	return slices.DeleteFunc(parse(allStacks()), func(g Goroutine) bool {
		return g.bubble != id || g.State == "synctest.Run" ||
			strings.HasSuffix(g.Func, ".testingSynctestTest") || strings.HasSuffix(g.Func, "internal/bubble.contain")
	})
}

// maxStacks bounds a stack dump: enough for tens of thousands of goroutines.
const maxStacks = 64 << 20

func allStacks() string {
	for size := 1 << 20; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= maxStacks {
			return string(buf[:n])
		}
	}
}

// ownBubble is the number of the bubble that the calling goroutine is in, 0 for none.
func ownBubble() int {
	buf := make([]byte, 256) // the first line is enough
	if gs := parse(string(buf[:runtime.Stack(buf, false)])); len(gs) > 0 {
		return gs[0].bubble
	}
	return 0
}
