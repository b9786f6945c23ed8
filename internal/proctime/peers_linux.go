//go:build linux && amd64

package proctime

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// portOfDNS is the port of name servers, over UDP too.
const portOfDNS = 53

// connects notes a connection to a peer outside of the tree, if it is made. A datagram socket is
// connected without a packet, to learn an address, unless it asks a name server.
func (c *trap) connects() (waitKind, time.Duration) {
	var address [28]byte
	n := min(*c.f.arg(2), uint64(len(address)))
	if n < 8 || !readMemory(c.t.tid, *c.f.arg(1), address[:n]) {
		return untouched()
	}
	family, port := binary.NativeEndian.Uint16(address[:]), binary.BigEndian.Uint16(address[2:])
	var loopback bool
	switch {
	case family == unix.AF_INET:
		loopback = address[4] == 127 || address[4] == 0
	case family == unix.AF_INET6 && n == uint64(len(address)):
		loopback = isLoopback6(address[8:24])
	default:
		return untouched()
	}
	if loopback && (port == 0 || c.ours[port] || !c.streams()) || !loopback && port != portOfDNS && !c.streams() {
		return untouched()
	}
	pid := c.p.pid
	c.t.then = func(result int64) {
		switch {
		case result != 0 && result != -int64(unix.EINPROGRESS):
		case !loopback:
			c.outside(pid, "connects to an address beyond loopback")
		case listening(port):
			c.outside(pid, fmt.Sprintf("connects to port %d, on which nobody of the tree listens", port))
		}
	}
	return atExit, 0
}

// isLoopback6 reports whether an IPv6 address is ::, ::1, or a mapped IPv4 address of loopback.
func isLoopback6(ip []byte) bool {
	for _, b := range ip[:10] {
		if b != 0 {
			return false
		}
	}
	if ip[10] == 0xff && ip[11] == 0xff {
		return ip[12] == 127
	}
	return ip[10] == 0 && ip[11] == 0 && ip[12] == 0 && ip[13] == 0 && ip[14] == 0 && ip[15] <= 1
}

// streams reports whether the socket of a call is one of TCP. It is true if that cannot be seen.
func (c *trap) streams() bool {
	own := duplicate(c.p.pid, c.number())
	if own < 0 {
		return true
	}
	defer unix.Close(own) //nolint:errcheck // nothing was written
	kind, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_TYPE)
	return err != nil || kind == unix.SOCK_STREAM
}

// listening reports whether somebody on this machine listens on a TCP port.
func listening(port uint16) bool {
	const listen = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			fields := strings.Fields(line)
			if len(fields) > 3 && strings.HasSuffix(fields[1], suffix) && fields[3] == listen {
				return true
			}
		}
	}
	return false
}
