package fakeprovider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/timeline"
)

// Options configure a Provider.
type Options struct {
	// Name is the provider's name in timelines and in generated texts. Default "provider".
	Name string
	// Protocol is the vendor's wire. Required: New panics and Start returns ErrNoProtocol without
	// one.
	Protocol Protocol
	// Others are the protocols that a fault such as fault.WrongWire may answer in. Default: none.
	Others []Protocol
	// OnRequest is the behaviour: the nth entry serves the nth request, and the last one repeats.
	// Default Healthy.
	OnRequest []Fault
	// Outages replace the due entry during their windows. Default: none.
	Outages []Outage
	// Recorder receives every event. Default: a new one, which Provider.Recorder returns.
	Recorder *timeline.Recorder
	// Seed seeds all chance. Equal seeds send equal bytes. Default 0.
	Seed uint64
	// FixedIDs gives every response the same ids, padding, date (2026-07-01T12:00:00Z) and
	// rate-limit counters, drawn from Seed alone. The same script then sends the same bytes each
	// time.
	FixedIDs bool
	// Scale is real time per scenario time: a scripted wait of d really takes d×Scale. 1/60 makes
	// a minute pass in a second. Default 1.
	Scale float64
	// CallOf returns the call of the run that a request belongs to, from 1. A fault that acts
	// before a request arrives asks with nil. It must be safe for concurrent use. Default: call
	// 1.
	CallOf func(r *http.Request, body []byte) int
	// CallOfDial returns the call that a dial of [Provider.Dial] belongs to, by its context. It
	// must be safe for concurrent use. Default: CallOf with nil.
	CallOfDial func(ctx context.Context) int
	// Asked compares a request with what the caller asked of the engine, for the timeline. It must
	// be safe for concurrent use, and may return nil. Default: nobody compares.
	Asked func(r *http.Request, body []byte, call int) *timeline.Asked
	// Pick may choose the fault of a single request. Default: nothing is picked.
	Pick Picker
	// TLS configures the connections of Serve and Start. With "h2" in NextProtos they also offer
	// HTTP/2. Default: plain HTTP.
	TLS *tls.Config
	// Watch is called for every request and at its end. Default: nobody is told.
	Watch Watcher
	// Budget bounds what the scripts do, for all providers that share it. Default: no bound.
	Budget *Budget
	// ErrorLog receives what net/http says of connections that carry no request, such as a TLS
	// handshake that a client breaks off. Default: nothing is said.
	ErrorLog *log.Logger
}

// A Provider is an LLM provider that misbehaves on purpose. It is safe for concurrent use.
type Provider struct {
	o      Options
	router *mux.Router

	// dueMu guards the entries and the position among them.
	dueMu    sync.Mutex
	entries  []Fault
	attempts int
	current  int           // index of the due entry
	reached  int           // how many requests have reached that entry
	dialed   []*assignment // assignments of the next accepted connections, in order

	clients clientConns

	ctx    context.Context //nolint:containedctx // the provider's lifetime, ended by Close
	cancel context.CancelCauseFunc
	// mu orders the start of an exchange against Close, which waits for all that started. A
	// sync.WaitGroup would leave some bytes in the runtime for each run in virtual time: Go 1.26
	// drops what ties it to a bubble, and does not free it.
	mu     sync.Mutex
	closed bool
	open   int
	idle   *sync.Cond // open is 0
}

var _ http.Handler = (*Provider)(nil)

// ErrNoProtocol reports Options without a protocol.
var ErrNoProtocol = errors.New("fakeprovider: Options.Protocol is not set; protocol.OpenAIChat{}, for instance")

