package harnesstest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
)

// Options configure a plain engine. Every duration is scenario time. A zero field has its default.
type Options struct {
	// FirstContent is how long a provider may take until its first content. Default 42 s, a little
	// more than a slow but healthy provider needs. The last provider of the chain has until
	// Deadline.
	FirstContent time.Duration
	// Stall is the longest pause between two pieces of content. Default 42 s. Heartbeats and empty
	// pieces are no content.
	Stall time.Duration
	// Whole is how long an answer that is not streamed may take. Default 90 s.
	Whole time.Duration
	// Deadline ends the whole call. Default 15 min.
	Deadline time.Duration
	// Retries is how often one provider is asked again after an error that may pass. Default 1;
	// negative is never.
	Retries int
	// Backoff is the pause before such a retry, and up to half of it more, drawn from the run's
	// seed. Default 500 ms.
	Backoff time.Duration
	// RetryAfter is the longest wait that the last provider may ask for. Default 10 s.
	RetryAfter time.Duration
	// Settle is how long a finished answer waits for its terminal mark. Default 1 s.
	Settle time.Duration
	// Rest is how long a provider that was silent is asked last. Default 5 min.
	Rest time.Duration
}

// withDefaults fills in zero fields and turns scenario time into package time.
func (o Options) withDefaults(scale float64) Options {
	o.Retries = max(0, cmp.Or(o.Retries, 1))
	for d, usual := range map[*time.Duration]time.Duration{
		&o.FirstContent: 42 * time.Second, &o.Stall: 42 * time.Second, &o.Whole: 90 * time.Second,
		&o.Deadline: 15 * time.Minute,
		&o.Backoff:  500 * time.Millisecond, &o.RetryAfter: 10 * time.Second, &o.Settle: time.Second,
		&o.Rest: 5 * time.Minute,
	} {
		*d = time.Duration(float64(cmp.Or(*d, usual)) * scale)
	}
	return o
}

// Plain is a Factory: it builds the plain engine with the default Options.
func Plain(lab harness.Lab) harness.Target { return NewPlain(Options{})(lab) }

// NewPlain returns a factory of plain engines. It skips a chain with a protocol that the engine
// does not speak.
func NewPlain(o Options) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		e := &plain{
			options: o.withDefaults(lab.Scale()), resting: map[string]time.Time{}, explain: lab.Explain,
			chance: rand.New(rand.NewPCG(lab.Seed(), 0)),
		}
		for _, u := range lab.Upstreams() {
			vendor, err := speak(u)
			if err != nil {
				return harness.Skip{Reason: "the plain engine does not speak " + u.Protocol}
			}
			client := *u.HTTPClient
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			e.chain = append(e.chain, link{name: u.Name, vendor: vendor, client: &client})
		}
		return e
	}
}

// speak returns the client of a provider's protocol.
func speak(u harness.Upstream) (*caller.Client, error) {
	p, err := protocol.ByName(u.Protocol)
	if err != nil {
		return nil, err //nolint:wrapcheck // becomes a skip
	}
	return caller.New(caller.Options{
		Protocol: p, BaseURL: u.BaseURL, Model: u.Model, Key: u.Key, HTTPClient: u.HTTPClient,
	})
}

// plain is the engine. It is safe for concurrent use.
type plain struct {
	options Options
	chain   []link
	mu      sync.Mutex // guards resting and chance
	// resting holds, for each provider that was silent, until when it is asked last.
	resting map[string]time.Time
	// explain records a decision, chance is the source of the jitter.
	explain func(string)
	chance  *rand.Rand
}

// A link is one provider of the chain.
type link struct {
	name   string
	vendor *caller.Client
	client *http.Client
}

var (
	errDeadline = errors.New("the call took too long")
	errSilent   = errors.New("no content for too long")
	errEmpty    = errors.New("the answer is empty")
	errPart     = errors.New("the answer ended before it was whole")
	errRefused  = errors.New("the model refused")
	errBroken   = errors.New("the finish reason is an error")
	errBadCall  = errors.New("the arguments of a tool call are no JSON object")
)

