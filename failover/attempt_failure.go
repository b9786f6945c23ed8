package failover

import (
	"context"
	"errors"
	"time"
)

// failure returns how the attempt failed, or nil.
func (a *attempt) failure(ctx context.Context, err error) *AttemptError {
	if err == nil && !a.done && ctx.Err() != nil {
		err = context.Cause(ctx) // the provider ended the body in the moment in which it was cut: that is no clean end
	}
	var fired *alarmError
	errors.As(context.Cause(ctx), &fired)
	if fired != nil && fired.alarm == alarmStale && a.unframed.Load() && a.call.policy.Watch.UnframedKillEnds {
		err = nil
	}
	lost := a.hasLost()
	bad := a.call.policy.Stream.badEnd(a.answer.Finish)
	if !lost && bad == "" && a.whole(err) {
		return nil
	}
	f := &AttemptError{
		Provider: a.member.Name, Attempt: a.number, Headers: a.headers.Load(), Content: a.content && a.call.req.Stream,
		Took: time.Since(a.began), Err: err, began: a.began, key: a.key, calls: len(a.calls) > 0,
		connected: a.connected.Load(), responded: int(a.status.Load()),
	}
	var sent *providerError
	var blocked *blockedError
	var redirect *redirectError
	f.readHints(a.hints.Load())
	switch {
	case lost && fired != nil:
		f.Err = fired
		f.Kind, f.Message = a.killed(fired, f.Headers), fired.Error()
	case fired == nil && ctx.Err() != nil:
		f.Kind = FailureAbandoned
	case a.done && a.badCall() != "" && bad != FailureFiltered:
		f.Kind, f.Message = FailureInvalidToolCall, a.badCall()
	case bad != "":
		f.Kind, f.Message = bad, "the answer ended with "+a.answer.Finish
	case a.done:
		f.empty(a.content, a.answer.Finish)
	case err == nil && a.content:
		f.ends(fired)
		f.Kind, f.Message = FailureTruncated, "the stream ended without the protocol's last event"
	case err == nil:
		f.ends(fired)
		f.Kind, f.Message = FailureEmptyStream, "the stream ended without content"
	case errors.As(err, &redirect):
		f.Kind, f.Status, f.Message = FailureHTTPStatus, redirect.status, redirect.Error()
	case errors.As(err, &blocked):
		f.Kind, f.Code, f.Message = FailureFiltered, blocked.reason, blocked.Error()
	case errors.Is(err, errRefusal):
		f.Kind, f.Message = FailureFiltered, err.Error()
	case errors.As(err, &sent):
		f.streamError(sent.object)
	case a.member.clients[0].explain(err, f):
	case fired != nil:
		f.Err = fired
		f.Kind, f.Message = a.killed(fired, f.Headers), fired.Error()
	default:
		f.transportError(err)
	}
	f.inCall = f.calls && a.spoke && f.Content && f.Kind != FailureInvalidToolCall && f.Kind != FailureTruncated
	if f.Reason = a.call.policy.Classify.classify(f, a.call.req, a.member.Model); bad == FailureFiltered {
		f.Reason = ReasonContentBlocked
	}
	return f
}

// empty records an answer that ended without text and tool calls.
func (e *AttemptError) empty(thought bool, finish string) {
	e.Kind, e.Message = FailureEmpty, "the answer has no content"
	if thought {
		e.Message, e.spent = "the answer is a thought alone", isCutShort(finish)
	}
}

// ends records a kill that read as a clean end of the body.
func (e *AttemptError) ends(fired *alarmError) {
	if fired != nil {
		e.Err = fired
	}
}

// whole reports whether the attempt's answer is whole, or accepted as whole.
func (a *attempt) whole(err error) bool {
	accepted := a.call.policy.Stream
	if !accepted.AcceptBadCalls && a.badCall() != "" {
		return false
	}
	if a.content && (a.answering || !a.done || accepted.AcceptThoughts) {
		return a.done || (err == nil && accepted.AcceptTruncated)
	}
	return accepted.AcceptEmpty && (a.done || err == nil)
}

// killed returns the kind of failure that a limit surfaces as.
func (a *attempt) killed(fired *alarmError, headers bool) FailureKind {
	switch fired.alarm { //nolint:exhaustive // the others wait for bytes
	case alarmFirstContent:
		return FailureFirstContentTimeout
	case alarmAttempt, alarmProvider:
		return FailureAttemptTimeout
	case alarmThroughput:
		return FailureTooSlow
	case alarmStale, alarmHedge:
		if !a.call.req.Stream {
			return FailureCallTimeout
		}
		if headers {
			return a.call.policy.Watch.KillSurfacesAs
		}
		return FailureAPIConnectionError
	default:
		if headers {
			return FailureReadTimeout
		}
		return FailureAPITimeoutError
	}
}
