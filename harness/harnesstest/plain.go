package harnesstest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/harness"
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
	// Deadline ends the whole call. Default 20 min.
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
		&o.FirstContent: 42 * time.Second, &o.Stall: 42 * time.Second, &o.Whole: 90 * time.Second, &o.Deadline: 20 * time.Minute,
		&o.Backoff: 500 * time.Millisecond, &o.RetryAfter: 10 * time.Second, &o.Settle: time.Second,
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
			wire, ok := wireOf(u.Protocol)
			if !ok {
				return harness.Skip{Reason: "the plain engine does not speak " + u.Protocol}
			}
			client := *u.HTTPClient
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			e.chain = append(e.chain, link{upstream: u, wire: wire, client: &client})
		}
		return e
	}
}

// plain is the engine. It makes one call at a time.
type plain struct {
	options Options
	chain   []link
	// resting holds, for each provider that was silent, until when it is asked last.
	resting map[string]time.Time
	// explain records a decision, chance is the source of the jitter.
	explain func(string)
	chance  *rand.Rand
}

// A link is one provider of the chain.
type link struct {
	upstream harness.Upstream
	wire     wire
	client   *http.Client
}

var (
	errDeadline = errors.New("the call took too long")
	errSilent   = errors.New("no content for too long")
	errEmpty    = errors.New("the answer is empty")
	errPart     = errors.New("the answer ended before it was whole")
	errRefused  = errors.New("the model refused")
	errBadCall  = errors.New("the arguments of a tool call are no JSON object")
)

// Call asks one provider after the other until one has given a whole answer.
func (e *plain) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, e.options.Deadline, errDeadline)
	defer cancel()
	caller := &caller{emit: emit}
	var errs []error
	chain := e.order()
	for i, l := range chain {
		err := e.provider(ctx, l, req, caller, i == len(chain)-1)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", l.upstream.Name, err))
		e.explain(fmt.Sprintf("leave %s: %s", l.upstream.Name, err))
		if ctx.Err() != nil || (caller.has && !req.Restarts) {
			break
		}
	}
	return errors.Join(errs...)
}

// order returns the chain, with the providers that rest at its end.
func (e *plain) order() []link {
	chain := slices.Clone(e.chain)
	slices.SortStableFunc(chain, func(a, b link) int { return cmp.Compare(e.rests(a), e.rests(b)) })
	return chain
}

func (e *plain) rests(l link) int {
	if time.Now().Before(e.resting[l.upstream.Name]) {
		return 1
	}
	return 0
}

// provider asks one provider, and again after an error that may pass.
func (e *plain) provider(ctx context.Context, l link, req harness.Request, caller *caller, last bool) error {
	for try := 0; ; try++ {
		err := e.attempt(ctx, l, req, caller, last)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if errors.Is(err, errSilent) {
			e.resting[l.upstream.Name] = time.Now().Add(e.options.Rest)
		}
		wait, again := e.again(err, last)
		if !again || try >= e.options.Retries || caller.has {
			return err
		}
		e.explain(fmt.Sprintf("ask %s again in %s: %s", l.upstream.Name, wait, err))
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
		refused *statusError
		foreign *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &refused) && refused.final, errors.As(err, &foreign):
		return 0, false
	case errors.As(err, &refused) && refused.limited():
		// The next provider answers at once. Only the last one is worth a wait, and a short one.
		return refused.retryAfter, last && refused.retryAfter > 0 && refused.retryAfter <= e.options.RetryAfter
	case errors.As(err, &refused):
		return e.backoff(), refused.status >= http.StatusInternalServerError
	case errors.Is(err, errSilent), errors.Is(err, errEmpty), errors.Is(err, errRefused), errors.Is(err, errBadCall), errors.Is(err, errPart):
		return 0, false
	}
	return e.backoff(), true // a connection that was lost
}

// backoff draws a pause.
func (e *plain) backoff() time.Duration {
	return e.options.Backoff + time.Duration(e.chance.Float64()*float64(e.options.Backoff)/2) //nolint:mnd // half of it more
}

// attempt makes one request and reads its answer under the watchdog.
func (e *plain) attempt(ctx context.Context, l link, req harness.Request, caller *caller, last bool) (err error) {
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
		return refusal(res)
	}
	a := &answer{caller: caller, progress: func() { watchdog.Reset(e.options.Stall) }, calls: map[int]string{}}
	caller.startsOver = caller.has
	if req.Stream {
		err = read(res.Body, l.wire, a, func() { watchdog.Reset(e.options.Settle) })
	} else {
		err = readWhole(res.Body, l.wire, a)
	}
	return a.verdict(err)
}

// read reads a stream to its terminal mark. settle is called when the answer is whole or the mark
// has come, so that what is left of the stream does not keep the caller.
func read(body io.Reader, wire wire, a *answer, settle func()) error {
	events := newEvents(body)
	settling := false
	for {
		event, err := events.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && !a.over {
			err = wire.event(event, a)
		}
		if err != nil {
			return err
		}
		if !settling && (a.whole || a.over) {
			settling = true
			settle()
		}
	}
}

// maxWhole bounds an answer that is not streamed.
const maxWhole = 64 << 20

func readWhole(body io.Reader, wire wire, a *answer) error {
	data, err := io.ReadAll(io.LimitReader(body, maxWhole))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return wire.answer(data, a)
}
