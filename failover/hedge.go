package failover

import (
	"context"
	"math/rand/v2"
	"sync"
)

// A race decides between the attempt that a lane waits for and the hedge beside it.
type race struct {
	mu     sync.Mutex
	ahead  *attempt // the one that is running; nil between attempts
	beside *hedge   // nil: no hedge runs
	given  bool     // the lane has delivered content
}

// A hedge is a lane beside a slow attempt: a call of its own over the rest of the chain. Its deltas
// go through the lane that started it, and that lane's race decides the winner.
type hedge struct {
	lane   *call // the one that waits
	call   *call
	ctx    context.Context //nolint:containedctx // it ends the hedge and its deliveries
	cancel context.CancelFunc
	deltas chan Delta // not buffered: each delta that is received is delivered
	done   chan struct{}

	won, beaten bool // under the race
	cut         bool // a delta was not handed over
	answer      Answer
	err         error
}

// over reports whether the hedge has ended.
func (h *hedge) over() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// mayTakeBack reports whether what the caller received can be replaced.
func (c *call) mayTakeBack() bool {
	return c.req.Restarts && c.policy.Stream.AfterContent == AfterRestart
}

// overtake starts the next provider beside an attempt that has brought no content for too long. It
// reports whether to kill the attempt instead. It runs in the watchdog.
func (a *attempt) overtake(ctx context.Context) (kill bool) {
	c := a.call
	c.race.mu.Lock()
	defer c.race.mu.Unlock()
	if c.race.ahead != a || (c.race.given && !c.mayTakeBack()) {
		return false
	}
	if b := c.race.beside; b != nil {
		if !b.over() || (b.err != nil && !b.beaten) {
			return false // it still runs, or its failure is not handled yet
		}
	}
	index := c.following(a.slot.index)
	if index < 0 {
		return false
	}
	if c.shared.hedges >= c.policy.Hedge.PerCall || !c.engine.hedgeBudget.take() {
		return true
	}
	c.shared.hedges++
	c.decide(Decision{
		Action: ActionHedge, Provider: c.shared.route[index].member.Name, Detail: "beside " + a.member.Name,
	})
	c.race.beside = c.start(ctx, index)
	return false
}

// start starts a hedge that asks the chain from an index of the route on.
func (c *call) start(ctx context.Context, index int) *hedge {
	h := &hedge{lane: c, deltas: make(chan Delta), done: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(ctx)
	h.call = &call{
		engine: c.engine, policy: c.policy, number: c.number, req: c.req, began: c.began, until: c.until,
		compressed: c.compressed, shared: c.shared,
	}
	h.call.out = delivery{emit: h.hand}
	lane := uint64(c.shared.hedges) << 32                                    //nolint:gosec // a small number
	h.call.rng = rand.New(rand.NewPCG(c.engine.seed, lane|uint64(c.number))) //nolint:gosec // as in newCall
	go func() {
		defer close(h.done)
		defer h.cancel()
		h.answer, h.err = h.call.walk(h.ctx, index)
		if h.cut && h.err == nil {
			h.err = &CallError{Err: context.Cause(h.ctx)}
		}
	}()
	return h
}

// hand gives a delta to the waiting lane. The first delta decides the race.
func (h *hedge) hand(d Delta) {
	if !h.claim() {
		h.cut = true
		return
	}
	select {
	case h.deltas <- d:
	case <-h.ctx.Done():
		h.cut = true
	}
}

// claim wins the race, unless the other lane has, and cancels the loser.
func (h *hedge) claim() bool {
	r := &h.lane.race
	r.mu.Lock()
	defer r.mu.Unlock()
	if h.won || h.beaten {
		return h.won
	}
	if r.given && !h.lane.mayTakeBack() {
		h.beaten = true
		return false
	}
	h.won = true
	if r.ahead != nil {
		r.ahead.beaten = true
		r.ahead.cancel(&alarmError{alarmHedge, h.lane.policy.Hedge.after(h.lane.req)})
	}
	return true
}

// claim lets the attempt deliver, unless it has lost, and cancels what ran beside it.
func (a *attempt) claim() bool {
	r := &a.call.race
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.beaten {
		return false
	}
	r.given = true
	if b := r.beside; b != nil && !b.beaten && !b.over() {
		b.beaten = true
		b.cancel()
	}
	return true
}

// enter records the attempt that the lane waits for.
func (r *race) enter(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead = a
}

// leave records that no attempt is running, and returns the hedge beside the last one, or nil.
func (r *race) leave() *hedge {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead = nil
	return r.beside
}

// settleHedge ends the hedge beside an attempt that has ended. If the attempt failed, its hedge is
// the fallback, and settleHedge waits for it. If the hedge has answered, or has delivered content,
// the lane ends too.
func (c *call) settleHedge(ctx context.Context, failed *AttemptError, s *slot) (answer Answer, over bool, err error) {
	b := c.race.leave()
	if b == nil {
		return Answer{}, false, nil
	}
	if failed == nil {
		b.cancel()
		<-b.done
		c.race.beside = nil
		return Answer{}, false, nil
	}
	c.join(b)
	c.race.beside = nil
	c.failures = append(c.failures, b.call.failures...)
	switch {
	case b.beaten:
		return Answer{}, false, c.ended(ctx)
	case b.err == nil:
		c.learn(s, failed)
		return b.answer, true, nil
	case ctx.Err() != nil:
		return Answer{}, true, c.ended(ctx)
	case b.won:
		c.learn(s, failed)
		if wrong, ok := b.err.(*CallError); ok { //nolint:errorlint // it is never wrapped
			return Answer{}, true, &CallError{wrong.Err, c.failures}
		}
		return Answer{}, true, b.err
	}
	c.noFallback = true // the rest of the chain has been asked
	return Answer{}, false, nil
}

// join delivers a hedge's deltas until it is over.
func (c *call) join(b *hedge) {
	first := true
	for {
		select {
		case d := <-b.deltas:
			if first || d.Kind == DeltaRestart {
				first = false
				c.out.abandon()
			}
			if d.Kind != DeltaRestart {
				c.out.deliver(d)
			}
		case <-b.done:
			return
		}
	}
}

// hasLost reports whether the hedge beside the attempt has won.
func (a *attempt) hasLost() bool {
	a.call.race.mu.Lock()
	defer a.call.race.mu.Unlock()
	return a.beaten
}

// replaceable reports whether another provider or hedge is left to wait for. It runs in the
// watchdog.
func (a *attempt) replaceable() bool {
	c := a.call
	c.race.mu.Lock()
	defer c.race.mu.Unlock()
	if b := c.race.beside; b != nil && !b.over() {
		return true
	}
	return !c.last(a.slot)
}
