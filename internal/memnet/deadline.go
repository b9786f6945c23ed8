package memnet

import "time"

// A deadline wakes a pipe when it passes. Its fields are guarded by the pipe's lock.
type deadline struct {
	at    time.Time
	timer *time.Timer
	over  bool
}

// set replaces the deadline; the zero time removes it. The pipe's lock is held.
func (d *deadline) set(p *pipe, t time.Time) {
	if d.timer != nil {
		d.timer.Stop()
	}
	*d = deadline{at: t}
	if wait := time.Until(t); !t.IsZero() && wait > 0 {
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			p.change(func() {
				// A timer that fired while it was being replaced is not this deadline's any more.
				d.over = d.over || d.timer == timer
			})
		})
		d.timer = timer
	}
	p.wake.Broadcast()
}

// passed reports whether the timer has fired or the clock has reached the deadline, so that the
// order of goroutines at that instant does not matter. The timer counts even if the wall clock was
// set back.
func (d *deadline) passed() bool { return d.over || !d.at.IsZero() && !time.Now().Before(d.at) }
