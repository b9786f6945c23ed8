package failover

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// A call is one running lane of a Call: the first lane, or a hedge beside another one. Its methods
// run in the lane's goroutine, except those that the watchdog calls. The first lane's goroutine is
// the caller's.
type call struct {
	engine *Engine
	policy *Policy
	number int
	req    Request
	out    delivery
	race   race
	// noFallback reports that no other provider is left.
	noFallback bool
	rng        *rand.Rand
	began      time.Time
	until      time.Time // zero: no deadline
	failures   []*AttemptError
	parts      int // requests spent on one answer, see AfterContinue
	// compressed counts how often the conversation was shortened.
	compressed int
	shared     *shared
}

// shared holds what all lanes of a call have in common.
type shared struct {
	route  []slot // in the order of the route
	probes []int  // indices in the chain of the providers that the call probes
	hedges int
	dead   map[string]bool // the keys that were refused

	deciding sync.Mutex
}

func newCall(e *Engine, number int, req Request, emit func(Delta)) *call {
	c := &call{engine: e, policy: &e.policy, number: number, req: req, began: time.Now()}
	c.rng = rand.New(rand.NewPCG(e.seed, uint64(number))) //nolint:gosec // jitter must be repeatable, not secret
	order, probes, resting := e.route()
	c.shared = &shared{route: make([]slot, len(order)), probes: probes}
	for index, i := range order {
		c.shared.route[index] = slot{member: &e.chain[i], index: index, first: i == 0}
	}
	c.out = delivery{emit: emit, keep: c.policy.Stream.AfterContent == AfterContinue}
	c.until = c.policy.ends(c.began, req.TurnBegan)
	c.explain(probes, resting)
	return c
}

// run asks the chain. The caller's own error replaces every other one.
func (c *call) run(caller context.Context) (Answer, error) {
	ctx, cancel := context.WithCancelCause(caller)
	defer cancel(nil)
	alone := context.AfterFunc(c.engine.closing, func() { cancel(ErrClosed) })
	defer alone()
	if !c.until.IsZero() {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadlineCause(ctx, c.until, ErrDeadline)
		defer stop()
	}
	defer c.release()
	c.engine.retryBudget.deposit()
	c.engine.hedgeBudget.deposit()
	answer, err := c.walk(ctx, 0)
	if errors.Is(err, ErrChainExhausted) {
		c.engine.chain[0].health.rest(c.policy.Memory.Cooldown.Exhausted)
	}
	if ended := caller.Err(); err != nil && ended != nil {
		return Answer{}, ended
	}
	return answer, err
}

// release ends the call's probes.
func (c *call) release() {
	for _, i := range c.shared.probes {
		c.engine.chain[i].health.release()
	}
}

// walk asks one provider after the other, from an index of the route on.
func (c *call) walk(ctx context.Context, index int) (Answer, error) {
	for index >= 0 {
		answer, passed, err := c.ask(ctx, &c.shared.route[index])
		if err != nil || !passed {
			return answer, err
		}
		index = c.onward(index)
	}
	return Answer{}, &CallError{ErrChainExhausted, c.failures}
}

// A slot is one provider's part of a call.
type slot struct {
	member *member
	index  int  // in the route
	first  bool // in the chain
	began  time.Time
	asked  bool
	// requests counts what was sent, failed the attempts of the outer loop since the last recovery.
	requests, failed, earlyResets, empties int
	recovered                              bool
	// failures in a row of the key in use, and how often the next one was taken
	refused, rotated int
}

// ask runs the outer loop: it asks one provider until it answers, the call ends, or the next
// provider takes over (passed).
func (c *call) ask(ctx context.Context, s *slot) (answer Answer, passed bool, err error) {
	s.began, s.failed, s.earlyResets, s.empties, s.recovered, s.refused, s.rotated = time.Now(), 0, 0, 0, false, 0, 0
	for {
		answer, failed, err := c.repeat(ctx, s)
		if failed == nil || err != nil {
			return answer, false, err
		}
		if c.rotate(s, failed) {
			continue
		}
		s.failed++
		next := c.next(s, failed)
		c.decide(Decision{
			Action: next.action, Reason: failed.Reason, Provider: failed.Provider, Attempt: failed.Attempt,
			Wait: next.wait, Detail: failed.summary(),
		})
		switch next.action { //nolint:exhaustive // the others only wait
		case ActionFallBack:
			c.learn(s, failed)
			s.member.health.fellBack()
			return Answer{}, true, nil
		case ActionGiveUp:
			c.learn(s, failed)
			return Answer{}, false, &CallError{next.err, c.failures}
		case ActionRecover:
			s.recovered, s.failed = true, 0
		}
		if err := c.sleep(ctx, next.wait); err != nil {
			return Answer{}, false, err
		}
	}
}

