package failover

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// An attempt is one request to one provider, from its start to the end of its transport.
type attempt struct {
	call     *call
	slot     *slot
	member   *member
	key      int // of the member's pool
	number   int // among the call's requests to the provider
	began    time.Time
	cancel   context.CancelCauseFunc
	watchdog watchdog

	requests atomic.Int32 // sent; more than one where the SDK retries
	quota    int          // how many may be sent; 0: any
	// lastErr is the error of the last request, if it got no response. last and lastBody are its
	// response, if it failed and none may follow. They belong to the lane alone, as an SDK sends
	// one request after the other.
	lastErr     error
	last        *http.Response
	lastBody    []byte
	connected   atomic.Bool // a request of it had a connection
	headers     atomic.Bool
	status      atomic.Int32
	unframed    atomic.Bool                // the body ends with the connection, and in no other way
	pendingKill atomic.Pointer[alarmError] // killed, and not yet aware of it
	hints       atomic.Pointer[http.Header]
	window      atomic.Int64 // bytes of content since the throughput guard looked

	beaten        bool // to the hedge beside it; under the race
	content, done bool
	held          []Delta // of an answer that is not streamed, until it is known to be one
	answering     bool    // there was some of the answer itself, not thinking alone
	spoke         bool    // there was text before any tool call
	calls         []*openCall
	positions     positions
	answer        Answer
}

// try makes one attempt. When it returns, the attempt's transport is closed. A nil failure means
// that the answer is whole, or that the policy accepts it as it is.
func (c *call) try(lane context.Context, s *slot, number int) (*attempt, *AttemptError) {
	m := s.member
	ctx, cancel := context.WithCancelCause(lane)
	defer cancel(nil)
	a := &attempt{call: c, slot: s, member: m, key: m.pool.pick(), number: number, began: time.Now(), cancel: cancel}
	if most := c.policy.Retry.RequestsPerProvider; most > 0 {
		a.quota = max(1, most-number+1)
	}
	a.answer = Answer{Provider: m.Name, Model: m.Model}
	c.race.enter(a)
	a.watch(lane)
	defer a.watchdog.stop()

	var err error
	q, dropped := c.question(m)
	a.answer.PrefillDropped = dropped
	response := m.clients[a.key].open(a.traced(ctx), q)
	defer func() { _ = response.Close() }() // nothing more is wanted of it
	for err == nil && response.Next() {
		err = a.take(response.event())
	}
	if err == nil {
		err = response.Err()
	}
	a.answer.ToolCalls = a.toolCalls()
	failed := a.failure(ctx, err)
	if failed == nil && !a.handOver() {
		failed = a.failure(ctx, err)
	}
	return a, failed
}

// traced returns a context by which the transport finds the attempt and disarms its limits.
func (a *attempt) traced(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, attemptKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { a.watchdog.arm(alarmTLS) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { a.watchdog.disarm(alarmTLS) },
		GotConn: func(httptrace.GotConnInfo) {
			a.connected.Store(true)
			a.watchdog.disarm(alarmConnect)
		},
	})
}

