package bubble

import (
	"context"
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
func prepareResolver() {
	_, _ = (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), "chaosrun.onion")
	_, _ = net.DefaultResolver.LookupHost(context.Background(), "chaosrun..onion")
}
