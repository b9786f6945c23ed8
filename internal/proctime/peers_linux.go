//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
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
	if n < 2 || !readMemory(c.t.tid, *c.f.arg(1), address[:n]) {
		return untouched()
	}
	var to netip.Addr
	switch family := binary.NativeEndian.Uint16(address[:]); {
	case family == unix.AF_UNIX && c.streams():
		return c.connectsUnix()
	case n < 8:
		return untouched()
	case family == unix.AF_INET:
		to, _ = netip.AddrFromSlice(address[4:8])
	case family == unix.AF_INET6 && n == uint64(len(address)):
		to = netip.AddrFrom16([16]byte(address[8:24])).Unmap()
	default:
		return untouched()
	}
	switch to { // that is this machine, too
	case netip.IPv4Unspecified():
		to = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case netip.IPv6Unspecified():
		to = netip.IPv6Loopback()
	}
	loopback, port := to.IsLoopback(), binary.BigEndian.Uint16(address[2:])
	pid, fd := c.p.pid, c.number()
	c.t.then = func(result int64) int64 {
		if result != 0 && result != -int64(unix.EINPROGRESS) {
			return result
		}
		from, stream := streamOf(pid, fd)
		switch {
		case !stream && (loopback || port != portOfDNS):
		case !loopback:
			c.outside(pid, "connects to an address beyond loopback")
		case port != 0 && !c.ours[port] && listening(port):
			c.outside(pid, fmt.Sprintf("connects to port %d, on which no process of the tree listens", port))
		default:
			c.tcp.add(from, netip.AddrPortFrom(to, port))
		}
		return result
	}
	return atExit, 0
}

// connectsUnix records a connection over a Unix socket on which no process of the tree listens.
func (c *trap) connectsUnix() (waitKind, time.Duration) {
	pid, fd := c.p.pid, c.number()
	c.t.then = func(result int64) int64 {
		if result == -int64(unix.EINPROGRESS) { // a timeout, which Unix sockets call so
			return -int64(unix.EAGAIN)
		}
		if result != 0 {
			return result
		}
		own := duplicate(pid, fd)
		if own < 0 {
			c.outside(pid, "connects to a Unix socket whose owner could not be seen")
			return result
		}
		defer unix.Close(own) //nolint:errcheck // nothing was written
		peer, err := unix.GetsockoptUcred(own, unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err == nil && c.processes[int(peer.Pid)] == nil && !c.listeners[int(peer.Pid)] {
			c.outside(pid, "connects to a Unix socket on which no process of the tree listens")
		}
		return result
	}
	return atExit, 0
}

// streams reports whether the socket of a call has streams. It is true if that cannot be seen.
func (c *trap) streams() bool {
	own := duplicate(c.p.pid, c.number())
	if own < 0 {
		return true
	}
	defer unix.Close(own) //nolint:errcheck // nothing was written
	kind, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_TYPE)
	return err != nil || kind == unix.SOCK_STREAM
}

// streamOf returns the own address of a socket of a process, and whether it is one of TCP. Where
// the system does not permit a duplicate, /proc says so of one that listens or is connected.
func streamOf(pid, fd int) (address netip.AddrPort, stream bool) {
	own := duplicate(pid, fd)
	if own < 0 {
		return streamIn(fmt.Sprintf("/proc/%d", pid), fd)
	}
	defer unix.Close(own) //nolint:errcheck // nothing was written
	kind, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return address, false
	}
	local, err := unix.Getsockname(own)
	if err != nil {
		return address, true
	}
	return addressOf(local), true
}

// streamIn looks a socket up in the tables of TCP, by its inode.
func streamIn(process string, fd int) (address netip.AddrPort, stream bool) {
	target, err := os.Readlink(fmt.Sprintf("%s/fd/%d", process, fd))
	inode, isSocket := strings.CutPrefix(target, "socket:[")
	if err != nil || !isSocket {
		return address, false
	}
	inode = strings.TrimSuffix(inode, "]")
	const local, column = 1, 9
	for _, table := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(process + "/net/" + table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if fields := strings.Fields(line); len(fields) > column && fields[column] == inode {
				return parseAddress(fields[local]), true
			}
		}
	}
	return address, false
}

// parseAddress parses an address as the tables have it: words of four bytes in hexadecimal, in the
// machine's order, and a port. It is invalid if it cannot be parsed.
func parseAddress(text string) netip.AddrPort {
	ip, port, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	bytes, err2 := hex.DecodeString(ip)
	if err != nil || err2 != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}
	}
	for word := range slices.Chunk(bytes, 4) {
		binary.BigEndian.PutUint32(word, binary.NativeEndian.Uint32(word))
	}
	address, _ := netip.AddrFromSlice(bytes)
	return netip.AddrPortFrom(address.Unmap(), uint16(n))
}

// listening reports whether a process on this machine listens on a TCP port.
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

// listens records which process listens on which port.
func (c *trap) listens() (waitKind, time.Duration) {
	c.listeners[c.p.pid] = true
	tid, fd := c.t.tid, c.number()
	c.t.then = func(result int64) int64 {
		if port := portOf(tid, socketOf(tid, fd)); result == 0 && port != 0 {
			c.ours[port] = true
		}
		return result
	}
	return atExit, 0
}

// portOf returns the port of TCP on which a socket listens, 0 if it is none. It needs no duplicate
// of the socket, which containers refuse.
func portOf(tid int, socket uint64) uint16 {
	const local, inode = 1, 9 // columns
	for _, file := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/net/" + file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			fields := strings.Fields(line)
			if len(fields) <= inode || fields[inode] != strconv.FormatUint(socket, 10) {
				continue
			}
			_, digits, _ := strings.Cut(fields[local], ":")
			port, err := strconv.ParseUint(digits, 16, 16)
			if err == nil {
				return uint16(port)
			}
		}
	}
	return 0
}
