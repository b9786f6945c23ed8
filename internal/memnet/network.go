package memnet

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// A Network connects dialers with listeners by name. It is safe for concurrent use.
type Network struct {
	activity atomic.Uint64

	mu        sync.Mutex
	listeners map[Addr]*Listener
	hosts     map[string]bool // every host that ever listened
	open      map[*Conn]Addr  // the clients' ends
	servers   map[*Conn]bool
	dialed    int
	closed    bool
}

// New returns an empty network.
func New() *Network {
	return &Network{listeners: map[Addr]*Listener{}, hosts: map[string]bool{}, open: map[*Conn]Addr{}, servers: map[*Conn]bool{}}
}

// backlog is how many connections wait to be accepted before a dial blocks: the usual limit of listen(2).
const backlog = 128

// A Listener accepts the connections to one address.
type Listener struct {
	network *Network
	addr    Addr
	waiting chan *Conn
	done    chan struct{}
	once    sync.Once
}

var _ net.Listener = (*Listener)(nil)

// Listen opens an address, "primary.test:80". An address in use is an error that is EADDRINUSE.
func (n *Network) Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("memnet: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	a := Addr(addr)
	if n.closed || n.listeners[a] != nil {
		return nil, &net.OpError{Op: "listen", Net: "memory", Addr: a, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	l := &Listener{network: n, addr: a, waiting: make(chan *Conn, backlog), done: make(chan struct{})}
	n.listeners[a] = l
	n.hosts[host] = true
	return l, nil
}

// Accept waits for the next connection; after Close it gives net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.done:
	default:
		select {
		case c := <-l.waiting:
			return c, nil
		case <-l.done:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "memory", Addr: l.addr, Err: net.ErrClosed}
}

// Close stops accepting; connections that wait to be accepted are reset.
func (l *Listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, l.addr)
		close(l.done)
		l.network.mu.Unlock()
		for {
			select {
			case c := <-l.waiting:
				_ = c.SetLinger(0) // open: nobody had it yet
				_ = c.Close()
			default:
				return
			}
		}
	})
	return nil
}

// Addr is the address that was listened to.
func (l *Listener) Addr() net.Addr { return l.addr }

// DialContext connects to an address, and fits http.Transport. A host that never listened is a *net.DNSError, an
// address where nobody listens an error that is ECONNREFUSED.
func (n *Network) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	n.activity.Add(1)
	client, l, err := n.dial(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(addr), Err: err}
	}
	server := client.peer
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-l.done:
		err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case l.waiting <- server:
		return client.Conn, nil
	}
	_ = client.Close() // nobody has seen it
	_ = server.Close()
	return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(addr), Err: err}
}

type dialed struct {
	*Conn
	peer *Conn
}

func (n *Network) dial(addr string) (dialed, *Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return dialed{}, nil, err //nolint:wrapcheck // DialContext wraps it
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.hosts[host] {
		return dialed{}, nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	l := n.listeners[Addr(addr)]
	if l == nil || n.closed {
		return dialed{}, nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	n.dialed++
	client, server := connect(Addr(fmt.Sprintf("client.test:%d", n.dialed)), Addr(addr), &n.activity)
	n.open[client] = Addr(addr)
	n.servers[server] = true
	client.onClose = func() { n.forget(client) }
	server.onClose = func() { n.forget(server) }
	return dialed{client, server}, l, nil
}

func (n *Network) forget(c *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.open, c)
	delete(n.servers, c)
}

// Open describes the connections that their dialers have not closed, in alphabetical order.
func (n *Network) Open() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var open []string
	for c, addr := range n.open {
		open = append(open, fmt.Sprintf("connection %s to %s", strings.TrimPrefix(string(c.local), "client.test:"), addr))
	}
	slices.Sort(open)
	return open
}

// Activity counts dials, reads, writes and closes. It never blocks and may be called from anywhere.
func (n *Network) Activity() uint64 { return n.activity.Load() }

// Close closes every listener and resets every connection.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true
	var listeners []*Listener
	for _, l := range n.listeners {
		listeners = append(listeners, l)
	}
	var conns []*Conn
	for c := range n.open {
		conns = append(conns, c)
	}
	for c := range n.servers {
		conns = append(conns, c)
	}
	n.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close() // always nil
	}
	for _, c := range conns {
		_ = c.SetLinger(0) // closed in the meantime is as good
		_ = c.Close()
	}
}
