package failover

import (
	"slices"
	"strings"
	"time"
)

// A step is what the outer loop does after a failed attempt.
type step struct {
	action Action // ActionRetry, ActionRecover, ActionCompress, ActionFallBack or ActionGiveUp
	wait   time.Duration
	err    error // of ActionGiveUp
}

// next decides what follows a failed attempt, in the reported engine's order: eager fallback,
// failures that are never retried, attempts, recovery of the primary, chain.
func (c *call) next(s *slot, f *AttemptError) step {
	handling, retry := c.handling(f), c.policy.Retry
	switch {
	case c.compress(s, handling):
		return step{action: ActionCompress}
	case handling.Stop:
		return step{action: ActionGiveUp, err: ErrRefused}
	case handling.FallBackAt > 0 && s.failed >= handling.FallBackAt && !c.stays(s, f, handling) && !c.last(s):
		return step{action: ActionFallBack}
	case c.alone(handling, f) && s.requests < handling.Alone:
		return c.again(s, f)
	case handling.NoRetry || c.spent(s) || f.Kind == FailureCircuitOpen:
		return c.leave(s)
	case s.failed < retry.Attempts:
		return c.again(s, f)
	case s.first && !s.recovered && slices.Contains(retry.Recovery.On, f.Kind):
		return c.afford(s, step{action: ActionRecover, wait: retry.Recovery.Wait})
	}
	return c.leave(s)
}

// alone reports whether the chain's only provider may be asked more often than one of several.
func (c *call) alone(handling Handling, f *AttemptError) bool {
	return handling.Alone > 0 && !handling.NoRetry && f.Kind != FailureCircuitOpen && len(c.engine.chain) == 1
}

// handling returns how the policy handles a failure. The provider's own statement and the kind of
// failure take precedence over the reason.
func (c *call) handling(f *AttemptError) Handling {
	handling := c.policy.Reasons[f.Reason]
	if c.policy.Retry.Empty.concerns(f) || f.spent {
		handling.NoRetry = true
	}
	if c.policy.Retry.RetryAfter.ObeyShouldRetry {
		switch strings.ToLower(f.ShouldRetry) {
		case "true":
			handling.NoRetry = false
		case "false":
			handling.NoRetry = true
		}
	}
	return handling
}

// again asks the same provider once more after a wait, or leaves it if the wait is too long.
func (c *call) again(s *slot, f *AttemptError) step {
	r := c.policy.Retry.RetryAfter
	wait, asked := r.asked(f, c.policy.pace())
	if asked && r.Patience > 0 && wait > r.Patience && !c.last(s) {
		return c.leave(s)
	}
	if asked {
		if c.tooLong(wait) {
			f.asks = wait
			return c.leave(s)
		}
		wait = r.capped(wait)
	} else {
		wait = c.policy.Retry.Backoff.delay(s.failed, c.rng)
	}
	if c.tooLong(wait) {
		return c.leave(s)
	}
	return c.afford(s, step{action: ActionRetry, wait: wait})
}

// tooLong reports whether a wait would reach the call's deadline, and the policy minds.
func (c *call) tooLong(wait time.Duration) bool {
	return c.policy.Retry.RetryAfter.WithinDeadline && !c.until.IsZero() && wait >= time.Until(c.until)
}

// compress reports whether the conversation is shortened and sent again. It halves the size and
// writes no summary. A conversation of unknown size cannot be shortened.
func (c *call) compress(s *slot, handling Handling) bool {
	if c.compressed >= handling.Compress || c.req.ContextTokens == 0 || c.spent(s) {
		return false
	}
	c.compressed++
	c.req.ContextTokens /= 2
	s.failed, s.recovered = 0, false
	return true
}

// leave ends the call's use of a provider.
func (c *call) leave(s *slot) step {
	if c.last(s) {
		return step{action: ActionGiveUp, err: ErrChainExhausted}
	}
	return step{action: ActionFallBack}
}

// afford returns next, or leaves the provider if its time or the engine's retry budget is spent.
func (c *call) afford(s *slot, next step) step {
	if c.outOfTime(s, next.wait) || !c.engine.retryBudget.take() {
		return c.leave(s)
	}
	return next
}

// stays reports whether the policy keeps a provider after a failure that would lead to an early
// fallback.
func (c *call) stays(s *slot, f *AttemptError, handling Handling) bool {
	if f.Reason == ReasonTimeout && c.policy.Chain.StayOnTimeout {
		return true
	}
	return handling.HeldByKeys && s.member.pool.mayRecover()
}

// rotate switches to the provider's next key if the key caused the failure, and reports whether it
// did.
func (c *call) rotate(s *slot, f *AttemptError) bool {
	handling := c.policy.Reasons[f.Reason]
	if handling.RotateAt == 0 {
		s.refused = 0
		return false
	}
	s.refused++
	if s.refused < handling.RotateAt {
		return false
	}
	key := s.member.pool.keys[f.key]
	if c.shared.dead == nil {
		c.shared.dead = map[string]bool{}
	}
	c.shared.dead[key] = true
	awake := s.member.pool.retire(f.key, c.keyRest(handling, f))
	if !awake || s.rotated == len(s.member.pool.keys)-1 || c.spent(s) {
		return false
	}
	s.refused = 0
	s.rotated++
	c.decideOn(ActionRotate, f, 0)
	return true
}

