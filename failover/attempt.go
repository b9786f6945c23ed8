package failover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// An attempt is one request to one provider, from its start to the end of its transport.
type attempt struct {
	call   *call
	member member
	number int // among the call's requests to the provider
	began  time.Time
	cancel context.CancelCauseFunc
	dog    watchdog

	requests atomic.Int32 // sent; more than one where the SDK retries
	headers  atomic.Bool
	doomed   atomic.Pointer[alarmError] // killed, and not yet aware of it
	wishes   atomic.Pointer[http.Header]
	window   atomic.Int64 // bytes of content since the throughput guard looked

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
func (c *call) try(ctx context.Context, m member, number int) (*attempt, *AttemptError) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a := &attempt{call: c, member: m, number: number, began: time.Now(), cancel: cancel}
	a.answer = Answer{Provider: m.Name, Model: m.Model}
	a.watch()
	defer a.dog.stop()

	s := m.open(a.traced(ctx), c.req, c.out.partial())
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
		TLSHandshakeStart: func() { a.dog.arm(alarmTLS) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { a.dog.disarm(alarmTLS) },
		GotConn:           func(httptrace.GotConnInfo) { a.dog.disarm(alarmConnect) },
	})
}

// watch starts the limits that run from the attempt's start.
func (a *attempt) watch() {
	w, req := a.call.policy.Watch, a.call.req
	a.dog.poll = w.StalePoll
	a.dog.ring = a.ring
	a.dog.limits = [alarms]time.Duration{
		alarmStale:        w.shared(w.staleAfter(req, a.member.Provider), a.call.until),
		alarmFirstContent: w.FirstContent,
		alarmFinished:     w.AfterFinish,
		alarmThroughput:   w.Throughput.Window,
		alarmTLS:          w.TLS,
		alarmConnect:      w.Connect.of(a.member.Protocol),
		alarmHeaders:      w.Headers,
		alarmRead:         w.readAfter(req, a.member.Provider),
		alarmAttempt:      w.Attempt,
	}
	a.dog.arm(alarmStale, alarmFirstContent, alarmRead, alarmAttempt)
}

// ring ends the attempt, unless the policy's kill is one that does not.
func (a *attempt) ring(which alarm, limit time.Duration) bool {
	cause := &alarmError{which, limit}
	w := a.call.policy.Watch
	if which == alarmThroughput && a.window.Swap(0) >= int64(w.Throughput.AtLeast) {
		return false
	}
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

func (a *attempt) gotHeaders(h http.Header) {
	a.headers.Store(true)
	a.wishes.Store(&h)
	a.dog.disarm(alarmTLS)
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

// progress starts the stale detector again if the policy takes this for progress. Content is progress to all of them.
func (a *attempt) progress(p Progress) {
	if wanted := a.call.policy.Watch.Progress; p == wanted || p == ProgressContent {
		a.dog.again(alarmStale)
	}
}

// take hands on what the provider said.
func (a *attempt) take(e event) {
	a.progress(ProgressData)
	if e.content() || e.done {
		a.progress(ProgressContent)
		a.dog.disarm(alarmFirstContent)
	}
	if e.done && !a.done {
		a.done = true
		a.dog.arm(alarmFinished)
	}
	a.answer.add(e)
	for _, d := range e.deltas() {
		a.deliver(d)
	}
}

// deliver gives the caller one delta.
func (a *attempt) deliver(d Delta) {
	if !a.content && a.call.policy.Watch.Throughput.Window > 0 {
		a.dog.arm(alarmThroughput)
	}
	a.content = true
	a.window.Add(int64(len(d.Text)))
	if a.call.policy.Watch.PauseInEmit {
		a.dog.pause()
		defer a.dog.resume()
	}
	a.call.out.deliver(d)
}

func (e event) deltas() []Delta {
	var ds []Delta
	for _, d := range []Delta{{DeltaThinking, e.thinking}, {DeltaText, e.text}, {DeltaToolCall, e.tool}} {
		if d.Text != "" {
			ds = append(ds, d)
		}
	}
	return ds
}

// failure says how the attempt failed, or returns nil.
func (a *attempt) failure(ctx context.Context, err error) *AttemptError {
	if err == nil && !a.done && ctx.Err() != nil {
		err = context.Cause(ctx) // the provider ended the body in the moment in which it was cut: that is no clean end
	}
	filtered := a.call.policy.Stream.FailFiltered && isFiltered(a.answer.Finish)
	if !filtered && a.whole(err) {
		return nil
	}
	f := &AttemptError{
		Provider: a.member.Name, Attempt: a.number, Headers: a.headers.Load(), Content: a.content,
		Took: time.Since(a.began), Err: err,
	}
	var rung *alarmError
	f.wish(a.wishes.Load())
	switch {
	case filtered:
		f.Kind, f.Reason, f.Message = Filtered, ContentBlocked, "the answer ended with "+a.answer.Finish
		return f
	case a.done:
		f.Kind, f.Message = Empty, "the answer has no content"
	case err == nil && a.content:
		f.Kind, f.Message = Truncated, "the stream ended without the protocol's last event"
	case err == nil:
		f.Kind, f.Message = EmptyStream, "the stream ended without content"
	case a.member.explain(err, f):
	case errors.As(context.Cause(ctx), &rung):
		f.Err = rung
		f.Kind, f.Message = a.killed(rung, f.Headers), rung.Error()
	default:
		f.transportError(err)
	}
	f.Reason = a.call.policy.Classify.classify(f, a.call.req, a.member.Model)
	return f
}

// whole says that the attempt's answer is, or is taken for it.
func (a *attempt) whole(err error) bool {
	accepted := a.call.policy.Stream
	if a.content {
		return a.done || (err == nil && accepted.AcceptTruncated)
	}
	return accepted.AcceptEmpty && (a.done || err == nil)
}

// isFiltered says that a finish is the provider's safety filter's: OpenAI's word, Anthropic's, and Google's.
func isFiltered(finish string) bool {
	switch strings.ToLower(finish) {
	case "content_filter", "refusal", "safety", "prohibited_content", "blocklist":
		return true
	}
	return false
}

// killed returns the failure that an alarm surfaces as.
func (a *attempt) killed(rung *alarmError, headers bool) FailureKind {
	switch rung.alarm { //nolint:exhaustive // the others wait for bytes
	case alarmFirstContent:
		return FirstContentTimeout
	case alarmAttempt:
		return AttemptTimeout
	case alarmThroughput:
		return TooSlow
	case alarmStale:
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
