package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

// A guard keeps a run in virtual time and the rest of the world apart: nobody from outside touches
// what belongs to the run, which would be a fatal error of the runtime, and nobody inside uses the
// machine's network. It remembers the first who tried. A nil guard, of a run in real time, allows
// everything. It is safe for concurrent use.
type guard struct {
	said atomic.Pointer[string]
	// dns says that a fault of the run has answered a lookup.
	dns atomic.Bool
	// ended is closed, and was made outside of virtual time.
	ended chan struct{}
}

// newGuard returns a guard. It must be called outside of virtual time.
func newGuard() *guard {
	g := &guard{ended: make(chan struct{})}
	close(g.ended)
	return g
}

// errForeign is what a goroutine from outside of a run gets.
var errForeign = errors.New("this Lab belongs to virtual time, and was used by a goroutine that is not of this run, " +
	"one that was started before it for instance: build the engine and all of its goroutines in the Factory, or use " +
	"--clock x60 (harness.WithClock)")

// waysOut says what to use in place of the machine's network.
const waysOut = "nothing real exists in virtual time: use Lab.HTTPClient or Lab.DialContext, or --clock x60 " +
	"(harness.WithClock)"

// enter returns an error if the calling goroutine is not in virtual time.
func (g *guard) enter() error {
	if g == nil || bubble.Inside() {
		return nil
	}
	g.note(errForeign.Error())
	return errForeign
}

// note keeps why the run cannot be judged, unless something is kept already.
func (g *guard) note(why string) {
	if g != nil {
		g.said.CompareAndSwap(nil, &why)
	}
}

// why returns what note has kept, or "".
func (g *guard) why() string {
	if g == nil || g.said.Load() == nil {
		return ""
	}
	return *g.said.Load()
}

// context returns ctx as an engine gets it. Whoever looks up a name or connects with it on the
// machine's network ends it, and gets no further: nothing has been sent then.
func (g *guard) context(ctx context.Context, cancel context.CancelFunc) context.Context {
	if g == nil {
		return ctx
	}
	leave := func(format string, a ...any) {
		if !bubble.Inside() {
			return // not of this run, which has its own word for that
		}
		g.note(fmt.Sprintf(format, a...) + "; " + waysOut)
		cancel()
		runtime.Goexit()
	}
	return guarded{g: g, Context: httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(i httptrace.DNSStartInfo) { leave("the engine looks up %s on the machine's network", i.Host) },
		ConnectStart: func(network, address string) {
			leave("the engine connects to %s (%s) on the machine's network", address, network)
		},
	})}
}

// tidy lets http.DefaultTransport, which outlives the run, end the dials that got no further. Ended
// later they would be a fatal error, as in the Close of an httptest.Server.
func (g *guard) tidy() {
	if g.why() != "" {
		http.DefaultClient.CloseIdleConnections()
	}
}

// guarded is a context that has ended for goroutines outside of virtual time, which may not touch
// its channel.
type guarded struct {
	context.Context //nolint:containedctx // it is one
	g               *guard
}

// Done is that of the context.
func (c guarded) Done() <-chan struct{} {
	if c.g.enter() != nil {
		return c.g.ended
	}
	return c.Context.Done()
}

// Err is that of the context.
func (c guarded) Err() error {
	if err := c.g.enter(); err != nil {
		return err
	}
	return c.Context.Err()
}

// proxy returns the Proxy of a transport, which is asked before each request, even where a
// connection is at hand that belongs to the run.
func (g *guard) proxy(next func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if g == nil {
		return next
	}
	return func(r *http.Request) (*url.URL, error) {
		if err := g.enter(); err != nil {
			return nil, err
		}
		if next == nil {
			return nil, nil
		}
		return next(r)
	}
}

// dialed looks at the error of a dial on the run's own network.
func (g *guard) dialed(err error) {
	if _, ok := errors.AsType[*net.DNSError](err); ok && g != nil {
		g.dns.Store(true)
	}
}

// looked notes an error that says that a real resolver was asked for a provider's name. The run's
// own network knows them all, but where a fault says otherwise.
func (g *guard) looked(upstreams []Upstream, err error) {
	if g == nil || g.dns.Load() {
		return
	}
	for _, u := range upstreams {
		at, bad := url.Parse(u.URL)
		if bad != nil || !strings.Contains(err.Error(), "lookup "+at.Hostname()) {
			continue
		}
		if dns, ok := errors.AsType[*net.DNSError](err); !ok || dns.Name == at.Hostname() {
			g.note(fmt.Sprintf("the engine looks up %s on the machine's network (%v); %s", at.Hostname(), err, waysOut))
			return
		}
	}
}