// repeat runs the inner loop: it repeats one stream without a wait, if the policy allows it. It
// returns an answer, the failure for the outer loop, or the error that ends the call.
func (c *call) repeat(ctx context.Context, s *slot) (Answer, *AttemptError, error) {
	if refused := c.refused(s); refused != nil {
		return Answer{}, refused, nil
	}
	for repeats := 0; ; {
		a, failed := c.send(ctx, s)
		if answer, over, err := c.settleHedge(ctx, failed, s); over || err != nil {
			return answer, nil, err
		}
		if failed == nil {
			c.decide(Decision{Action: ActionAnswered, Provider: s.member.Name, Attempt: a.number})
			return a.answer, nil, nil
		}
		if err := c.ended(ctx); err != nil {
			return Answer{}, nil, err
		}
		if failed.inCall && c.policy.Stream.RepeatBrokenCalls && c.mayRepeat(s, failed, repeats) {
			repeats++
			c.out.rewind(c.req.Restarts)
			c.decideOn(ActionRepeat, failed, 0)
			continue
		}
		step, err := c.afterPart(s, failed)
		switch {
		case err != nil:
			return Answer{}, nil, err
		case step == ActionAccept:
			return c.part(a, failed), nil, nil
		case step == ActionContinue:
			repeats = 0
			continue
		case c.spent(s):
			return Answer{}, failed, nil
		}
		if wait, ok := c.uncounted(s, failed); ok {
			if err := c.sleep(ctx, wait); err != nil {
				return Answer{}, nil, err
			}
			continue
		}
		if !c.mayRepeat(s, failed, repeats) {
			return Answer{}, failed, nil
		}
		repeats++
		c.decideOn(ActionRepeat, failed, 0)
	}
}

// send makes one attempt and records what it did.
func (c *call) send(ctx context.Context, s *slot) (*attempt, *AttemptError) {
	s.requests++
	c.decide(Decision{Action: ActionAsk, Provider: s.member.Name, Attempt: s.requests})
	s.asked = true
	a, failed := c.try(ctx, s, s.requests)
	s.requests += max(0, int(a.requests.Load())-1) // the SDK's own
	if failed == nil {
		s.member.health.answered(a.began)
		return a, nil
	}
	if n := len(c.failures); n > 0 && c.failures[n-1].Provider == failed.Provider {
		c.failures = c.failures[:n-1]
	}
	c.failures = append(c.failures, failed)
	if fired, ok := failed.Err.(*alarmError); ok { //nolint:errorlint // only what the watchdog itself set
		c.decide(Decision{
			Action: ActionKill, Reason: failed.Reason, Provider: failed.Provider, Attempt: failed.Attempt,
			Detail: fired.Error(),
		})
		if (fired.alarm == alarmStale || fired.alarm == alarmHedge) && s.member.health.killed() {
			c.decide(Decision{Action: ActionOpen, Provider: failed.Provider, Detail: "too many stale kills in a row"})
		}
	}
	return a, failed
}

// ended returns the error with which the call ends because its context has ended, or nil. If the
// caller's context has ended, run replaces the error.
func (c *call) ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	cause := context.Cause(ctx)
	c.decide(Decision{Action: ActionGiveUp, Detail: cause.Error()})
	return &CallError{cause, c.failures}
}

// sleep waits, or returns the error with which the call ends in the meantime.
func (c *call) sleep(ctx context.Context, d time.Duration) error {
	if sleep(ctx, d) == nil {
		return nil
	}
	return c.ended(ctx)
}

// sleep waits, or returns ctx's error if that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}

// decide reports a decision to Config.OnDecision.
func (c *call) decide(d Decision) {
	if c.engine.onDecision == nil {
		return
	}
	c.shared.deciding.Lock()
	defer c.shared.deciding.Unlock()
	d.Call, d.At = c.number, time.Since(c.began)
	if !c.until.IsZero() {
		d.Remaining = time.Until(c.until)
	}
	c.engine.onDecision(d)
}

// decideOn reports a decision about a failed attempt.
func (c *call) decideOn(action Action, f *AttemptError, wait time.Duration) {
	c.decide(Decision{
		Action: action, Reason: f.Reason, Provider: f.Provider, Attempt: f.Attempt, Wait: wait, Detail: f.summary(),
	})
}
