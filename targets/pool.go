package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

// A pool has the engines of one variant. It is safe for concurrent use.
type pool struct {
	target   *Target
	label    string
	settings map[string]string
	options  Options

	mu sync.Mutex
	// idle are engines that have served a run, and may serve another one.
	idle []engine
}

// An engine is a target that has been started, for one run after the other.
type engine interface {
	harness.Target
	io.Closer
	// begin prepares for a run. The error is a [harness.Skip] or a [harness.CannotLook].
	begin(lab harness.Lab) error
	// alive reports whether it can serve another run.
	alive() bool
}

// skipped is the error of an engine that cannot run a scenario.
type skipped struct{ reason string }

func (s skipped) Error() string { return s.reason }

// build is the Factory of the variant.
func (p *pool) build(lab harness.Lab) harness.Target {
	if reason := p.target.express(lab.Upstreams()); reason != "" {
		return harness.Skip{Reason: reason}
	}
	e, reused, err := p.take(lab)
	if err == nil {
		if err = e.begin(lab); err == nil {
			return &session{engine: e, pool: p, reused: reused}
		}
		_ = e.Close() // what matters has been said
	}
	if skip, ok := errors.AsType[skipped](err); ok {
		return harness.Skip{Reason: skip.reason}
	}
	return harness.CannotLook{Reason: p.label + ": " + err.Error()}
}

// take returns an engine that is free, or starts one.
func (p *pool) take(lab harness.Lab) (e engine, reused bool, err error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		e, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	p.mu.Unlock()
	if e != nil {
		return e, true, p.target.betweenRuns(lab.Context(), p.values(lab))
	}
	e, err = p.start(lab)
	return e, false, err
}

// values returns what templates can name in a run.
func (p *pool) values(lab harness.Lab) values { return p.target.values(p.settings, lab.Upstreams()) }

// keeps reports whether an engine serves all runs.
func (t *Target) keeps() bool {
	if t.Start == nil {
		return t.Kind == Gateway
	}
	return t.BetweenRuns.Restart != nil && !*t.BetweenRuns.Restart
}

// A session is an engine during one run.
type session struct {
	engine
	pool   *pool
	reused bool
}

var _ harness.Reused = (*session)(nil)

// Reused reports whether the engine has served an earlier run.
func (s *session) Reused() bool { return s.reused }

// Close ends the run. An engine that can serve another one is kept for it.
func (s *session) Close() error {
	if !s.pool.target.keeps() || !s.alive() {
		return s.engine.Close()
	}
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.pool.idle = append(s.pool.idle, s.engine)
	return nil
}

// postWithin is the longest time that a request between two runs may take, in real time.
const postWithin = 30 * time.Second

// betweenRuns does what the file asks for between two runs of one engine.
func (t *Target) betweenRuns(ctx context.Context, v values) error {
	b := t.BetweenRuns
	if b.Wait > 0 {
		timer := time.NewTimer(b.Wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if b.Post == "" {
		return nil
	}
	to, err := t.postURL(v)
	if err != nil {
		return fmt.Errorf("between_runs.post: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, http.NoBody)
	if err != nil {
		return fmt.Errorf("between_runs.post: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return fmt.Errorf("between_runs.post: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("between_runs.post: %s answered %s", to, resp.Status)
	}
	return nil
}

// postURL returns where the request between two runs goes to. A path is one of the gateway.
func (t *Target) postURL(v values) (string, error) {
	post, err := v.expand(t.BetweenRuns.Post)
	if err != nil || !strings.HasPrefix(post, "/") {
		return post, err
	}
	base, err := v.expandEnv(t.Call.BaseURL)
	if err != nil {
		return "", err
	}
	gateway, err := url.Parse(base)
	if err != nil || gateway.Host == "" {
		return "", fmt.Errorf("%q is no URL", base)
	}
	return gateway.Scheme + "://" + gateway.Host + post, nil
}

// start starts an engine for a run.
func (p *pool) start(lab harness.Lab) (engine, error) {
	v := p.values(lab)
	if p.target.Kind == Gateway && p.target.Start == nil {
		caller, err := newGatewayCaller(p.target, v, p.options.Words)
		return gatewayEngine{caller}, err
	}
	return nil, errors.New("this kind of target cannot be started yet")
}

// A gatewayEngine is a gateway that runs already.
type gatewayEngine struct{ harness.Target }

func (gatewayEngine) begin(harness.Lab) error { return nil }
func (gatewayEngine) alive() bool             { return true }

// Close closes the connections to the gateway.
func (g gatewayEngine) Close() error {
	if c, ok := g.Target.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// version returns the version of the engine, "" if it cannot be found out.
func (p *pool) version() string { return "" }
