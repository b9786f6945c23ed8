package failover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ErrConfig reports that an engine cannot be built from its Config.
var ErrConfig = errors.New("engine cannot be built")

// Config holds what New builds an engine from.
type Config struct {
	// Policy says how the engine behaves. [FindPolicy], [LoadPolicy] and [NewPolicy] return one.
	Policy Policy
	// Chain lists the providers in the order in which they are asked. Names are unique.
	Chain []Provider
	// Seed decides the jitter of the backoff: one seed gives one sequence of waits for the nth
	// call.
	Seed uint64
	// OnDecision receives each decision as the engine takes it. It must not call the engine and
	// must not block. Decisions of one call come one after the other, those of several calls
	// concurrently. Default: nil, decisions are not reported. See [LogDecisions].
	OnDecision func(Decision)
}

// An Engine answers calls from a chain of providers. It is safe for concurrent use.
type Engine struct {
	policy      Policy
	chain       []member
	order       []int // all indices of the chain, in order
	learns      bool  // whether calls may find another order
	retryBudget *tokenBucket
	hedgeBudget *tokenBucket
	seed        uint64
	onDecision  func(Decision)
	own         []*http.Client

	closing context.Context //nolint:containedctx // it ends the calls when the engine does
	end     context.CancelFunc

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
	count  int
}

// New builds an engine, or returns [ErrConfig] or [ErrPolicy]. It sends nothing; the first call
// does.
func New(c Config) (*Engine, error) {
	if err := c.Policy.Validate(); err != nil {
		return nil, err
	}
	if len(c.Chain) == 0 {
		return nil, fmt.Errorf("%w: the chain has no provider", ErrConfig)
	}
	e := &Engine{policy: c.Policy, seed: c.Seed, onDecision: c.OnDecision}
	e.retryBudget, e.hedgeBudget = newTokenBucket(c.Policy.Retry.Budget), newTokenBucket(c.Policy.Hedge.Budget)
	e.learns = c.Policy.Memory.Cooldown != (Cooldown{})
	names := map[string]bool{}
	for _, p := range c.Chain {
		if p.Name == "" || names[p.Name] {
			return nil, fmt.Errorf("%w: provider name %q is empty or used twice", ErrConfig, p.Name)
		}
		names[p.Name] = true
		if p.HTTPClient == nil {
			p.HTTPClient = ownClient()
			e.own = append(e.own, p.HTTPClient)
		}
		m, err := newMember(p, c.Policy)
		if err != nil {
			return nil, err
		}
		e.order = append(e.order, len(e.chain))
		e.chain = append(e.chain, m)
		e.learns = e.learns || len(p.APIKeys) > 0
	}
	e.closing, e.end = context.WithCancel(context.Background())
	return e, nil
}

func ownClient() *http.Client {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		return &http.Client{Transport: t.Clone()}
	}
	return &http.Client{}
}

// Close ends the running calls with [ErrClosed], waits for them, and closes the idle connections of
// the engine's own clients. It returns nil. It is safe for concurrent use and may be called more
// than once.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.end()
	e.calls.Wait()
	for _, h := range e.own {
		h.CloseIdleConnections()
	}
	return nil
}

// enter counts a call, or returns ErrClosed.
func (e *Engine) enter() (number int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return 0, ErrClosed
	}
	e.calls.Add(1)
	e.count++
	return e.count, nil
}

// A Request holds what the caller asks.
type Request struct {
	// Prompt is what the user says last. It may be empty if there is a History.
	Prompt string
	// System is what the model is told before the conversation, and History the conversation so
	// far, oldest first. If History ends with an assistant's message and Prompt is empty, the
	// answer continues that message or begins anew, see [Answer.PrefillDropped].
	System  string
	History []Message
	// Tools are what the model may call. Default: none. A Request that every provider would refuse
	// ends with [ErrRequest].
	Tools []Tool
	// ContextTokens is the estimated size of the conversation, ContextWindow the model's limit,
	// both in tokens. 0 means unknown.
	ContextTokens, ContextWindow int
	// Stream asks the provider for a streamed answer. Default: false, and emit is called once the
	// whole answer is there.
	Stream bool
	// Restarts says that the caller understands [DeltaRestart]. Default: false, and nothing that
	// was delivered is ever taken back: a stream that breaks after content ends the call with
	// [ErrInterrupted].
	Restarts bool
	// TurnBegan is when the call's turn began, for [Policy.TurnDeadline]. Default: zero, the start
	// of the call.
	TurnBegan time.Time
}

// An Answer says who answered. The answer itself went to emit: everything after the last
// [DeltaRestart].
type Answer struct {
	// Provider is the name of the provider that answered, Model the model that it reports.
	Provider, Model string
	// Finish is why the answer ended, in the provider's word.
	Finish string
	// Usage is what this answer cost, in tokens; zero if the provider does not report it. Failed
	// attempts are not included.
	Usage Usage
	// ToolCalls are the whole calls that the model asks for, in order.
	ToolCalls []ToolCall
	// PrefillDropped reports that the assistant's message at the end of the History was left out
	// because the model takes none. The answer then stands by itself.
	PrefillDropped bool
}

// add records what an event reports besides content.
func (a *Answer) add(e event) {
	if e.model != "" {
		a.Model = e.model
	}
	if e.finish != "" {
		a.Finish = e.finish
	}
	a.Usage.Input = max(a.Usage.Input, e.usage.Input)
	a.Usage.Output = max(a.Usage.Output, e.usage.Output)
}

// Call asks the chain until a provider answers. It calls emit, from this goroutine, for each delta
// as it arrives. It is safe for concurrent use.
//
// A nil error says that the answer is whole, or accepted as whole by the policy. When ctx ends,
// Call returns ctx.Err() at once. Every other error is a *CallError around [ErrChainExhausted],
// [ErrInterrupted], [ErrRefused], [ErrRequest], [ErrDeadline] or [ErrClosed].
func (e *Engine) Call(ctx context.Context, req Request, emit func(Delta)) (Answer, error) {
	if err := req.validate(); err != nil {
		return Answer{}, &CallError{Err: err}
	}
	number, err := e.enter()
	if err != nil {
		return Answer{}, &CallError{Err: err}
	}
	defer e.calls.Done()
	return newCall(e, number, req, emit).run(ctx)
}
