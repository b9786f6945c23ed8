package fakeprovider

import (
	"fmt"
	"slices"
	"strings"
)

// A World is where a provider and its clients meet. Not every fault can happen in every world.
type World string

const (
	// WorldVirtual is a network in memory, in virtual time, whose client dials through
	// Provider.Dial.
	WorldVirtual World = "virtual"
	// WorldLoopback is TCP on 127.0.0.1, in real or accelerated time, with a client of this
	// process that dials through Provider.Dial.
	WorldLoopback World = "loopback"
	// WorldServe is TCP with any client, which dials by itself.
	WorldServe World = "serve"
)

// Worlds returns all worlds.
func Worlds() []World { return []World{WorldVirtual, WorldLoopback, WorldServe} }

// A CannotError reports a fault that cannot happen in a world.
type CannotError struct {
	Fault string
	World World
	Why   string
}

// Error names the fault, the world and the reason.
func (e *CannotError) Error() string {
	return fmt.Sprintf("the fault %s cannot be had in the %s world: %s", e.Fault, e.World, e.Why)
}

// Cannot returns a *CannotError if a part of a fault cannot happen in a world, else nil.
func Cannot(p Fault, w World) error {
	for _, part := range Parts(p) {
		info, ok := infoOf(part)
		if why := info.Cannot[w]; ok && why != "" {
			return &CannotError{Fault: info.Name, World: w, Why: why}
		}
	}
	return nil
}

// A Need is what a fault requires of its connection.
type Need uint8

const (
	// NeedsNothing accepts any connection.
	NeedsNothing Need = iota
	// NeedsTLS requires TLS.
	NeedsTLS
	// NeedsHTTP2 requires TLS with HTTP/2.
	NeedsHTTP2
)

// Needs returns the strictest Need of a fault's parts.
func Needs(p Fault) Need {
	most := NeedsNothing
	for _, part := range Parts(p) {
		if info, ok := infoOf(part); ok {
			most = max(most, info.Needs)
		}
	}
	return most
}

// Asks returns what the fault requires of its connection, in words. Empty: any connection will do.
func (i Info) Asks() string {
	var all []string
	switch i.Needs {
	case NeedsTLS:
		all = append(all, "TLS")
	case NeedsHTTP2:
		all = append(all, "TLS with HTTP/2")
	case NeedsNothing:
	}
	if i.HTTP1 {
		all = append(all, "HTTP/1.1")
	}
	return strings.Join(all, " and ")
}

// NeedsHTTP1 reports whether a part of a fault takes the whole connection, which requests share
// over HTTP/2.
func NeedsHTTP1(p Fault) bool {
	return slices.ContainsFunc(Parts(p), func(part Fault) bool {
		info, ok := infoOf(part)
		return ok && info.HTTP1
	})
}

// Proxied reports whether a part of a fault happens at a proxy. The client must then ask the
// provider's own address for a tunnel (CONNECT) to the provider, and speak TLS in it: the listener
// is both ends.
func Proxied(p Fault) bool {
	return slices.ContainsFunc(Parts(p), func(part Fault) bool {
		info, ok := infoOf(part)
		return ok && info.Proxied
	})
}
