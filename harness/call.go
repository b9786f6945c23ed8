package harness

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
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

// An ended is how a call ended.
type ended struct {
	kind timeline.Kind
	text string
	// cannot is the reason of a CannotLook, or "".
	cannot string
}

// callWithin makes one call and records it. It waits until the call returns. If limit passes
// first, in scenario time, it cuts the call and waits up to Grace; so it does if the caller hangs
// up. returned is false if the call did not return, or if the run is over.
func (st *stage) callWithin(target Target, n int, c scenarios.Call, limit time.Duration,
	why string,
) (e ended, returned bool) {
	lane := timeline.ClientLane(n)
	// ctx has no deadline, to hide that of the scenario from the engine.
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), callKey{}, n))
	defer cancel()
	st.recorder.Record(lane, timeline.CallStarted, c.Prompt)
	deadline := time.NewTimer(scaled(limit, st.world.speed()))
	defer deadline.Stop()
	hangUp, stop := st.hangUp(c)
	defer stop()
	done := make(chan ended, 1)
	go st.invoke(st.guard.context(ctx, cancel), target, lane, c, done)
	record := func(e ended) ended {
		st.recorder.Record(lane, e.kind, e.text)
		return e
	}
	select {
	case e := <-done:
		return record(e), true
	case <-st.recorder.Full():
		cancel()
		return ended{}, st.await(done, lane, 0)
	case <-st.interrupt():
		e := record(ended{kind: timeline.CallCut, text: "interrupted"})
		st.checkInterrupt()
		cancel()
		select {
		case <-done:
		case <-time.After(interruptGrace):
		}
		return e, false
	case <-hangUp:
		e := record(ended{kind: timeline.CallHungUp})
		cancel()
		return e, st.await(done, lane, timeline.CallReturned)
	case <-deadline.C:
		e := record(ended{kind: timeline.CallCut, text: why})
		cancel()
		return e, st.await(done, lane, 0)
	}
}

// stillRunning ends the text of a call that did not return.
const stillRunning = "after it was cancelled"

// hangUp returns a channel that says when the caller of a call hangs up, and what stops it. The
// channel is nil for a caller that never does.
func (st *stage) hangUp(c scenarios.Call) (at <-chan time.Time, stop func()) {
	if c.HangUp <= 0 {
		return nil, func() {}
	}
	timer := time.NewTimer(scaled(c.HangUp, st.world.speed()))
	return timer.C, func() { timer.Stop() }
}

// await waits for a cancelled call to return: for Grace, or until the run is interrupted. It
// reports whether the call did, and records that as an event of kind unless that is 0.
func (st *stage) await(done <-chan ended, lane string, kind timeline.Kind) bool {
	timer := time.NewTimer(scaled(Grace, st.world.speed()))
	defer timer.Stop()
	select {
	case e := <-done:
		if kind != 0 && e.kind == timeline.CallPanicked {
			kind = e.kind
		}
		if kind != 0 {
			st.recorder.Record(lane, kind, e.text)
		}
		return true
	case <-timer.C:
		st.recorder.Record(lane, timeline.CallBlocked, fmt.Sprintf("it was still running %s %s", Grace, stillRunning))
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
		Prompt: st.prompt(c), System: c.System, Messages: slices.Clone(c.Messages), Tools: slices.Clone(c.Tools),
		ContextTokens: c.ContextTokens, ContextWindow: c.ContextWindow, Stream: c.Stream,
		Restarts: c.Restarts && !st.noRestarts.Load(),
	}, func(d Delta) { st.deliver(lane, d) })
	if err == nil {
		return ended{kind: timeline.CallAnswered}
	}
	if panicked, ok := errors.AsType[Panicked](err); ok {
		return ended{kind: timeline.CallPanicked, text: panicked.Text}
	}
	st.guard.looked(st.lab.upstreams, err)
	e := ended{kind: timeline.CallFailed, text: err.Error()}
	if cannot, ok := errors.AsType[CannotLook](err); ok {
		e.cannot = cannot.Reason
	}
	return e
}
