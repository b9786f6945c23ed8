package harness

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// linger gives an engine outside of the process the time in which it has to close what it gave
// up. Once it is killed, every connection closes.
func (st *stage) linger() {
	if st.options.outside == nil {
		return
	}
	var within time.Duration
	for _, e := range st.scenario.Expectations() {
		if closed, ok := e.(assertions.ConnectionClosed); ok {
			within = max(within, closed.Within)
		}
	}
	if within == 0 {
		return
	}
	end := time.Now().Add(scaled(within, st.world.speed()) + settleTime)
	for st.open() != nil && time.Now().Before(end) {
		if !st.sleep(settleTime) {
			return
		}
	}
}

// sleep lets package time pass. It returns false if the run is interrupted.
func (st *stage) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-st.interrupt():
		return !st.checkInterrupt()
	}
}

// release closes the target if it is an io.Closer. It waits for up to Grace.
func (st *stage) release(target Target) {
	closer, ok := target.(io.Closer)
	if !ok {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				st.recorder.Record(timeline.ClientLane(1), timeline.CallPanicked,
					"while it was closed: "+panicText(v, debug.Stack()))
			}
		}()
		// Another error does not affect the verdict.
		if panicked, ok := errors.AsType[Panicked](closer.Close()); ok {
			st.recorder.Record(timeline.ClientLane(1), timeline.CallPanicked, panicked.Text)
		}
	}()
	select {
	case <-done:
	case <-time.After(scaled(Grace, st.world.speed())):
	}
}

// leaks waits up to Grace for the engine to close its connections, and records the remaining ones.
// An idle connection belongs to the pool and is no leak. A connection whose request was just
// cancelled becomes idle a moment later. An engine outside of the process is gone by now.
func (st *stage) leaks(pool *http.Transport) {
	rest := func() []string {
		st.world.settle()
		pool.CloseIdleConnections()
		st.world.settle()
		return st.left()
	}
	if len(rest()) == 0 || st.options.outside != nil || !st.sleep(scaled(Grace, st.world.speed())) {
		return
	}
	for _, what := range rest() {
		st.recorder.Record(timeline.WorldLane, timeline.ConnectionLeaked, what)
	}
}

// left describes the open requests at the providers. If there are none, it describes the open
// connections.
func (st *stage) left() []string {
	if left := st.open(); left != nil {
		return left
	}
	return st.world.open()
}

// open describes the open requests at the providers.
func (st *stage) open() (open []string) {
	for _, a := range (timeline.Timeline{Events: st.recorder.Events()}).Attempts() {
		if a.Open {
			open = append(open, fmt.Sprintf("request %d of %s is still open", a.N, a.Provider))
		}
	}
	return open
}
