package failover

import (
	"slices"
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
	case !h.last && handling.FallBackAt > 0 && h.failed >= handling.FallBackAt:
		return step{what: FallBack}
	case handling.NoRetry || c.spent(h):
		return h.leave()
	case h.failed < retry.Attempts:
		return c.again(h, f)
	case h.first && !h.recovered && slices.Contains(retry.Recovery.On, f.Kind):
		return step{what: Recover, wait: retry.Recovery.Wait}
	}
	return h.leave()
}

// leave ends a provider's part of the call.
func (h *hop) leave() step {
	if h.last {
		return step{what: GiveUp, err: ErrChainExhausted}
	}
	return step{what: FallBack}
}

// spent says that the provider has had all the requests that one call may send it.
func (c *call) spent(h *hop) bool {
	most := c.policy.Retry.RequestsPerProvider
	return most > 0 && h.requests >= most
}

// repeats says whether the inner loop repeats a stream that failed like this.
func (c *call) repeats(f *AttemptError) bool {
	return slices.Contains(c.policy.Retry.Inner.On, f.Kind)
}

// isBlip says whether the failure is a blip that is retried at once.
func (c *call) isBlip(h *hop, f *AttemptError) bool {
	b := c.policy.Retry.Blip
	return h.blips < b.Retries && f.Kind == APIConnectionError && f.Took <= b.Within
}

// afterContent decides about a stream that broke after content: Accept and Continue, Retry for what a failure without
// content would lead to, or the error that ends the call.
func (c *call) afterContent(h *hop, f *AttemptError) (What, error) {
	switch c.policy.Stream.AfterContent {
	case AfterAccept:
		c.decideOn(Accept, f, 0)
		return Accept, nil
	case AfterContinue:
		c.parts++
		if c.parts < c.policy.Stream.Continuations && !c.spent(h) {
			c.out.continues = true
			c.decideOn(Continue, f, 0)
			return Continue, nil
		}
	case AfterRestart:
		if c.req.Restarts {
			c.out.abandon()
			return Retry, nil
		}
	case AfterError:
	}
	c.decideOn(GiveUp, f, 0)
	return GiveUp, &CallError{ErrInterrupted, c.lost}
}
