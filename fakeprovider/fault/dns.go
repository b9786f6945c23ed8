package fault

import (
	"cmp"
	"context"
	"errors"
	"net"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// DNSNotFound fails the look-up with NXDOMAIN.
type DNSNotFound struct{}

// DNSServerFailure fails the look-up with SERVFAIL.
type DNSServerFailure struct{}

// DNSSlow delays the look-up.
type DNSSlow struct {
	// Delay is how long the look-up takes. Default 60s: a gateway was seen to wait as long, and
	// then not to fall back (https://github.com/agentgateway/agentgateway/issues/2979).
	Delay time.Duration `yaml:"delay"`
}

var (
	_ fakeprovider.Dialer    = DNSNotFound{}
	_ fakeprovider.Dialer    = DNSServerFailure{}
	_ fakeprovider.Dialer    = DNSSlow{}
	_ fakeprovider.Overlay   = DNSSlow{}
	_ fakeprovider.Validator = DNSSlow{}
)

const defaultLookup = 60 * time.Second

func cannotLookUp() map[fakeprovider.World]string {
	return map[fakeprovider.World]string{
		fakeprovider.WorldLoopback: "providers are reached by their address there, and no name is looked up",
		fakeprovider.WorldServe:    "a client asks a resolver of its own; give it a name that does not exist instead",
	}
}

// Info describes the fault.
func (DNSNotFound) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C2"}, Name: "dns-not-found", Title: "The provider's name does not exist (NXDOMAIN)",
		Why: "It says that no request can ever arrive, at once, and engines still take it for a timeout and knock " +
			"again, or have no rule for it and give up the whole chain.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ask the next provider at once.",
		},
		Issues: []string{
			"https://github.com/agentgateway/agentgateway/issues/2979",
			"https://github.com/openclaw/openclaw/pull/28895",
		},
		Cannot: cannotLookUp(), Default: DNSNotFound{},
	}
}

// Info describes the fault.
func (DNSServerFailure) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C2"}, Name: "dns-server-failure",
		Title: "The resolver cannot say where the provider is (SERVFAIL)",
		Why: "It may pass, and it says nothing about the provider; every provider behind the same resolver may " +
			"have it. Whoever waits for it to pass holds the call for nothing.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ask the next provider, after at most one more try on this one.",
		},
		Issues: []string{"https://github.com/agentgateway/agentgateway/issues/2979"},
		Cannot: cannotLookUp(), Default: DNSServerFailure{},
	}
}

// Info describes the fault.
func (DNSSlow) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C2"}, Name: "dns-slow", Title: "Looking up the provider's name takes a minute",
		Why: "It happens before the connect timeout of many clients begins, so that only a limit on the whole way to " +
			"the connection notices; and one blocked name holds up everybody behind the same resolver.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Bound the look-up within the deadline for the connection, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/agentgateway/agentgateway/issues/2979",
			"https://github.com/maximhq/bifrost/pull/5998",
		},
		Cannot: cannotLookUp(), Default: DNSSlow{Delay: defaultLookup},
	}
}

// Script returns nil, because no request arrives.
func (DNSNotFound) Script() fakeprovider.Script { return nil }

// Script returns nil, because no request arrives.
func (DNSServerFailure) Script() fakeprovider.Script { return nil }

// Script answers as Healthy does, after the delay.
func (p DNSSlow) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay adds nothing to the script.
func (DNSSlow) Lay() fakeprovider.Script { return nil }

// Validate refuses a negative delay.
func (p DNSSlow) Validate() error { return notNegative("dns-slow", "delay", p.Delay) }

// Dial fails as the resolver of package net does.
func (DNSNotFound) Dial(_ context.Context, d *fakeprovider.Dial) (net.Conn, error) {
	return nil, lookupError(d, &net.DNSError{Err: "no such host", IsNotFound: true})
}

// Dial fails as the resolver of package net does.
func (DNSServerFailure) Dial(_ context.Context, d *fakeprovider.Dial) (net.Conn, error) {
	return nil, lookupError(d, &net.DNSError{Err: "server misbehaving", IsTemporary: true})
}

// Dial waits, and fails as the resolver of package net does if the client gives up first.
func (p DNSSlow) Dial(ctx context.Context, d *fakeprovider.Dial) (net.Conn, error) {
	if err := d.Wait(ctx, cmp.Or(p.Delay, defaultLookup)); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, lookupError(d, &net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true})
		}
		return nil, lookupError(d, &net.DNSError{Err: "operation was canceled"})
	}
	return d.Next(ctx)
}

// lookupError returns the error of a dial whose look-up failed.
func lookupError(d *fakeprovider.Dial, err *net.DNSError) error {
	err.Name = d.Address
	if host, _, split := net.SplitHostPort(d.Address); split == nil {
		err.Name = host
	}
	return &net.OpError{Op: "dial", Net: d.Network, Err: err}
}
