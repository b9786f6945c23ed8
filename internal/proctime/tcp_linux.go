//go:build linux && amd64

package proctime

import (
	"encoding/binary"
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
	// since is when a connection was first seen to hold the acknowledged bytes.
	since map[tcpPorts]tcpHeld
}

type tcpPorts struct{ from, to uint16 }

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
)

func newTCPWatch(quick bool) *tcpWatch {
	if quick {
		return &tcpWatch{socket: -1}
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		fd = -1
	}
	return &tcpWatch{socket: fd, since: map[tcpPorts]tcpHeld{}}
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
	diagTimer       = 2
	diagPorts       = 4
	diagDestination = 24
	diagInfo        = 2 // INET_DIAG_INFO
	probeTimer      = 4 // a window of zero: the reader does not read
)

// holds reports whether data is held back that real time will release.
func (w *tcpWatch) holds() bool {
	if w.socket < 0 {
		return false
	}
	held, now := false, time.Now()
	seen := map[tcpPorts]tcpHeld{}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		w.dump(family, func(ports tcpPorts, acked uint64) {
			h, known := w.since[ports]
			if !known || h.acked != acked {
				h = tcpHeld{at: now, acked: acked}
			}
			seen[ports] = h
			held = held || now.Sub(h.at) < holdLimit
		})
	}
	w.since = seen
	return held
}

// dump calls each for every connection on loopback with bytes that were not sent yet.
func (w *tcpWatch) dump(family byte, each func(ports tcpPorts, acked uint64)) {
	const states = 1<<1 | 1<<4 | 1<<8 | 1<<9 // established, fin-wait-1, close-wait, last-ack
	request := make([]byte, unix.SizeofNlMsghdr+diagRequestSize)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1], body[2] = family, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	binary.NativeEndian.PutUint32(body[4:], states)
	if err := unix.Sendto(w.socket, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return
	}
	buffer := make([]byte, 1<<16)
	for {
		n, _, err := unix.Recvfrom(w.socket, buffer, 0)
		if err != nil || n <= 0 || !messages(buffer[:n], each) {
			return
		}
	}
}

// messages reads a part of a dump. It returns false at its end.
func messages(data []byte, each func(tcpPorts, uint64)) bool {
	for len(data) >= unix.SizeofNlMsghdr {
		size := int(binary.NativeEndian.Uint32(data))
		if kind := binary.NativeEndian.Uint16(data[4:]); kind == unix.NLMSG_DONE || kind == unix.NLMSG_ERROR || size < unix.SizeofNlMsghdr || size > len(data) {
			return false
		}
		if message := data[unix.SizeofNlMsghdr:size]; len(message) >= diagMessageSize {
			connection(message, each)
		}
		data = data[min(len(data), (size+3)&^3):]
	}
	return true
}

func connection(message []byte, each func(tcpPorts, uint64)) {
	to := message[diagDestination:]
	loopback := message[0] == unix.AF_INET && to[0] == 127 || message[0] == unix.AF_INET6 && (to[15] == 1 || to[12] == 127)
	if !loopback || message[diagTimer] == probeTimer {
		return
	}
	for rest := message[diagMessageSize:]; len(rest) >= 4; {
		size, kind := int(binary.NativeEndian.Uint16(rest)), binary.NativeEndian.Uint16(rest[2:])
		if size < 4 || size > len(rest) {
			return
		}
		info := rest[4:size]
		if kind == diagInfo && len(info) >= int(unsafe.Offsetof(unix.TCPInfo{}.Notsent_bytes))+4 {
			unsent := binary.NativeEndian.Uint32(info[unsafe.Offsetof(unix.TCPInfo{}.Notsent_bytes):])
			if unsent > 0 {
				ports := tcpPorts{binary.BigEndian.Uint16(message[diagPorts:]), binary.BigEndian.Uint16(message[diagPorts+2:])}
				each(ports, binary.NativeEndian.Uint64(info[unsafe.Offsetof(unix.TCPInfo{}.Bytes_acked):]))
			}
			return
		}
		rest = rest[min(len(rest), (size+3)&^3):]
	}
}