// watch arms the limits that run from the attempt's start.
func (a *attempt) watch(lane context.Context) {
	w, req := a.call.policy.Watch, a.call.req
	a.watchdog.poll = w.StalePoll
	a.watchdog.fire = func(which alarm, limit time.Duration) bool { return a.fire(lane, which, limit) }
	a.watchdog.limits = [alarms]time.Duration{
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
	if hedges := a.call.policy.Hedge.after(req); hedges > 0 && !a.call.policy.Chain.StayOnTimeout {
		a.watchdog.limits[alarmHedge] = hedges
	}
	if left, bounded := a.call.timeLeft(a.slot); bounded {
		a.watchdog.limits[alarmProvider] = max(left, 1)
	}
	a.watchdog.arm(alarmStale, alarmFirstContent, alarmRead, alarmAttempt, alarmHedge, alarmProvider)
}

// fire ends the attempt for a limit that passed, and reports whether it did. It runs in the
// watchdog.
func (a *attempt) fire(lane context.Context, which alarm, limit time.Duration) bool {
	cause := &alarmError{which, limit}
	if which == alarmProvider && !a.replaceable() {
		return false
	}
	if which == alarmHedge {
		if !a.overtake(lane) {
			return false
		}
		which, cause.alarm = alarmStale, alarmStale
	}
	w := a.call.policy.Watch
	if which == alarmThroughput && a.window.Swap(0) >= int64(w.Throughput.AtLeast) {
		return false
	}
	if which != alarmStale {
		a.cancel(cause)
		return true
	}
	if !w.kills(a.member.Protocol) {
		a.call.decide(Decision{
			Action: ActionKillMissed, Provider: a.member.Name, Attempt: a.number, Detail: cause.Error(),
		})
		return false
	}
	if w.KillLatency == KillAtNextByte {
		a.pendingKill.Store(cause)
		return false
	}
	a.cancel(cause)
	return true
}

// sent records a request that the transport sends.
func (a *attempt) sent() {
	a.requests.Add(1)
	a.watchdog.arm(alarmConnect, alarmHeaders)
	a.watchdog.again(alarmRead)
}

// gotHeaders records the headers of a response.
func (a *attempt) gotHeaders(res *http.Response) {
	a.headers.Store(true)
	a.status.Store(int32(res.StatusCode)) //nolint:gosec // three digits
	a.unframed.Store(res.ProtoMajor == 1 && res.ContentLength < 0 && len(res.TransferEncoding) == 0)
	hints := res.Header // what the SDK is shown may differ
	a.hints.Store(&hints)
	a.watchdog.disarm(alarmTLS)
	a.watchdog.disarm(alarmConnect)
	a.watchdog.disarm(alarmHeaders)
	a.watchdog.again(alarmRead)
	a.wake()
}

// gotBytes records bytes of a body.
func (a *attempt) gotBytes() {
	a.watchdog.again(alarmRead)
	a.progress(ProgressByte)
	a.wake()
}

// wake lets a killed attempt notice the kill.
func (a *attempt) wake() {
	if cause := a.pendingKill.Load(); cause != nil {
		a.cancel(cause)
	}
}

// progress restarts the stale detector if the policy counts this as progress. Content counts for
// every policy.
func (a *attempt) progress(p Progress) {
	if wanted := a.call.policy.Watch.Progress; p == wanted || p == ProgressContent {
		a.watchdog.again(alarmStale)
	}
	if p == ProgressContent {
		a.watchdog.again(alarmHedge)
	}
}

// take handles one event. An error ends the attempt: the event cannot be part of the answer.
func (a *attempt) take(e event) error {
	a.progress(ProgressData)
	stream := a.call.policy.Stream
	e = a.counted(e)
	if !stream.AcceptRepeats {
		if err := a.positions.follow(e.position); err != nil {
			return err
		}
	}
	if e.refuses && stream.FailFiltered {
		return errRefusal
	}
	if e.content() || e.done {
		if a.call.req.Stream && !a.claim() {
			return nil
		}
		a.progress(ProgressContent)
		a.watchdog.disarm(alarmFirstContent)
		a.watchdog.disarm(alarmProvider)
	}
	a.end(e)
	a.answer.add(e)
	if e.thinking != "" {
		a.deliver(Delta{Kind: DeltaThinking, Text: e.thinking})
	}
	if e.text != "" {
		a.spoke = a.spoke || len(a.calls) == 0
		a.deliver(Delta{Kind: DeltaText, Text: e.text})
	}
	for _, p := range e.tools {
		a.toolPiece(p)
	}
	return nil
}

// counted returns the part of an event that belongs to the answer. After the answer's end only the
// usage counts.
func (a *attempt) counted(e event) event {
	behind := a.done && a.answering && (!e.done || !e.content())
	if behind && !a.call.policy.Stream.AcceptAfterEnd {
		return event{usage: e.usage}
	}
	return e
}

// end records a finish reason. A finish before any content is ignored: gateways stamp it on chunks
// of reasoning (https://github.com/router-for-me/CLIProxyAPI/issues/5651). A finish beside a piece
// ends the answer only if the body ends as well: Gemini, or a gateway before it, has finished every
// piece (https://github.com/BerriAI/litellm/issues/2195).
func (a *attempt) end(e event) {
	switch hasPart := e.text != "" || len(e.tools) > 0; {
	case e.done:
		a.done = true
		if a.answering && !hasPart {
			a.watchdog.disarm(alarmHedge)
			a.watchdog.arm(alarmFinished)
		}
		a.answering = a.answering || hasPart
	case hasPart && !a.answering:
		a.answering, a.done = true, false
	}
}

// deliver gives the caller one delta. It holds an answer that is not streamed until its end. If the
// answer then turns out to be a failure, no restart is needed.
func (a *attempt) deliver(d Delta) {
	if !a.call.req.Stream {
		a.content = true
		a.held = append(a.held, d)
		return
	}
	if !a.content && a.call.policy.Watch.Throughput.Window > 0 {
		a.watchdog.arm(alarmThroughput)
	}
	a.content = true
	a.window.Add(int64(len(d.Text)))
	if a.call.policy.Watch.PauseInEmit {
		a.watchdog.pause()
		defer a.watchdog.resume()
	}
	a.call.out.deliver(d)
}

// handOver gives the caller an answer that was not streamed, unless the hedge beside it has given
// one.
func (a *attempt) handOver() bool {
	if a.call.req.Stream {
		return true
	}
	if !a.claim() {
		return false
	}
	for _, d := range a.held {
		a.call.out.deliver(d)
	}
	return true
}
