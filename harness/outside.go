package harness

import (
	"context"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Outside says what is to be known of an engine in another process. The zero Outside is an engine
// that finds the providers at free ports of 127.0.0.1.
type Outside struct {
	// Addresses are those of the providers, by position. Default: free ports on 127.0.0.1.
	Addresses []Address
	// TLS says that the providers speak HTTPS, with certificates of an authority made for the run;
	// see [Lab.CA]. Default: HTTP, and faults of TLS are skipped.
	TLS bool
	// Host is the name of 127.0.0.1 that the engine is told, for engines that treat addresses of
	// their own machine unlike others: 127.1 is one that few look for. Addresses with Advertise
	// have their own. Default: 127.0.0.1.
	Host string
	// WarmUp is the number of healthy calls before the run, made whenever the engine was started
	// anew. They do not count as requests of the run. Default: none.
	WarmUp int
	// PromptLimit is the longest prompt in bytes. The prompt of a call with a declared context is
	// padded to it, at 4 bytes a token and 200,000 tokens at most. An engine that takes the prompt
	// as an argument needs a limit: Linux allows 128 KiB. Default: none.
	PromptLimit int
	// ModelSeen is the provider, by name or by position from 1, whose model's name the caller
	// should be told if it was that provider's answer. Default: "" asks for none.
	ModelSeen string
	// NoRestarts says that the engine cannot tell its caller to start over, as a gateway cannot.
	NoRestarts bool
	// CallerUnseen says that what the engine's caller got cannot be seen, only what reached the
	// providers. What is measured from a call's start is then measured from its first request.
	CallerUnseen bool
	// StartUnseen says that the engine's caller tells what it got and not when it called, and asks
	// what it likes. What is measured from a call's start is then measured from its first request.
	StartUnseen bool
	// Contained says that the engine's deltas are the output of a command, in which the answer is
	// somewhere; see [timeline.Run].
	Contained bool
}

// An Address is where a provider listens, and what the engine is told.
type Address struct {
	// Listen is HOST:PORT. Advertise is the origin that the engine is told. Default: that of
	// Listen.
	Listen, Advertise string
}

// WithCadence shortens the pauses between the heartbeats of faults that hold a stream open, in
// scenario time; see [fakeprovider.Paced]. Longer pauses become d, shorter ones stand. Default:
// those of the scenario.
func WithCadence(d time.Duration) Option { return func(o *options) { o.cadence = d } }

// WithCallLimit sets the scenario time after which a call is cut, if the scenario's deadline comes
// later. by says whose limit it is. Default: none, as with a limit of 0.
func WithCallLimit(limit time.Duration, by timeline.CallLimitBy) Option {
	return func(o *options) { o.callLimit, o.callLimitBy = limit, by }
}

// WithOutside says that the engine is in another process: its goroutines cannot be seen, so the
// run says so, and a premise that fails is unknown rather than failed.
func WithOutside(o Outside) Option { return func(opt *options) { opt.outside = &o } }

// WithProtocols says which protocols the engine speaks, and puts every provider that speaks another
// one on the first of them. An engine that speaks one vendor's wire so runs every scenario of the
// catalogue, but for those whose point is another vendor's wire, which have the tag "wire", and for
// those that say what its wire has no words for. These are skipped with the reason. Default: each
// provider speaks what the scenario says.
func WithProtocols(names ...string) Option { return func(o *options) { o.protocols = names } }

// WithContext sets the context whose end interrupts the run: the call is cut, and the run is
// unknown. Default: nothing interrupts it.
func WithContext(ctx context.Context) Option { return func(o *options) { o.ctx = ctx } }

// Reused is a Target that may have served an earlier run. If Reused returns true the engine needs
// no warm-up.
type Reused interface {
	Target
	Reused() bool
}

// NoRestarts is a Target that may be unable to tell its caller to start over, as a gateway is: the
// wire between them has no word for it. If NoRestarts returns true, each Request says so, and a
// clear error after a part of an answer is right.
type NoRestarts interface {
	Target
	NoRestarts() bool
}

// CannotLook is what a Factory or a Target returns if the run cannot be judged, because of the
// harness or of the world and not because of the engine: a process that did not start, a worker
// that answers garbage. The run is unknown.
type CannotLook struct{ Reason string } //nolint:errname // it is a Target too

var (
	_ Target = CannotLook{}
	_ error  = CannotLook{}
)

// Error returns the reason.
func (c CannotLook) Error() string { return c.Reason }

// Panicked is what a Target returns from Call, or from Close, if its engine panicked where the
// harness cannot recover it: in another process, or in a handler of net/http. The run is judged as
// if the engine had panicked in the call.
type Panicked struct{ Text string } //nolint:errname // what happened, not an error of this package

var _ error = Panicked{}

// Error returns the text of the panic.
func (p Panicked) Error() string { return "the engine panicked: " + p.Text }

// Call returns c. The harness does not call it.
func (c CannotLook) Call(context.Context, Request, func(Delta)) error { return c }
