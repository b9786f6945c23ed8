package fakeprovider

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// A phase is the part of an attempt in which a fault begins to act. It uses up the due entry: at
// a dial, at an accepted connection, or at a request.
type phase uint8

const (
	phaseRequest phase = iota // scripts, with their overlays
	phaseAccept               // Accepter
	phaseDial                 // Dialer
)

// A Dialer is a Fault that acts on names and addresses, before there is a connection. It takes
// effect if the client dials through Provider.Dial. A nil Script says that no request ever
// arrives.
type Dialer interface {
	Fault
	// Dial replaces the client's dial. The client gets its connection or its error. It returns
	// when ctx ends at the latest.
	Dial(ctx context.Context, d *Dial) (net.Conn, error)
}

// A Dial is one attempt of a client to connect. It is not safe for concurrent use.
type Dial struct {
	// Network and Address are what the client dials, "tcp" and "primary.test:80" for instance. A
	// fault may change them before Next.
	Network, Address string

	p    *Provider
	next DialFunc
}

// A DialFunc connects to an address, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Next dials as the client meant to.
func (d *Dial) Next(ctx context.Context) (net.Conn, error) {
	return d.next(ctx, d.Network, d.Address)
}

// Addr returns the address, as a net.OpError carries it.
func (d *Dial) Addr() net.Addr { return dialedAddr{d.Network, d.Address} }

// dialedAddr is the net.Addr of a dial.
type dialedAddr struct{ network, address string }

// Network returns the network that was dialed, "tcp" for instance.
func (a dialedAddr) Network() string { return a.network }

// String returns the address.
func (a dialedAddr) String() string { return a.address }

// Wait lets scenario time pass. It returns the cause of ctx if that ends first, and
// ErrProviderClosed if the provider closes.
func (d *Dial) Wait(ctx context.Context, t time.Duration) error { return d.p.wait(ctx, t) }

// An Accepter is a Fault that acts on a connection before anything is read from it. A nil Script
// says that no request is ever answered on the connection.
type Accepter interface {
	Fault
	// Accept receives a connection before TLS. It returns the connection that HTTP continues on,
	// which may wrap the one received, or nil if it has dealt with the connection. It returns
	// when ctx ends, which happens when the provider closes, and must not outlive ctx.
	Accept(ctx context.Context, c *Connection) (net.Conn, error)
}

// phaseOf returns the earliest phase in which a part of the fault acts.
func phaseOf(p Fault) phase {
	earliest := phaseRequest
	for _, part := range Parts(p) {
		if _, ok := part.(Dialer); ok {
			return phaseDial
		}
		if _, ok := part.(Accepter); ok {
			earliest = phaseAccept
		}
	}
	return earliest
}

// Parts returns the parts of a fault: the faults inside a Limited or a Together, or else the
// fault itself.
func Parts(p Fault) []Fault {
	switch p := p.(type) {
	case Limited:
		return Parts(p.Fault)
	case Together:
		var parts []Fault
		for _, part := range p {
			parts = append(parts, Parts(part)...)
		}
		return parts
	}
	return []Fault{p}
}

// wait lets scenario time pass outside of an exchange.
func (p *Provider) wait(ctx context.Context, d time.Duration) error {
	wait, start := time.Duration(float64(d)*p.o.Scale), time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		p.o.Recorder.Late(time.Since(start) - wait)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // the cause must arrive as it is
	case <-p.ctx.Done():
		return ErrProviderClosed
	}
}

// An assignment is an entry that was used up before its request arrived.
type assignment struct {
	provider *Provider
	call     int
	attempt  int
	fault    Fault
}

// record records an event in the attempt's lane.
func (a *assignment) record(kind timeline.Kind, text string) {
	a.provider.o.Recorder.Record(a.lane(), kind, text)
}

// lane returns the attempt's lane.
func (a *assignment) lane() string {
	return timeline.ProviderLane(a.provider.o.Name, a.call, a.attempt)
}

// assign uses up the due entry for a call if it acts in phase at, and returns nil if it does not.
func (p *Provider) assign(at phase, call int) *assignment {
	attempt, fault, ok := p.due(at, nil)
	if !ok {
		return nil
	}
	return &assignment{provider: p, call: call, attempt: attempt, fault: fault}
}

// Dial connects a client to the provider. Clients must dial through Dial for connect-time faults
// to take effect. Dial calls next, the client's own dial function, unless a fault decides
// otherwise. It returns the errors of next, and those that a fault has for the client. It is safe
// for concurrent use.
func (p *Provider) Dial(ctx context.Context, network, address string, next DialFunc) (net.Conn, error) {
	if !p.begin() {
		return next(ctx, network, address)
	}
	defer p.end()
	a := p.assign(phaseDial, p.o.CallOfDial(ctx))
	if a == nil {
		conn, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return p.trackClient(conn), nil
	}
	a.record(timeline.ConnectStarted, address)
	a.record(timeline.FaultInjected, NameOf(a.fault))
	over := p.watch(Visit{Call: a.call, Attempt: a.attempt, Fault: a.fault})
	// The innermost dial reaches the listener first, so each fault wraps the ones named after it.
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		p.pushDialed(a)
		conn, err := next(ctx, network, address)
		if err != nil {
			p.dropDialed(a)
		}
		return conn, err
	}
	for _, part := range slices.Backward(Parts(a.fault)) {
		if d, ok := part.(Dialer); ok {
			inner := dial
			dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				return d.Dial(ctx, &Dial{Network: network, Address: address, p: p, next: inner})
			}
		}
	}
	conn, err := dial(ctx, network, address)
	if err == nil {
		over(timeline.ConnectStarted)
		return p.trackClient(conn), nil
	}
	if p.ctx.Err() == nil {
		a.record(timeline.ConnectFailed, err.Error())
	}
	over(timeline.ConnectFailed)
	return nil, err //nolint:wrapcheck // the client's own error, or a fault's
}

// pushDialed announces that the next accepted connection belongs to an assignment.
func (p *Provider) pushDialed(a *assignment) {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	p.dialed = append(p.dialed, a)
}

// dropDialed takes an announcement back.
func (p *Provider) dropDialed(a *assignment) {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	for i, other := range p.dialed {
		if other == a {
			p.dialed = append(p.dialed[:i], p.dialed[i+1:]...)
			return
		}
	}
}

// popDialed returns the assignment of the connection just accepted, or nil.
func (p *Provider) popDialed() *assignment {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	if len(p.dialed) == 0 {
		return nil
	}
	a := p.dialed[0]
	p.dialed = p.dialed[1:]
	return a
}
