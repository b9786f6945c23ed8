package harness

import (
	"context"
	"fmt"
	"time"
)

// interruptGrace is the real time that an engine has to return from a call that an interrupt cut.
const interruptGrace = time.Second

// context returns the run's context. It ends with the run. On the wall clock it also ends with the
// context of [WithContext]. In virtual time nothing outside may end it, because that would be an
// event of another time: there the providers' scripts end, and a run that goes on is given up.
func (st *stage) context() (ctx context.Context, end context.CancelFunc) {
	if st.options.clock.wall {
		return context.WithCancel(st.options.ctx)
	}
	return context.WithCancel(context.Background())
}

// interrupt returns a channel that is closed when the run is interrupted on the wall clock.
func (st *stage) interrupt() <-chan struct{} {
	if !st.options.clock.wall {
		return nil
	}
	return st.options.ctx.Done()
}

// checkInterrupt reports whether the run is interrupted, and records it the first time.
func (st *stage) checkInterrupt() bool {
	if st.options.ctx.Err() == nil {
		return false
	}
	if !st.interrupted.Swap(true) {
		st.failed("interrupted")
	}
	return true
}

const (
	// tick is how often the machine is checked.
	tick = 50 * time.Millisecond
	// standstill is the longest pause between two ticks of a machine that is only busy.
	standstill = 2 * time.Second
)

// watchForStandstill makes the run unknown if the machine stands still on the wall clock. stop
// ends the watch. A clock that jumps does not stand still.
func (st *stage) watchForStandstill() (stop func()) {
	if !st.options.clock.wall || st.options.clock.tree {
		return func() {}
	}
	done, over, last := make(chan struct{}), make(chan struct{}), time.Now()
	go func() {
		defer close(over)
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for ended := false; !ended; {
			select {
			case <-done: // a machine that goes on may end the run before the next tick
				ended = true
			case <-ticker.C:
			}
			now := time.Now()
			if why := stoodStill(last, now); why != "" {
				st.failed(why)
			}
			last = now
		}
	}()
	return func() {
		close(done)
		<-over
	}
}

// stoodStill returns what happened to the machine between two ticks, or "". The process was stopped
// if the monotonic clock is late, and the machine slept if only the clock on the wall is.
func stoodStill(last, now time.Time) string {
	return standstillText(now.Sub(last), now.Round(0).Sub(last.Round(0)))
}

// standstillText takes the time between two ticks by both clocks.
func standstillText(monotonic, onTheWall time.Duration) string {
	const most = tick + standstill
	switch {
	case monotonic > most:
		return fmt.Sprintf("the machine stopped for %s", rounded(monotonic))
	case onTheWall > most:
		return fmt.Sprintf("the machine slept or its clock was set: it moved by %s at once", rounded(onTheWall))
	}
	return ""
}

// rounded returns a duration for people: in seconds above ten, else in tenths.
func rounded(d time.Duration) time.Duration {
	if d > 10*time.Second { //nolint:mnd // two digits are enough
		return d.Round(time.Second)
	}
	return d.Round(100 * time.Millisecond) //nolint:mnd // likewise
}
