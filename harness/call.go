package harness

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// pause waits before a call. It returns false if the run ends there: it is interrupted, or the
// recorder is full.
func (st *stage) pause(d time.Duration) bool {
	if st.checkInterrupt() {
		return false
	}
	if d == 0 {
		return true
	}
	timer := time.NewTimer(scaled(d, st.world.speed()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-st.recorder.Full():
		return false
	case <-st.interrupt():
		return !st.checkInterrupt()
	}
}

// call makes one call of the scenario. It returns false if no further call can be made.
func (st *stage) call(target Target, n int, c scenarios.Call) bool {
	st.calls.Store(int64(n))
	limit, why := st.options.cutAfter(st.scenario)
	e, returned := st.callWithin(target, n, c, limit, why)
	if e.cannot != "" {
		st.failed(e.cannot)
		return false
	}
	return returned
}

// An ended is how a call ended.
type ended struct {
	kind timeline.Kind
	text string
	// cannot is the reason of a CannotLook, or "".
	cannot string
}

// callWithin makes one call and records it. It waits until the call returns. If limit passes
// first, in scenario time, it cuts the call and waits up to Grace. returned is false if the call
// did not return, or if the run is over.
func (st *stage) callWithin(target Target, n int, c scenarios.Call, limit time.Duration, why string) (e ended, returned bool) {
	lane := timeline.ClientLane(n)
	// ctx has no deadline, to hide that of the scenario from the engine.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	st.recorder.Record(lane, timeline.CallStarted, c.Prompt)
	deadline := time.NewTimer(scaled(limit, st.world.speed()))
	defer deadline.Stop()
	done := make(chan ended, 1)
	go st.invoke(ctx, target, lane, c, done)
	record := func(e ended) ended {
		st.recorder.Record(lane, e.kind, e.text)
		return e
	}
	select {
	case e := <-done:
		return record(e), true
	case <-st.recorder.Full():
		cancel()
		return ended{}, st.await(done, lane)
	case <-st.interrupt():
		e := record(ended{kind: timeline.CallCut, text: "interrupted"})
		st.checkInterrupt()
		cancel()
		select {
		case <-done:
		case <-time.After(interruptGrace):
		}
		return e, false
	case <-deadline.C:
		e := record(ended{kind: timeline.CallCut, text: why})
		cancel()
		return e, st.await(done, lane)
	}
}

// await waits for a cancelled call to return: for Grace, or until the run is interrupted. It
// reports whether the call did.
func (st *stage) await(done <-chan ended, lane string) bool {
	timer := time.NewTimer(scaled(Grace, st.world.speed()))
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		st.recorder.Record(lane, timeline.CallBlocked, fmt.Sprintf("it was still running %s after it was cancelled", Grace))
	case <-st.interrupt():
		st.checkInterrupt()
	}
	return false
}

// invoke runs the engine's call on this goroutine and sends how it ended.
func (st *stage) invoke(ctx context.Context, target Target, lane string, c scenarios.Call, done chan<- ended) {
	e := ended{kind: timeline.CallBlocked}
	defer func() {
		switch v := recover(); {
		case v != nil:
			e = ended{kind: timeline.CallPanicked, text: panicText(v, debug.Stack())}
		case e.kind == timeline.CallBlocked:
			e.text = (&bubble.ExitError{Place: bubble.Left(debug.Stack())}).Error()
		}
		done <- e
	}()
	e = st.ask(ctx, target, lane, c)
}

// ask makes the engine's call and returns how it ended.
func (st *stage) ask(ctx context.Context, target Target, lane string, c scenarios.Call) ended {
	err := target.Call(ctx, Request{
		Prompt: st.prompt(c), ContextTokens: c.ContextTokens, ContextWindow: c.ContextWindow, Stream: c.Stream, Restarts: c.Restarts,
	}, func(d Delta) { st.deliver(lane, d) })
	if err == nil {
		return ended{kind: timeline.CallAnswered}
	}
	if panicked, ok := errors.AsType[Panicked](err); ok {
		return ended{kind: timeline.CallPanicked, text: panicked.Text}
	}
	e := ended{kind: timeline.CallFailed, text: err.Error()}
	if cannot, ok := errors.AsType[CannotLook](err); ok {
		e.cannot = cannot.Reason
	}
	return e
}
