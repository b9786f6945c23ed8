package fakeprovider

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// A phase is the part of an attempt in which a fault begins to act. The due entry is used up in that part: by a dial, by a
// connection that is accepted, or by a request.
type phase uint8

const (
	phaseRequest phase = iota // scripts, and all that is laid over them
	phaseAccept               // Accepter
	phaseDial                 // Dialer
)

// A Dialer is a Fault that acts on the way to the provider, on names and addresses, before there is a connection. It works where
// the client's dials go through Provider.Dial. A script of nil says that no request ever arrives.
type Dialer interface {
	Fault
	// Dial takes the place of the client's dial. Its error is what the client gets; it ends with ctx at the latest.
	Dial(ctx context.Context, d *Dial) (net.Conn, error)
}

// A Dial is one attempt of a client to connect.
type Dial struct {
	// Network and Address are what the client dials, "tcp" and "primary.test:80" for instance.
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

// Addr is the address, as errors carry it.
func (d *Dial) Addr() net.Addr { return dialedAddr{d.Network, d.Address} }

type dialedAddr struct{ network, address string }

// Network is what was dialed, "tcp" for instance.
func (a dialedAddr) Network() string { return a.network }

// String is the address.
func (a dialedAddr) String() string { return a.address }

// Wait lets scenario time pass; it returns the cause of ctx's end if that comes first, and ErrProviderClosed.
func (d *Dial) Wait(ctx context.Context, t time.Duration) error { return d.p.wait(ctx, t) }

// An Accepter is a Fault that acts on a connection before anything was read from it. A script of nil says that no
// request is ever answered on it.
type Accepter interface {
	Fault
	// Accept gets a connection as it was accepted, before TLS. It returns the connection that HTTP goes on with, which may be
	// another one laid over it, or nil where it has dealt with the connection to its end. It returns when ctx
	// ends, which it does when the provider is closed. It must not outlive ctx.
	Accept(ctx context.Context, c *Connection) (net.Conn, error)
}

// phaseOf is the earliest phase in which a fault acts.
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

// Parts returns what a fault is made of: the faults inside a Limited or a Together, and any other fault by itself.
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

// wait lets scenario time pass where there is no exchange yet.
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

func (a *assignment) record(kind timeline.Kind, text string) {
	a.provider.o.Recorder.Record(a.lane(), kind, text)
}

func (a *assignment) lane() string {
	return timeline.ProviderLane(a.provider.o.Name, a.call, a.attempt)
}

// assign uses up the entry that is due if it acts in a phase, and says of which call it is.
func (p *Provider) assign(at phase) *assignment {
	attempt, fault, ok := p.due(at, nil)
	if !ok {
		return nil
	}
	return &assignment{provider: p, call: p.o.CallOf(nil, nil), attempt: attempt, fault: fault}
}

// Dial is what a client's dials to the provider have to go through where faults shall act before there is a connection; next is
// the client's own. Its errors are those of next, and those that a fault wants the client to see.
func (p *Provider) Dial(ctx context.Context, network, address string, next DialFunc) (net.Conn, error) {
	if !p.begin() {
		return next(ctx, network, address)
	}
	defer p.open.Done()
	a := p.assign(phaseDial)
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
	// What is dialed last reaches the listener first: each fault stands before the ones named after it.
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
	return nil, err //nolint:wrapcheck // it is the client's own, or what a fault has for it
}

// expect says that the next connection to be accepted is an assignment's.
func (p *Provider) pushDialed(a *assignment) {
	p.dueMu.Lock()
	defer p.dueMu.Unlock()
	p.dialed = append(p.dialed, a)
}

// unexpect takes that back.
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

// expected is the assignment of a connection that was accepted, if it has one.
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
