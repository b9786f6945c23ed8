package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
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
	// warned has the warnings that were given.
	warned map[string]bool
}

// An engine is a target that has been started, for one run after the other.
type engine interface {
	harness.Target
	io.Closer
	// begin prepares for a run. The error is a [harness.Skip] or a [harness.CannotLook].
	begin(lab harness.Lab) error
	// alive reports whether the engine can serve another run.
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
	if panicked, ok := errors.AsType[harness.Panicked](err); ok {
		return harness.TargetFunc(func(context.Context, harness.Request, func(harness.Delta)) error { return panicked })
	}
	return harness.CannotLook{Reason: p.label + ": " + err.Error()}
}

// take returns an engine that is free, or starts one.
func (p *pool) take(lab harness.Lab) (e engine, reused bool, err error) {
	if e = p.pop(); e == nil {
		e, err = p.start(lab)
		return e, false, err
	}
	if err := p.target.betweenRuns(lab.Context(), p.values(lab)); err != nil {
		_ = e.Close() // what matters has been said
		return nil, false, err
	}
	return e, true, nil
}

// pop returns an engine that has served a run and still lives, or nil.
func (p *pool) pop() engine {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		e := p.idle[n-1]
		p.idle = p.idle[:n-1]
		if e.alive() {
			return e
		}
		_ = e.Close() // it ended by itself
	}
	return nil
}

// release ends the engines that no run uses.
func (p *pool) release() {
	for e := p.pop(); e != nil; e = p.pop() {
		_ = e.Close() // it has served its runs
	}
}

// values returns the values of templates in a run.
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

// Close ends the run. It keeps an engine that can serve another run.
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

// betweenRuns carries out the key between_runs of the file.
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

// postURL returns the URL of the request between two runs. A path is relative to the gateway.
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
		return "", fmt.Errorf("%q is not a URL", base)
	}
	return gateway.Scheme + "://" + gateway.Host + post, nil
}

// start starts an engine for a run.
func (p *pool) start(lab harness.Lab) (engine, error) {
	switch p.target.Kind {
	case Worker:
		return p.startWorker(lab)
	case Command:
		return p.startCommand(lab)
	case Gateway:
	}
	if p.target.Start == nil {
		caller, err := newGatewayCaller(p.target, p.values(lab), p.options.Words)
		return &gatewayEngine{Target: caller}, err
	}
	in, err := p.startGateway(lab)
	if err != nil {
		return nil, err
	}
	caller, err := newGatewayCaller(p.target, in.values, p.options.Words)
	if err != nil {
		in.close()
		return nil, err
	}
	return &gatewayEngine{Target: caller, in: in}, nil
}

// A gatewayEngine is a gateway that takes requests.
type gatewayEngine struct {
	harness.Target
	// in is nil if the gateway was running already.
	in *instance
}

func (g *gatewayEngine) begin(harness.Lab) error { return nil }

// alive reports whether the gateway still runs.
func (g *gatewayEngine) alive() bool { return g.in == nil || !isClosed(g.in.proc.Done()) }

// Call makes a call. If the gateway ended during the call, the error says so, and counts as the
// engine's failure.
func (g *gatewayEngine) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	err := g.Target.Call(ctx, req, emit)
	if err == nil || g.in == nil || ctx.Err() != nil || !broken(err) {
		return err //nolint:wrapcheck // it says what it is
	}
	select { // a connection breaks shortly before the end of its process is known
	case <-g.in.proc.Done():
		return fmt.Errorf("%w; the gateway %s%s", err, strings.TrimPrefix(g.in.ended(), "it "), g.in.said())
	case <-time.After(endWithin):
		return err //nolint:wrapcheck // it says what it is
	}
}

// endWithin is the real time to wait, after a broken connection, for the end of its gateway.
const endWithin = 50 * time.Millisecond

// broken reports whether a connection broke, or could not be made.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.ECONNREFUSED)
}

// Close closes the connections to the gateway, and ends it if it was started here.
func (g *gatewayEngine) Close() error {
	var err error
	if c, ok := g.Target.(io.Closer); ok {
		err = c.Close()
	}
	if g.in != nil {
		g.in.close()
	}
	return err
}

// warn returns a function that records a warning about an engine in the timeline of the run, and
// passes it to Options.Warn once for all runs.
func (p *pool) warn(lab harness.Lab) func(string) {
	return func(text string) {
		lab.Explain(text)
		p.mu.Lock()
		known := p.warned[text]
		if p.warned == nil {
			p.warned = map[string]bool{}
		}
		p.warned[text] = true
		p.mu.Unlock()
		if !known && p.options.Warn != nil {
			p.options.Warn(text)
		}
	}
}

// versionWithin bounds the command that prints a version, in real time.
const versionWithin = 30 * time.Second

// version returns the version of the engine, "" if it is unknown.
func (p *pool) version() string {
	if command := p.target.Version.Command; len(command) > 0 {
		return p.commandVersion(command)
	}
	return p.target.installedVersion()
}

// commandVersion returns the first version in the output of a command.
func (p *pool) commandVersion(command []string) string {
	dir, err := os.MkdirTemp("", "chaosrun-version-")
	if err != nil {
		return ""
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder for temporary files
	in := &instance{target: p.target, label: p.label, values: p.target.values(p.settings, nil)}
	in.values.dir = dir
	if in.env, err = process.CleanEnv(filepath.Join(dir, "home"), map[string]string{"PATH": in.path()}); err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), versionWithin)
	defer cancel()
	o, err := in.options(command)
	if err != nil {
		return ""
	}
	var out bytes.Buffer
	o.Stdout, o.Stderr, o.Stdin = &out, &out, strings.NewReader("")
	proc, err := in.begin(ctx, o)
	if err != nil {
		return ""
	}
	<-proc.Done()
	return firstVersion(out.Bytes())
}