// New returns a provider. It starts nothing: serve the provider, or call Start instead. It panics
// with ErrNoProtocol if Options name no protocol.
func New(o Options) *Provider {
	if o.Name == "" {
		o.Name = "provider"
	}
	if o.Protocol == nil {
		panic(ErrNoProtocol)
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Recorder == nil {
		o.Recorder = timeline.NewRecorder(timeline.RecorderOptions{Scale: 1 / o.Scale})
	}
	if o.CallOf == nil {
		o.CallOf = func(*http.Request, []byte) int { return 1 }
	}
	if o.CallOfDial == nil {
		o.CallOfDial = func(context.Context) int { return o.CallOf(nil, nil) }
	}
	if o.ErrorLog == nil {
		o.ErrorLog = log.New(io.Discard, "", 0)
	}
	p := &Provider{o: o, router: mux.NewRouter().SkipClean(true)}
	p.idle = sync.NewCond(&p.mu)
	p.OnRequest(o.OnRequest...)
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	o.Protocol.Mount(p.router, http.HandlerFunc(p.serve))
	p.router.NotFoundHandler = p.refusal(Problem{Status: http.StatusNotFound, Code: CodeUnknownRoute})
	p.router.MethodNotAllowedHandler = p.refusal(Problem{Status: http.StatusMethodNotAllowed, Code: CodeWrongMethod})
	return p
}

// Recorder returns the recorder that the provider writes to.
func (p *Provider) Recorder() *timeline.Recorder { return p.o.Recorder }

// ServeHTTP answers one request. After Close it aborts.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.begin() {
		panic(http.ErrAbortHandler)
	}
	defer p.end()
	p.router.ServeHTTP(w, r)
}

// begin registers work that Close must wait for. It returns false if the provider is closed.
func (p *Provider) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.open++
	return true
}

// end ends what begin registered.
func (p *Provider) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	if p.open == 0 {
		p.idle.Broadcast()
	}
}

// Close ends every exchange and waits until their handlers have returned. Later requests are
// aborted. Exchanges that it ends stay open in the timeline, because no client disconnected. Call
// it before closing the server.
func (p *Provider) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel(ErrProviderClosed)
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open > 0 {
		p.idle.Wait()
	}
}

// serve answers a request for a completion.
func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	reused, idle, done := beginUse(r.Context())
	defer done()
	// net/http reports a disconnect only after the body has been read.
	body, problem := p.readBody(w, r)
	v := Visit{HTTP: r, BodyBytes: len(body), Call: p.o.CallOf(r, body)}
	if problem == nil {
		v.Request, problem = p.o.Protocol.Parse(r, body)
		if p.o.Asked != nil {
			v.asked = p.o.Asked(r, body, v.Call)
		}
	}
	v.Request.Method, v.Request.Path = r.Method, r.URL.Path
	v.Request.Reused, v.Request.Idle = reused, time.Duration(float64(idle)/p.o.Scale)
	var picked Fault
	if problem == nil {
		picked, problem = p.pick(r, &v.Request)
	}
	if picked != nil && problem == nil {
		problem = pickProblem(picked, w, r)
	}
	if problem != nil {
		p.refuse(w, v, *problem)
		return
	}
	if a := assignmentOf(r.Context(), p); a != nil && picked == nil {
		v.Call, v.Attempt, v.Fault = a.call, a.attempt, a.fault
	} else {
		v.Attempt, v.Fault, _ = p.due(phaseRequest, picked)
	}
	p.play(w, v, func(ctx context.Context, x *exchange) error {
		if err := CannotSay(v.Fault, p.o.Protocol, v.Request); err != nil {
			return err
		}
		if err := x.Wait(ctx, startDelay(p.chance("phase", v.Attempt))); err != nil {
			return err
		}
		return v.Fault.Script().Play(ctx, x)
	})
}

