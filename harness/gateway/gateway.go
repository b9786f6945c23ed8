package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
)

// Options say how the gateway is called. The zero Options call it as an SDK of the primary's vendor
// does.
type Options struct {
	// Protocol is what the gateway speaks to its callers: a name that package protocol knows. A
	// scenario's providers do not matter to it then. Default: the protocol of the scenario's
	// primary, for gateways that hand requests through.
	Protocol string
	// Path is what the SDK's base URL has behind the origin, as "/openai/v1". Default: that of the
	// vendor, "/v1" for OpenAI's. "/" is none.
	Path string
	// Model is the model that the caller asks for. Default: the primary's.
	Model string
	// Key is the caller's own key. Default: one that no provider was given.
	Key string
	// Header and Body are added to each request; see [caller.Options].
	Header map[string]string
	Body   string
}

// Skip is what a build function returns for a scenario that its gateway cannot serve, because the
// chain has a protocol that it does not speak for instance. The run is skipped with the reason.
type Skip struct{ Reason string }

var _ http.Handler = Skip{}

// ServeHTTP answers 501. The harness does not call it.
func (s Skip) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "skipped: "+s.Reason, http.StatusNotImplemented)
}

// settle is the scenario time that requests have to end after the last call, before their
// connections are cut: that of [harness.Grace] is for what is still open at the providers then.
const settle = 10 * time.Second

// New returns a factory of gateways. It calls build once for each run, inside the run's time; a
// handler that is an io.Closer is closed after the last call, when its server is down. A handler
// that panics has panicked in the run, unless it does so with [http.ErrAbortHandler]. The target
// is safe for calls at once.
func New(build func(harness.Lab) http.Handler, o Options) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		client, err := o.client(lab)
		if err != nil {
			return harness.Skip{Reason: "the gateway's caller: " + err.Error()}
		}
		handler := build(lab)
		switch h := handler.(type) {
		case nil:
			return nil
		case Skip:
			return harness.Skip{Reason: h.Reason}
		}
		listener, origin, err := lab.Listen("gateway-under-test")
		if err != nil {
			return harness.CannotLook{Reason: err.Error()}
		}
		t := &target{handler: handler, panics: panics{text: map[string]string{}}, settle: scaled(settle, lab.Scale())}
		client.BaseURL = origin + client.BaseURL
		pool := &http.Transport{DialContext: lab.DialContext, DisableCompression: true} // SDKs read what is written
		client.HTTPClient = &http.Client{Transport: pool}
		t.pool = pool
		if t.caller, err = caller.New(client); err != nil {
			_ = listener.Close()
			return harness.Skip{Reason: "the gateway's caller: " + err.Error()}
		}
		t.serve(lab.Context(), listener)
		return t
	}
}

// client returns the options of the caller. Its BaseURL is a path yet.
func (o Options) client(lab harness.Lab) (caller.Options, error) {
	primary := lab.Upstreams()[0]
	c := caller.Options{BaseURL: o.Path, Model: o.Model, Key: o.Key, Header: o.Header, Body: o.Body}
	name := o.Protocol
	if name == "" {
		name = primary.Protocol
	}
	var err error
	if c.Protocol, err = protocol.ByName(name); err != nil {
		return c, fmt.Errorf("%w: %s", err, name)
	}
	switch o.Path {
	case "":
		c.BaseURL = c.Protocol.About().BasePath
	case "/":
		c.BaseURL = ""
	}
	if c.Model == "" {
		c.Model = primary.Model
	}
	if c.Key == "" {
		c.Key = "sk-caller-0123456789abcdef"
	}
	return c, nil
}

func scaled(d time.Duration, scale float64) time.Duration {
	return time.Duration(float64(d) * scale)
}

// A target is a gateway that is served.
type target struct {
	handler http.Handler
	caller  *caller.Client
	pool    *http.Transport
	server  *http.Server
	served  chan struct{}
	settle  time.Duration
	panics  panics
}

var (
	_ io.Closer          = (*target)(nil)
	_ harness.NoRestarts = (*target)(nil)
)

// serve starts the server, whose requests live in ctx. What net/http logs is about connections
// that callers broke off; panics are caught before it sees them.
func (t *target) serve(ctx context.Context, l net.Listener) {
	t.served = make(chan struct{})
	t.server = &http.Server{ //nolint:gosec // slow callers are its subject, so no timeout
		Handler: t.panics.caught(t.handler), ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	go func() {
		defer close(t.served)
		_ = t.server.Serve(l) // it ends with Close alone
	}()
}

// Call makes one request of the gateway and reads its answer as the SDK does.
func (t *target) Call(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
	ctx, from := t.panics.watch(ctx)
	err := t.caller.Call(ctx, req, emit)
	if text := t.panics.claim(from()); text != "" {
		return harness.Panicked{Text: text}
	}
	return err //nolint:wrapcheck // it is what the caller sees
}

// NoRestarts returns true: no vendor's wire has a word for it.
func (t *target) NoRestarts() bool { return true }

// Close stops the server once its requests are over, or after a while. The error is a
// [harness.Panicked] if a handler panicked when nobody waited for it any more.
func (t *target) Close() error {
	t.pool.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), t.settle)
	defer cancel()
	if err := t.server.Shutdown(ctx); err != nil {
		_ = t.server.Close() // what is open is judged as it is
	}
	<-t.served
	var errs []error
	if c, ok := t.handler.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	if left := t.panics.rest(); len(left) > 0 {
		return harness.Panicked{Text: strings.Join(left, "; ") + " (its caller was done by then)"}
	}
	return errors.Join(errs...)
}
