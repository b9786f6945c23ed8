package memnet

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// A Network connects dialers with listeners by name. It is safe for concurrent use.
type Network struct {
	activity atomic.Uint64
	guard    func() error

	mu        sync.Mutex
	listeners map[Addr]*Listener
	hosts     map[string]bool // every host that ever listened
	clients   map[*Conn]bool  // the ends that dialed and are not closed
	servers   map[*Conn]bool  // and the others
	dialed    int
	closed    bool
}

// New returns an empty network.
func New() *Network { return Guarded(func() error { return nil }) }

// Guarded returns an empty network that calls guard before each dial and each use of a connection.
// The guard's error becomes the operation's. So a goroutine from outside of the network's bubble
// gets an error; without the guard it would end the process.
func Guarded(guard func() error) *Network {
	return &Network{
		guard: guard, listeners: map[Addr]*Listener{}, hosts: map[string]bool{}, clients: map[*Conn]bool{},
		servers: map[*Conn]bool{},
	}
}

// backlog is how many connections wait to be accepted before a dial blocks: the usual limit of
// listen(2).
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

// Listen opens an address, such as "primary.test:80". The error is EADDRINUSE if the address is in
// use, and net.ErrClosed if the network is closed.
func (n *Network) Listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("memnet: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	a := Addr(addr)
	if n.closed {
		return nil, &net.OpError{Op: "listen", Net: "memory", Addr: a, Err: net.ErrClosed}
	}
	if n.listeners[a] != nil {
		return nil, &net.OpError{
			Op: "listen", Net: "memory", Addr: a, Err: os.NewSyscallError("bind", syscall.EADDRINUSE),
		}
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
		l.drain()
	})
	return nil
}

// drain resets the connections that will not be accepted.
func (l *Listener) drain() {
	for {
		select {
		case c := <-l.waiting:
			c.abort()
		default:
			return
		}
	}
}

// Addr is the address that was listened to.
func (l *Listener) Addr() net.Addr { return l.addr }

// DialContext connects to an address, and fits http.Transport. The error is a *net.DNSError for a
// host that never listened, and ECONNREFUSED for an address without a listener. It blocks while the
// listener's backlog is full.
func (n *Network) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := n.guard(); err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(addr), Err: err}
	}
	client, err := n.dial(ctx, addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(addr), Err: err}
	}
	n.activity.Add(1)
	return client, nil
}

func (n *Network) dial(ctx context.Context, addr string) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err //nolint:wrapcheck // DialContext wraps it
	}
	l, err := n.find(addr)
	if err != nil {
		return nil, err
	}
	client, server := n.connect(l.addr)
	select {
	case l.waiting <- server:
		select {
		case <-l.done:
			l.drain() // it closed at the same time, and may have missed this connection
		default:
		}
		return client, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-l.done:
		err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	_ = client.Close() // the connection was never visible
	_ = server.Close()
	return nil, err
}

// find returns the listener at an address. A dot at the end of a host's name does not matter, as in
// DNS.
func (n *Network) find(addr string) (*Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err //nolint:wrapcheck // DialContext wraps it
	}
	if rooted, ok := strings.CutSuffix(host, "."); ok {
		host, addr = rooted, net.JoinHostPort(rooted, port)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.hosts[host] {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	l := n.listeners[Addr(addr)]
	if l == nil {
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	return l, nil
}

// connect makes the two ends of a connection that the network knows until they are closed.
func (n *Network) connect(to Addr) (client, server *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialed++
	client, server = connect(Addr("client.test:"+strconv.Itoa(n.dialed)), to, &n.activity, n.guard)
	n.clients[client] = true
	n.servers[server] = true
	client.onClose = func() { n.forget(client) }
	server.onClose = func() { n.forget(server) }
	return client, server
}

func (n *Network) forget(c *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.clients, c)
	delete(n.servers, c)
}

// Open describes the connections that their dialers have not closed, in alphabetical order.
func (n *Network) Open() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var open []string
	for c := range n.clients {
		open = append(open,
			fmt.Sprintf("connection %s to %s", strings.TrimPrefix(string(c.local), "client.test:"), c.remote))
	}
	slices.Sort(open)
	return open
}

// Activity counts the dials, reads, writes and closes that achieved something. It never blocks and
// may be called from anywhere, from outside of a bubble too.
func (n *Network) Activity() uint64 { return n.activity.Load() }

// Close closes every listener and resets every connection, at both ends.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true
	listeners := slices.Collect(maps.Values(n.listeners))
	conns := slices.AppendSeq(slices.Collect(maps.Keys(n.clients)), maps.Keys(n.servers))
	n.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close() // always nil
	}
	for _, c := range conns {
		c.abort()
	}
}