// pickProblem returns the reason why a request that has arrived cannot get the picked fault, or
// nil.
func pickProblem(picked Fault, w http.ResponseWriter, r *http.Request) *Problem {
	var why string
	_, framed := w.(*http2Stream)
	switch need := Needs(picked); {
	case phaseOf(picked) != phaseRequest:
		why = "this fault acts before a request arrives, and one has arrived"
	case need == NeedsTLS && r.TLS == nil:
		why = "this fault needs TLS"
	case NeedsHTTP1(picked) && r.ProtoMajor > 1:
		why = "this fault needs HTTP/1.1, and the request came by " + r.Proto
	case need == NeedsHTTP2 && !framed:
		why = "this fault needs HTTP/2, from a provider that was started with such a fault"
	default:
		return nil
	}
	return &Problem{Status: http.StatusBadRequest, Message: NameOf(picked) + ": " + why}
}

// startDelay returns how long a provider thinks before the first step of an attempt: 1 to 9 ms.
// Scripts, watchdogs and backoffs all use round numbers, and two things at one instant have no
// order. The delay keeps what a provider does away from the instants at which engines decide.
func startDelay(r *rand.Rand) time.Duration {
	return time.Millisecond + time.Duration(r.IntN(8001))*time.Microsecond
}

// refusal answers requests that no route takes.
func (p *Provider) refusal(problem Problem) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, unread := p.readBody(w, r)
		if unread == nil {
			unread = &problem
		}
		v := Visit{
			HTTP: r, BodyBytes: len(body), Call: p.o.CallOf(r, body),
			Request: Request{Method: r.Method, Path: r.URL.Path},
		}
		p.refuse(w, v, *unread)
	})
}

// refuse answers a request that the vendor would not accept. It is attempt 0 and uses up no
// entry.
func (p *Provider) refuse(w http.ResponseWriter, v Visit, problem Problem) {
	v.Refusal = &problem
	// A read that times out ends the request's context, and a refusal waits for nothing.
	v.HTTP = v.HTTP.WithContext(context.WithoutCancel(v.HTTP.Context()))
	p.play(w, v, func(_ context.Context, x *exchange) error { return x.Fail(problem) })
}

// play runs one exchange from its request to its end.
func (p *Provider) play(w http.ResponseWriter, v Visit, script func(context.Context, *exchange) error) {
	ctx, cancel, stop := p.exchangeContext(v.HTTP.Context())
	defer stop()
	meta := p.meta(v.Request, v.Attempt)
	x := &exchange{
		ctx: ctx, cancel: cancel, w: w, rc: http.NewResponseController(w), http: v.HTTP,
		proto: p.o.Protocol, others: p.o.Others, enc: p.o.Protocol.Encoder(meta), meta: p.meta(v.Request, v.Attempt),
		rand: p.chance("script", v.Attempt), rec: p.o.Recorder, scale: p.o.Scale,
		lane:       timeline.ProviderLane(p.o.Name, v.Call, v.Attempt),
		lastOnConn: p.actsBeforeRequest(), budget: p.o.Budget,
	}
	// A client that does not read must not keep the provider from closing.
	release := p.interruptOnClose(x.rc.SetWriteDeadline)
	defer release()
	text := v.Request.Method + " " + v.Request.Path
	if v.Request.Model != "" {
		text += " " + v.Request.Model
	}
	x.rec.RecordRequest(x.lane, text, v.asked)
	over := p.watch(v)
	defer func() { over(x.endKind) }()
	x.close(guarded(ctx, x, script))
}

// guarded turns a panic of a step into an error.
func guarded(ctx context.Context, x *exchange, script func(context.Context, *exchange) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return script(ctx, x)
}

// exchangeContext returns a context that ends with ErrPeerGone when the client goes away, or with
// ErrProviderClosed when the provider closes.
func (p *Provider) exchangeContext(request context.Context) (
	ctx context.Context, cancel context.CancelCauseFunc, stop func(),
) {
	ctx, cancel = context.WithCancelCause(context.WithoutCancel(request))
	stopPeer := context.AfterFunc(request, func() { cancel(ErrPeerGone) })
	stopClose := context.AfterFunc(p.ctx, func() { cancel(ErrProviderClosed) })
	return ctx, cancel, func() {
		stopPeer()
		stopClose()
		cancel(nil)
	}
}