// Call asks one provider after the other until one has given a whole answer.
func (e *plain) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, e.options.Deadline, errDeadline)
	defer cancel()
	user := &user{emit: emit}
	var errs []error
	chain := e.order()
	for i, l := range chain {
		err := e.provider(ctx, l, req, user, i == len(chain)-1)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", l.name, err))
		e.explain(fmt.Sprintf("leave %s: %s", l.name, err))
		if ctx.Err() != nil || (user.has && !req.Restarts) {
			break
		}
	}
	return errors.Join(errs...)
}

// order returns the chain, with the providers that rest at its end.
func (e *plain) order() []link {
	e.mu.Lock()
	defer e.mu.Unlock()
	chain := slices.Clone(e.chain)
	slices.SortStableFunc(chain, func(a, b link) int { return cmp.Compare(e.rests(a), e.rests(b)) })
	return chain
}

// rests returns 1 for a provider that rests. The caller holds mu.
func (e *plain) rests(l link) int {
	if time.Now().Before(e.resting[l.name]) {
		return 1
	}
	return 0
}

// rest lets a provider rest from now on.
func (e *plain) rest(l link) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.resting[l.name] = time.Now().Add(e.options.Rest)
}

// provider asks one provider, and again after an error that may pass.
func (e *plain) provider(ctx context.Context, l link, req harness.Request, user *user, last bool) error {
	for try := 0; ; try++ {
		err := e.attempt(ctx, l, req, user, last)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if errors.Is(err, errSilent) {
			e.rest(l)
		}
		wait, again := e.again(err, last)
		if !again || try >= e.options.Retries || user.has {
			return err
		}
		e.explain(fmt.Sprintf("ask %s again in %s: %s", l.name, wait, err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}

// again reports whether to ask the same provider again after an error, and after which pause.
func (e *plain) again(err error, last bool) (wait time.Duration, again bool) {
	var (
		refused *caller.Error
		foreign *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &foreign), errors.As(err, &refused) && refused.Final:
		return 0, false
	case refused == nil || refused.InAnswer:
	case refused.Status == http.StatusTooManyRequests || refused.Status == statusOverloaded:
		// The next provider answers at once. Only the last one is worth a wait, and a short one.
		return refused.RetryAfter, last && refused.RetryAfter > 0 && refused.RetryAfter <= e.options.RetryAfter
	default:
		return e.backoff(), refused.Status >= http.StatusInternalServerError
	}
	switch {
	case errors.Is(err, errSilent), errors.Is(err, errEmpty), errors.Is(err, errRefused), errors.Is(err, errBadCall),
		errors.Is(err, errPart):
		return 0, false
	}
	return e.backoff(), true // a connection that was lost
}

// statusOverloaded is Anthropic's status for an overload.
const statusOverloaded = 529

// backoff draws a pause.
func (e *plain) backoff() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	//nolint:mnd // half of it more
	return e.options.Backoff + time.Duration(e.chance.Float64()*float64(e.options.Backoff)/2)
}

// attempt makes one request and reads its answer under the watchdog.
func (e *plain) attempt(ctx context.Context, l link, req harness.Request, user *user, last bool) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	first := e.options.Whole
	if req.Stream {
		first = e.options.FirstContent
	}
	if last {
		first = e.options.Deadline
	}
	watchdog := time.AfterFunc(first, func() { cancel(errSilent) })
	defer watchdog.Stop()
	defer func() {
		if cause := context.Cause(ctx); err != nil && cause != nil {
			err = errors.Join(cause, err)
		}
	}()

	res, err := l.ask(ctx, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return caller.StatusError(res)
	}
	// What is left of a stream whose answer is whole does not keep the caller.
	a := &answer{
		user: user, calls: map[int]string{},
		progress: func() { watchdog.Reset(e.options.Stall) }, settle: func() { watchdog.Reset(e.options.Settle) },
	}
	user.startsOver = user.has
	return a.verdict(l.vendor.Read(res.Body, req.Stream, a.take))
}

// ask sends the request to the provider.
func (l link) ask(ctx context.Context, req harness.Request) (*http.Response, error) {
	r, err := l.vendor.Request(ctx, req)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it is
	}
	res, err := l.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	return res, nil
}