// asked returns the wait that the provider asked for, capped unless a rest is as asked; 0 if it
// asked for none.
func (c *call) asked(f *AttemptError) time.Duration {
	r := c.policy.Retry.RetryAfter
	wait, ok := r.asked(f, c.policy.pace())
	switch {
	case !ok:
		return 0
	case c.policy.Memory.Cooldown.AsAsked:
		return wait
	}
	return r.capped(wait)
}

// keyRest returns how long a key rests after a failure.
func (c *call) keyRest(handling Handling, f *AttemptError) time.Duration {
	asked := c.asked(f)
	if asked > 0 && c.policy.Memory.Cooldown.AsAsked {
		return asked
	}
	return max(handling.KeyRest, asked)
}

// learn records, for all calls, that this one has left a provider.
func (c *call) learn(s *slot, f *AttemptError) {
	if !c.policy.Reasons[f.Reason].Cooldown {
		return
	}
	if rest := s.member.health.left(f.began, c.asked(f)); rest > 0 {
		c.decide(Decision{
			Action: ActionRest, Reason: f.Reason, Provider: s.member.Name, Detail: "for " + rest.String(),
		})
	}
}

// refused returns a failure if the breaker blocks the attempt, or nil.
func (c *call) refused(s *slot) *AttemptError {
	refuses, trial := s.member.health.refuses()
	if trial {
		c.decide(Decision{Action: ActionProbe, Provider: s.member.Name, Detail: "the breaker lets one attempt through"})
	}
	if !refuses {
		return nil
	}
	f := &AttemptError{
		Provider: s.member.Name, Attempt: s.requests, Kind: FailureCircuitOpen, Reason: ReasonTimeout,
		Message: "too many stale kills in a row", began: time.Now(),
	}
	c.failures = append(c.failures, f)
	return f
}

// spent reports whether the provider has used up its requests, or its time, of this call.
func (c *call) spent(s *slot) bool { return c.full(s) || c.outOfTime(s, 0) }

// mayRepeat reports whether the inner loop repeats a stream after this failure and that many
// repeats.
func (c *call) mayRepeat(s *slot, f *AttemptError, repeats int) bool {
	inner := c.policy.Retry.Inner
	return repeats < inner.Retries && c.req.Stream && slices.Contains(inner.On, f.Kind) && !c.spent(s) &&
		c.engine.retryBudget.take()
}

// uncounted reports whether the failure is retried without counting as an attempt, and after which
// wait.
func (c *call) uncounted(s *slot, f *AttemptError) (wait time.Duration, ok bool) {
	retry := c.policy.Retry
	switch {
	case c.isEarlyReset(s, f) && c.engine.retryBudget.take():
		s.earlyResets++
		wait = retry.EarlyReset.Wait
	case c.retriesEmpty(s, f) && c.engine.retryBudget.take():
		s.empties++
		wait = retry.Empty.Backoff.delay(s.empties, c.rng)
	default:
		return 0, false
	}
	c.decideOn(ActionRetry, f, wait)
	return wait, true
}

// isEarlyReset reports whether the failure is an early reset, see [EarlyReset].
func (c *call) isEarlyReset(s *slot, f *AttemptError) bool {
	b := c.policy.Retry.EarlyReset
	return s.earlyResets < b.Retries && f.Kind == FailureAPIConnectionError && f.connected && f.Took <= b.Within
}

// retriesEmpty reports whether the failure is an empty answer that is asked for again.
func (c *call) retriesEmpty(s *slot, f *AttemptError) bool {
	empty := c.policy.Retry.Empty
	return empty.concerns(f) && s.empties < empty.Retries
}

// afterPart decides about a stream that broke, with or without content. It returns ActionAccept,
// ActionContinue, or the error that ends the call. ActionRetry handles the failure as one without
// content.
func (c *call) afterPart(s *slot, f *AttemptError) (Action, error) {
	if !f.Content && !c.out.continues {
		return ActionRetry, nil
	}
	return c.afterContent(s, f)
}

// afterContent is afterPart for a stream that had content.
func (c *call) afterContent(s *slot, f *AttemptError) (Action, error) {
	after, stream := c.policy.Stream.AfterContent, c.policy.Stream
	broken := (f.calls || f.Kind == FailureInvalidToolCall) && (!f.inCall || !stream.RepeatBrokenCalls)
	if broken && !stream.AcceptBadCalls && (after == AfterAccept || after == AfterContinue) {
		after = AfterRestart // half a tool call cannot be part of an answer
	}
	switch after {
	case AfterAccept:
		c.decideOn(ActionAccept, f, 0)
		return ActionAccept, nil
	case AfterContinue:
		c.parts++
		if c.parts < stream.Continuations && !c.spent(s) && s.member.prefills {
			c.out.goOn()
			c.decideOn(ActionContinue, f, 0)
			return ActionContinue, nil
		}
	case AfterRestart, AfterDiscard:
		if !c.req.Restarts {
			break
		}
		c.out.abandon()
		if after == AfterDiscard {
			f.Kind, f.Reason = FailureEmpty, ReasonUnknown
		}
		return ActionRetry, nil
	case AfterError:
	}
	c.decideOn(ActionGiveUp, f, 0)
	return ActionGiveUp, &CallError{ErrInterrupted, c.failures}
}
