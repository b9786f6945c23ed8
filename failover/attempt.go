package failover

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// An attempt is one request to one provider, from its start to the end of its transport.
type attempt struct {
	call   *call
	hop    *hop
	member *member
	key    int // of the member's pool
	number int // among the call's requests to the provider
	began  time.Time
	cancel context.CancelCauseFunc
	dog    watchdog

	requests atomic.Int32 // sent; more than one where the SDK retries
	headers  atomic.Bool
	doomed   atomic.Pointer[alarmError] // killed, and not yet aware of it

	lost          bool // to the hedge beside it; under the race
	content, done bool
	answer        Answer
}

// alarmError is why a watchdog ended an attempt.
type alarmError struct {
	alarm alarm
	limit time.Duration
}

// Error tells which limit passed.
func (e *alarmError) Error() string { return fmt.Sprintf("%s for %s", e.alarm, e.limit) }

// try makes one attempt. When it returns, the attempt's transport is closed. A nil failure means that the answer is whole, or
// as whole as the policy wants it.
func (c *call) try(lane context.Context, h *hop, number int) (*attempt, *AttemptError) {
	m := h.member
	ctx, cancel := context.WithCancelCause(lane)
	defer cancel(nil)
	a := &attempt{call: c, hop: h, member: m, key: m.pool.pick(), number: number, began: time.Now(), cancel: cancel}
	a.answer = Answer{Provider: m.Name, Model: m.Model}
	c.race.enter(a)
	a.watch(lane)
	defer a.dog.stop()

	s := m.clients[a.key].open(a.traced(ctx), c.req, c.out.partial())
	defer func() { _ = s.Close() }() // nothing more is wanted of it
	for s.Next() {
		a.take(s.event())
	}
	failed := a.failure(ctx, s.Err())
	return a, failed
}

func (a *attempt) traced(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, attemptKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { a.dog.disarm(alarmConnect) },
	})
}

// watch starts the limits that run from the attempt's start.
func (a *attempt) watch(lane context.Context) {
	w, req := a.call.policy.Watch, a.call.req
	a.dog.poll = w.StalePoll
	a.dog.ring = func(which alarm, limit time.Duration) bool { return a.ring(lane, which, limit) }
	a.dog.limits = [alarms]time.Duration{
		alarmStale:        w.staleAfter(req),
		alarmFirstContent: w.FirstContent,
		alarmFinished:     w.AfterFinish,
		alarmConnect:      w.Connect.of(a.member.Protocol),
		alarmHeaders:      w.Headers,
		alarmRead:         w.readAfter(a.member.Protocol, req),
		alarmAttempt:      w.Attempt,
	}
	if hedges := a.call.policy.Hedge.after(req); hedges > 0 && !a.call.policy.Chain.StayOnTimeout {
		a.dog.limits[alarmHedge] = hedges
	}
	if left, bounded := a.call.hopLeft(a.hop); bounded {
		a.dog.limits[alarmHop] = max(left, 1)
	}
	a.dog.arm(alarmStale, alarmFirstContent, alarmRead, alarmAttempt, alarmHedge, alarmHop)
}

// ring ends the attempt, unless the policy's kill is one that does not.
func (a *attempt) ring(lane context.Context, which alarm, limit time.Duration) bool {
	cause := &alarmError{which, limit}
	if which == alarmHop && !a.replaceable() {
		return false
	}
	if which == alarmHedge {
		if !a.overtake(lane) {
			return false
		}
		which, cause.alarm = alarmStale, alarmStale
	}
	w := a.call.policy.Watch
	if which != alarmStale {
		a.cancel(cause)
		return true
	}
	if !w.kills(a.member.Protocol) {
		a.call.decide(Decision{What: KillMissed, Provider: a.member.Name, Attempt: a.number, Detail: cause.Error()})
		return false
	}
	if w.KillLatency == KillAtNextByte {
		a.doomed.Store(cause)
		return false
	}
	a.cancel(cause)
	return true
}

// sent, gotHeaders and gotBytes are what the transport tells.
func (a *attempt) sent() {
	a.requests.Add(1)
	a.dog.arm(alarmConnect, alarmHeaders)
	a.dog.again(alarmRead)
}

func (a *attempt) gotHeaders() {
	a.headers.Store(true)
	a.dog.disarm(alarmConnect)
	a.dog.disarm(alarmHeaders)
	a.dog.again(alarmRead)
	a.wake()
}

func (a *attempt) gotBytes() {
	a.dog.again(alarmRead)
	a.progress(ProgressByte)
	a.wake()
}

// wake lets an attempt that was killed notice it.
func (a *attempt) wake() {
	if cause := a.doomed.Load(); cause != nil {
		a.cancel(cause)
	}
}

// progress starts the stale detector again if the policy takes this for progress.
func (a *attempt) progress(p Progress) {
	if wanted := a.call.policy.Watch.Progress; p == wanted || p == ProgressContent {
		a.dog.again(alarmStale)
	}
	if p == ProgressContent {
		a.dog.again(alarmHedge)
	}
}

// take hands on what the provider said.
func (a *attempt) take(e event) {
	a.progress(ProgressEvent)
	if e.content() || e.done {
		if !a.claim() {
			return
		}
		a.progress(ProgressContent)
		a.dog.disarm(alarmFirstContent)
		a.dog.disarm(alarmHop)
	}
	if e.done && !a.done {
		a.done = true
		a.dog.disarm(alarmHedge)
		a.dog.arm(alarmFinished)
	}
	a.answer.add(e)
	a.give(DeltaThinking, e.thinking)
	a.give(DeltaText, e.text)
	a.give(DeltaToolCall, e.tool)
}

func (a *attempt) give(kind DeltaKind, text string) {
	if text != "" {
		a.content = true
		a.call.out.deliver(Delta{kind, text})
	}
}

// failure says how the attempt failed, or returns nil.
func (a *attempt) failure(ctx context.Context, err error) *AttemptError {
	if a.content && !a.hasLost() && (a.done || (err == nil && a.call.policy.Stream.AcceptTruncated)) {
		return nil
	}
	f := &AttemptError{
		Provider: a.member.Name, Attempt: a.number, Headers: a.headers.Load(), Content: a.content,
		Took: time.Since(a.began), Err: err, key: a.key,
	}
	var rung *alarmError
	switch {
	case errors.As(context.Cause(ctx), &rung) && rung.alarm == alarmHedge:
		f.Err = rung
		f.Kind, f.Message = a.killed(rung, f.Headers), rung.Error()
	case err == nil && a.content:
		f.Kind, f.Message = Truncated, "the stream ended without the protocol's last event"
	case err == nil:
		f.Kind, f.Message = Empty, "the stream ended without content"
	case a.member.clients[0].explain(err, f):
	case errors.As(context.Cause(ctx), &rung):
		f.Err = rung
		f.Kind, f.Message = a.killed(rung, f.Headers), rung.Error()
	default:
		f.transportError(err)
	}
	f.Reason = classify(a.call.engine.rules, f)
	return f
}

// killed returns the failure that an alarm surfaces as.
func (a *attempt) killed(rung *alarmError, headers bool) FailureKind {
	switch rung.alarm { //nolint:exhaustive // the others wait for bytes
	case alarmFirstContent:
		return FirstContentTimeout
	case alarmAttempt, alarmHop:
		return AttemptTimeout
	case alarmStale, alarmHedge:
		if headers {
			return a.call.policy.Watch.KillSurfacesAs
		}
		return APIConnectionError
	default:
		if headers {
			return ReadTimeout
		}
		return APITimeoutError
	}
}
