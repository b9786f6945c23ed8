package bubble

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"sync"
)

// prepare makes what the standard library makes once for the whole process, when it is first used,
// and with channels. Made inside a bubble it would belong to that bubble, and its next use from
// anywhere else would be a fatal error of the runtime, which nobody can contain.
//
//nolint:gochecknoglobals // once a process
var prepare = sync.OnceFunc(func() {
	prepareSignals()
	prepareResolver()
})

// prepareSignals starts the goroutines of os/signal, and those of the runtime that serve it.
func prepareSignals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, harmless)
	signal.Stop(c)
}

// prepareResolver lets package net read its configuration. It looks for a name under .onion, for
// which package net asks no server (RFC 7686), and for one that cannot be written in a question.
// From then on nobody in virtual time asks a name server through package net, unless the program
// uses the resolver of the C library; for the rest of the process nothing changes.
func prepareResolver() {
	_, _ = (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), "chaosrun.onion")
	_, _ = net.DefaultResolver.LookupHost(context.Background(), "chaosrun..onion")
	if next := net.DefaultResolver.Dial; next == nil {
		net.DefaultResolver.Dial = dialResolver
	}
}

// errNoResolver is what a question for a name gets in virtual time.
var errNoResolver = errors.New("virtual time has no resolver: nothing leaves the process")

// dialResolver connects to a name server as package net does by itself, but not in virtual time.
func dialResolver(ctx context.Context, network, address string) (net.Conn, error) {
	if Inside() {
		return nil, errNoResolver
	}
	return new(net.Dialer).DialContext(ctx, network, address) //nolint:wrapcheck // as package net has it
}
