//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A tcpWatch sees data that a sender holds back on loopback: with Nagle's algorithm and a delayed
// acknowledgement both sides sleep for 40 ms, although data is under way.
type tcpWatch struct {
	// socket is -1 where nothing is held back, because loopback acknowledges at once, and where the
	// kernel cannot be asked.
	socket int
	buffer []byte
	// connections are those that the tree made over loopback, as their connecting side has them.
	connections map[tcpPair]bool
	// blind reports a connection whose addresses could not be read.
	blind bool
	// since is when a connection was first seen to hold the acknowledged bytes.
	since map[tcpPair]tcpHeld
}

type tcpPair struct{ from, to netip.AddrPort }

func (p tcpPair) reversed() tcpPair { return tcpPair{p.to, p.from} }

type tcpHeld struct {
	at    time.Time
	acked uint64
}

const (
	// holdLimit is the longest time that TCP holds data back while the other side reads: 40 ms, and
	// 200 ms where acknowledgements are rare. Data that is held longer waits for a reader.
	holdLimit = 300 * time.Millisecond
	// holdMatters is the shortest jump before which it is worth to ask.
	holdMatters = 40 * time.Millisecond
	// singly is the largest number of connections that are queried one by one, at some 4 µs each. A
	// query for all of the machine takes 330 µs per address family, whatever their number.
	singly = 50
)

func newTCPWatch(quick bool) *tcpWatch {
	fd := -1
	if !quick {
		var err error
		if fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG); err != nil {
			fd = -1
		}
	}
	return &tcpWatch{
		socket: fd, buffer: make([]byte, 1<<16), connections: map[tcpPair]bool{}, since: map[tcpPair]tcpHeld{},
	}
}

// add notes a connection that the tree makes over loopback.
func (w *tcpWatch) add(from, to netip.AddrPort) {
	if w.socket < 0 {
		return
	}
	if from.IsValid() {
		w.connections[tcpPair{from, to}] = true
	} else {
		w.blind = true
	}
}

// addressOf returns the IP address of a socket. It is invalid for other address families.
func addressOf(address unix.Sockaddr) netip.AddrPort {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port))
	}
	return netip.AddrPort{}
}

func (w *tcpWatch) close() {
	if w.socket >= 0 {
		_ = unix.Close(w.socket)
	}
}

// Sizes and offsets of linux/inet_diag.h.
const (
	diagRequestSize = 56
	diagMessageSize = 72
	diagState       = 1
	diagTimer       = 2
	diagPorts       = 4
	diagSource      = 8
	diagDestination = 24
	diagInfo        = 2 // INET_DIAG_INFO
	probeTimer      = 4 // a window of zero: the reader does not read
	// openStates are the states in which data may be under way: being made, established,
	// fin-wait-1, close-wait, last-ack, closing.
	openStates = 1<<2 | 1<<3 | 1<<12 | 1<<1 | 1<<4 | 1<<8 | 1<<9 | 1<<11
)

// holds reports whether data is held back that real time will release.
func (w *tcpWatch) holds() bool {
	if w.socket < 0 {
		return false
	}
	held, now := false, time.Now()
	seen, open := map[tcpPair]tcpHeld{}, map[tcpPair]bool{}
	w.each(func(pair tcpPair, unsent uint32, acked uint64) {
		open[pair] = true
		if unsent == 0 {
			return
		}
		h, known := w.since[pair]
		if !known || h.acked != acked {
			h = tcpHeld{at: now, acked: acked}
		}
		seen[pair] = h
		held = held || now.Sub(h.at) < holdLimit
	})
	maps.DeleteFunc(w.connections, func(pair tcpPair, _ bool) bool { return !open[pair] && !open[pair.reversed()] })
	w.since = seen
	return held
}

