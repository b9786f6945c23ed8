package bubble

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"sync"
)

// prepare initializes those parts of the standard library that are made once per process, on first
// use, with channels. Made inside a bubble they would belong to that bubble, and their next use
// from elsewhere would be a fatal error of the runtime.
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

// prepareResolver makes package net read its configuration. It looks up a name under .onion, for
// which package net asks no server (RFC 7686), and a name that cannot be encoded in a query. From
// then on code in virtual time asks no name server through package net, unless the program uses the
// C library's resolver. The rest of the process is not affected.
func prepareResolver() {
	_, _ = (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), "chaosrun.onion")
	_, _ = net.DefaultResolver.LookupHost(context.Background(), "chaosrun..onion")
	if next := net.DefaultResolver.Dial; next == nil {
		net.DefaultResolver.Dial = dialResolver
	}
}

// errNoResolver is the error of a name lookup in virtual time.
var errNoResolver = errors.New("virtual time has no resolver: nothing leaves the process")

// dialResolver connects to a name server as package net does by itself, but not in virtual time.
func dialResolver(ctx context.Context, network, address string) (net.Conn, error) {
	if Inside() {
		return nil, errNoResolver
	}
	return new(net.Dialer).DialContext(ctx, network, address) //nolint:wrapcheck // as package net has it
}
