package failover

import (
	"slices"
	"strings"
	"time"
)

// A step is what the outer loop does after a failed attempt.
type step struct {
	what What // Retry, Recover, FallBack or GiveUp
	wait time.Duration
	err  error // of GiveUp
}

// next decides what follows a failed attempt. The order is the reported engine's: eager fallback, then what is
// never retried, then the attempts, then the primary's recovery, then the chain.
func (c *call) next(h *hop, f *AttemptError) step {
	handling, retry := c.handling(f), c.policy.Retry
	switch {
	case c.compress(h, handling):
		return step{what: Compress}
	case handling.Stop:
		return step{what: GiveUp, err: ErrRefused}
	case handling.FallBackAt > 0 && h.failed >= handling.FallBackAt && !c.stays(h, f, handling) && !c.last(h):
		return step{what: FallBack}
	case handling.NoRetry || c.spent(h) || f.Kind == CircuitOpen:
		return c.leave(h)
	case h.failed < retry.Attempts:
		return c.again(h, f)
	case h.first && !h.recovered && slices.Contains(retry.Recovery.On, f.Kind):
		return c.afford(h, step{what: Recover, wait: retry.Recovery.Wait})
	}
	return c.leave(h)
}

// handling is what a failure leads to: what its reason does, as far as neither the provider nor the failure itself says more.
func (c *call) handling(f *AttemptError) Handling {
	handling := c.policy.Reasons[f.Reason]
	if c.policy.Retry.Empty.concerns(f) {
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

// again asks the same provider once more after a wait, or leaves it where the wait is not worth it.
func (c *call) again(h *hop, f *AttemptError) step {
	r := c.policy.Retry.RetryAfter
	wait, asked := r.asked(f, c.policy.pace())
	if asked && r.Patience > 0 && wait > r.Patience && !c.last(h) {
		return c.leave(h)
	}
	if asked {
		wait = r.capped(wait)
	} else {
		wait = c.policy.Retry.Backoff.delay(h.failed, c.rng)
	}
	if r.WithinDeadline && !c.until.IsZero() && wait >= time.Until(c.until) {
		return c.leave(h)
	}
	return c.afford(h, step{what: Retry, wait: wait})
}

// compress says that the conversation is shortened and sent again. A summary is not written: half of the tokens stand
// for it, and a conversation of unknown size cannot be shortened.
func (c *call) compress(h *hop, handling Handling) bool {
	if c.compressed >= handling.Compress || c.req.ContextTokens == 0 || c.spent(h) {
		return false
	}
	c.compressed++
	c.req.ContextTokens /= 2
	h.failed, h.recovered = 0, false
	return true
}

// leave ends a provider's part of the call.
func (c *call) leave(h *hop) step {
	if c.last(h) {
		return step{what: GiveUp, err: ErrChainExhausted}
	}
	return step{what: FallBack}
}

// afford goes on with the provider, unless the provider's time or the engine's budget of retries does not allow it.
func (c *call) afford(h *hop, next step) step {
	if c.hopSpent(h, next.wait) || !c.engine.retries.take() {
		return c.leave(h)
	}
	return next
}

// stays says that the policy holds a provider after a failure that would lead to an early fallback.
func (c *call) stays(h *hop, f *AttemptError, handling Handling) bool {
	if f.Reason == Timeout && c.policy.Chain.StayOnTimeout {
		return true
	}
	return handling.HeldByKeys && h.member.pool.mayRecover()
}

// rotate goes on to the provider's next key, if the failure is one of the key and there is one that does not rest.
func (c *call) rotate(h *hop, f *AttemptError) bool {
	handling := c.policy.Reasons[f.Reason]
	if handling.RotateAt == 0 {
		h.refused = 0
		return false
	}
	h.refused++
	if h.refused < handling.RotateAt {
		return false
	}
	key := h.member.pool.keys[f.key]
	if c.shared.dead == nil {
		c.shared.dead = map[string]bool{}
	}
	c.shared.dead[key] = true
	awake := h.member.pool.retire(f.key, max(handling.KeyRest, c.asked(f)))
	if !awake || h.rotated == len(h.member.pool.keys)-1 || c.spent(h) {
		return false
	}
	h.refused = 0
	h.rotated++
	c.decideOn(Rotate, f, 0)
	return true
}

// asked is how long the provider asked to be left alone.
func (c *call) asked(f *AttemptError) time.Duration {
	r := c.policy.Retry.RetryAfter
	wait, ok := r.asked(f, c.policy.pace())
	if !ok {
		return 0
	}
	return r.capped(wait)
}

// learn tells all calls that this one has left a provider.
func (c *call) learn(h *hop, f *AttemptError) {
	if !c.policy.Reasons[f.Reason].Cooldown {
		return
	}
	if rest := h.member.health.left(time.Now().Add(-f.Took), c.asked(f)); rest > 0 {
		c.decide(Decision{What: Rest, Reason: f.Reason, Provider: h.member.Name, Detail: "for " + rest.String()})
	}
}

// refused is the failure of an attempt that the breaker does not let through, or nil.
func (c *call) refused(h *hop) *AttemptError {
	refuses, trial := h.member.health.refuses()
	if trial {
		c.decide(Decision{What: Probe, Provider: h.member.Name, Detail: "the breaker lets one attempt through"})
	}
	if !refuses {
		return nil
	}
	f := &AttemptError{
		Provider: h.member.Name, Attempt: h.requests, Kind: CircuitOpen, Reason: Timeout,
		Message: "too many stale kills in a row",
	}
	c.lost = append(c.lost, f)
	return f
}

// spent says that the provider has had all that one call may give it: requests, or time.
func (c *call) spent(h *hop) bool { return c.full(h) || c.hopSpent(h, 0) }

// repeats says whether the inner loop repeats a stream that failed like this.
func (c *call) repeats(f *AttemptError) bool {
	return c.req.Stream && slices.Contains(c.policy.Retry.Inner.On, f.Kind)
}

// aside says whether the failure is retried without counting as an attempt of either loop, and after which wait.
func (c *call) aside(h *hop, f *AttemptError) (wait time.Duration, ok bool) {
	retry := c.policy.Retry
	switch {
	case c.isBlip(h, f) && c.engine.retries.take():
		h.blips++
		wait = retry.Blip.Wait
	case c.retriesEmpty(h, f) && c.engine.retries.take():
		h.empties++
		wait = retry.Empty.Backoff.delay(h.empties, c.rng)
	default:
		return 0, false
	}
	c.decideOn(Retry, f, wait)
	return wait, true
}

// isBlip says whether the failure is a blip that is retried at once.
func (c *call) isBlip(h *hop, f *AttemptError) bool {
	b := c.policy.Retry.Blip
	return h.blips < b.Retries && f.Kind == APIConnectionError && f.connected && f.Took <= b.Within
}

// retriesEmpty says whether the failure is an empty answer that is asked for again.
func (c *call) retriesEmpty(h *hop, f *AttemptError) bool {
	empty := c.policy.Retry.Empty
	return empty.concerns(f) && h.empties < empty.Retries
}

// afterPart decides about a stream that broke, perhaps after content: Accept and Continue, Retry for what a failure without
// content would lead to, or the error that ends the call.
func (c *call) afterPart(h *hop, f *AttemptError) (What, error) {
	if !f.Content && !c.out.continues {
		return Retry, nil
	}
	return c.afterContent(h, f)
}

// afterContent is afterPart for a stream that had content.
func (c *call) afterContent(h *hop, f *AttemptError) (What, error) {
	after, stream := c.policy.Stream.AfterContent, c.policy.Stream
	if (f.calls || f.Kind == InvalidToolCall) && !stream.AcceptBadCalls && (after == AfterAccept || after == AfterContinue) {
		after = AfterRestart // half a tool call is no part of an answer
	}
	switch after {
	case AfterAccept:
		c.decideOn(Accept, f, 0)
		return Accept, nil
	case AfterContinue:
		c.parts++
		if c.parts < stream.Continuations && !c.spent(h) && h.member.prefills {
			c.out.continues = true
			c.decideOn(Continue, f, 0)
			return Continue, nil
		}
	case AfterRestart, AfterDiscard:
		if !c.req.Restarts {
			break
		}
		c.out.abandon()
		if after == AfterDiscard {
			f.Kind, f.Reason = Empty, Unknown
		}
		return Retry, nil
	case AfterError:
	}
	c.decideOn(GiveUp, f, 0)
	return GiveUp, &CallError{ErrInterrupted, c.lost}
}