// each calls f for each side of the tree's connections that are open: how many bytes it has not
// sent yet, and how many of the sent ones were acknowledged.
func (w *tcpWatch) each(f func(pair tcpPair, unsent uint32, acked uint64)) {
	if w.blind || len(w.connections) > singly {
		w.ask(unix.AF_INET, unix.NLM_F_DUMP, tcpPair{}, f)
		w.ask(unix.AF_INET6, unix.NLM_F_DUMP, tcpPair{}, f)
		return
	}
	for pair := range w.connections {
		family := byte(unix.AF_INET)
		if pair.to.Addr().Is6() {
			family = unix.AF_INET6
		}
		w.ask(family, 0, pair, f)
		w.ask(family, 0, pair.reversed(), f)
	}
}

// ask asks for one side of a connection, or with NLM_F_DUMP for all of a family.
func (w *tcpWatch) ask(family byte, flags uint16, pair tcpPair, f func(tcpPair, uint32, uint64)) {
	request := make([]byte, unix.SizeofNlMsghdr+diagRequestSize)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|flags)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1], body[2] = family, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	binary.NativeEndian.PutUint32(body[4:], openStates)
	id := body[8:]
	binary.BigEndian.PutUint16(id, pair.from.Port())
	binary.BigEndian.PutUint16(id[2:], pair.to.Port())
	copy(id[4:], pair.from.Addr().AsSlice())
	copy(id[20:], pair.to.Addr().AsSlice())
	binary.NativeEndian.PutUint64(id[40:], ^uint64(0)) // no cookie
	if err := unix.Sendto(w.socket, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return
	}
	for {
		n, _, err := unix.Recvfrom(w.socket, w.buffer, 0)
		if err != nil || n <= 0 || !messages(w.buffer[:n], f) || flags&unix.NLM_F_DUMP == 0 {
			return
		}
	}
}

// messages reads an answer, or a part of it. It returns false at the end.
func messages(data []byte, f func(tcpPair, uint32, uint64)) bool {
	for len(data) >= unix.SizeofNlMsghdr {
		size := int(binary.NativeEndian.Uint32(data))
		if kind := binary.NativeEndian.Uint16(data[4:]); kind == unix.NLMSG_DONE || kind == unix.NLMSG_ERROR ||
			size < unix.SizeofNlMsghdr || size > len(data) {
			return false
		}
		if message := data[unix.SizeofNlMsghdr:size]; len(message) >= diagMessageSize {
			connection(message, f)
		}
		data = data[min(len(data), (size+3)&^3):]
	}
	return true
}

func connection(message []byte, f func(tcpPair, uint32, uint64)) {
	address := func(port, at int) netip.AddrPort {
		ip, _ := netip.AddrFromSlice(message[at : at+4])
		if message[0] == unix.AF_INET6 {
			ip, _ = netip.AddrFromSlice(message[at : at+16])
		}
		return netip.AddrPortFrom(ip.Unmap(), binary.BigEndian.Uint16(message[port:]))
	}
	pair := tcpPair{address(diagPorts, diagSource), address(diagPorts+2, diagDestination)}
	if !pair.to.Addr().IsLoopback() || message[diagState] >= 32 || openStates>>message[diagState]&1 == 0 {
		return
	}
	unsent, acked := uint32(0), uint64(0)
	if message[diagTimer] != probeTimer {
		unsent, acked = progress(message[diagMessageSize:])
	}
	f(pair, unsent, acked)
}

// progress returns how many bytes wait to be sent, and how many were acknowledged.
func progress(attributes []byte) (unsent uint32, acked uint64) {
	for len(attributes) >= 4 {
		size, kind := int(binary.NativeEndian.Uint16(attributes)), binary.NativeEndian.Uint16(attributes[2:])
		if size < 4 || size > len(attributes) {
			break
		}
		info := attributes[4:size]
		if kind == diagInfo && len(info) >= int(unsafe.Offsetof(unix.TCPInfo{}.Notsent_bytes))+4 {
			return binary.NativeEndian.Uint32(info[unsafe.Offsetof(unix.TCPInfo{}.Notsent_bytes):]),
				binary.NativeEndian.Uint64(info[unsafe.Offsetof(unix.TCPInfo{}.Bytes_acked):])
		}
		attributes = attributes[min(len(attributes), (size+3)&^3):]
	}
	return 0, 0
}
