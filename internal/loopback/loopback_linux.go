package loopback

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// quickAck is the metric: RTAX_QUICKACK of linux/rtnetlink.h.
const quickAck = 15

// routes returns the kernel's own routes to loopback, in the table "local".
func routes() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128"),
	}
}

// AcknowledgeAtOnce gives every route to loopback in this network namespace the metric quickack. It
// needs CAP_NET_ADMIN there. It skips IPv6 if the system has none.
func AcknowledgeAtOnce() error {
	s, err := open()
	if err != nil {
		return err
	}
	defer s.close()
	index, err := s.index("lo")
	if err != nil {
		return err
	}
	for _, to := range routes() {
		if err := s.change(to, index); err != nil && (to.Addr().Is4() || !missing(err)) {
			return fmt.Errorf("loopback: quickack for %s: %w", to, err)
		}
	}
	if !AcknowledgesAtOnce() {
		return errors.New("loopback: the routes have no quickack after it was set")
	}
	return nil
}

// missing reports whether an error says that there is no IPv6.
func missing(err error) bool {
	for _, none := range []unix.Errno{
		unix.ENOENT, unix.ESRCH, unix.ENODEV, unix.EAFNOSUPPORT, unix.EOPNOTSUPP, unix.EACCES,
	} {
		if errors.Is(err, none) {
			return true
		}
	}
	return false
}

// AcknowledgesAtOnce reports whether TCP to 127.0.0.1, and to ::1 if there is IPv6, acknowledges at
// once in this network namespace.
func AcknowledgesAtOnce() bool {
	s, err := open()
	if err != nil {
		return false
	}
	defer s.close()
	for _, to := range routes()[1:] {
		switch quick, err := s.quick(to.Addr()); {
		case err != nil && to.Addr().Is6() && missing(err):
		case err != nil || !quick:
			return false
		}
	}
	return true
}

// A netlink is a socket for routes.
type netlink int

func open() (netlink, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return -1, fmt.Errorf("loopback: %w", err)
	}
	return netlink(fd), nil
}

func (s netlink) close() { _ = unix.Close(int(s)) }

func (netlink) index(name string) (uint32, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("loopback: %w", err)
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	request, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request)
	}
	if err != nil {
		return 0, fmt.Errorf("loopback: %w", err)
	}
	return request.Uint32(), nil
}

// change gives a route of the kernel the metric. It replaces a route of IPv4. A route of IPv6 with
// priority 0, as the kernel's has, cannot be replaced, so change adds another one and removes it.
func (s netlink) change(to netip.Prefix, index uint32) error {
	attributes := append(attribute(unix.RTA_DST, to.Addr().AsSlice()), attribute(unix.RTA_OIF, word(index))...)
	old := append(route(to, unix.RTPROT_KERNEL, unix.RT_SCOPE_HOST), attributes...)
	attributes = append(attributes, attribute(unix.RTA_METRICS, attribute(quickAck, word(1)))...)
	if to.Addr().Is4() {
		attributes = append(attributes, attribute(unix.RTA_PREFSRC, []byte{127, 0, 0, 1})...)
		_, err := s.ask(unix.RTM_NEWROUTE, unix.NLM_F_ACK|unix.NLM_F_REPLACE,
			append(route(to, unix.RTPROT_KERNEL, unix.RT_SCOPE_HOST), attributes...))
		return err
	}
	attributes = append(attributes, attribute(unix.RTA_PRIORITY, word(1))...)
	fresh := append(route(to, unix.RTPROT_STATIC, unix.RT_SCOPE_UNIVERSE), attributes...)
	if _, err := s.ask(unix.RTM_NEWROUTE, unix.NLM_F_ACK|unix.NLM_F_CREATE, fresh); err != nil {
		return err
	}
	_, err := s.ask(unix.RTM_DELROUTE, unix.NLM_F_ACK, old)
	return err
}

// word returns the bytes of a number.
func word(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// quick asks whether the route to an address has the metric.
func (s netlink) quick(to netip.Addr) (bool, error) {
	header := route(netip.PrefixFrom(to, to.BitLen()), 0, 0)
	answer, err := s.ask(unix.RTM_GETROUTE, 0, append(header, attribute(unix.RTA_DST, to.AsSlice())...))
	if err != nil || len(answer) < unix.SizeofRtMsg {
		return false, err
	}
	metrics := find(answer[unix.SizeofRtMsg:], unix.RTA_METRICS)
	value := find(metrics, quickAck)
	return len(value) >= 4 && binary.NativeEndian.Uint32(value) == 1, nil
}

// route returns a struct rtmsg for a local route.
func route(to netip.Prefix, protocol, scope byte) []byte {
	family := byte(unix.AF_INET)
	if to.Addr().Is6() {
		family = unix.AF_INET6
	}
	return []byte{family, byte(to.Bits()), 0, 0, unix.RT_TABLE_LOCAL, protocol, scope, unix.RTN_LOCAL, 0, 0, 0, 0}
}

// attribute returns a struct rtattr with its value.
func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofRtAttr+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// find returns the value of an attribute, nil if it is missing.
func find(attributes []byte, kind uint16) []byte {
	for len(attributes) >= unix.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(attributes))
		if size < unix.SizeofRtAttr || size > len(attributes) {
			return nil
		}
		if binary.NativeEndian.Uint16(attributes[2:])&^(1<<15) == kind {
			return attributes[unix.SizeofRtAttr:size]
		}
		attributes = attributes[min(len(attributes), (size+3)&^3):]
	}
	return nil
}

// ask sends one request and returns the body of the answer.
func (s netlink) ask(kind, flags uint16, body []byte) ([]byte, error) {
	size := unix.SizeofNlMsghdr + len(body)
	request := binary.NativeEndian.AppendUint32(nil, uint32(size))
	request = binary.NativeEndian.AppendUint16(request, kind)
	request = binary.NativeEndian.AppendUint16(request, unix.NLM_F_REQUEST|flags)
	request = append(append(request, make([]byte, 8)...), body...)
	if err := unix.Sendto(int(s), request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buffer := make([]byte, 1<<13)
	n, _, err := unix.Recvfrom(int(s), buffer, 0)
	if err != nil {
		return nil, err
	}
	if n < unix.SizeofNlMsghdr {
		return nil, errors.New("a short answer")
	}
	answer := buffer[unix.SizeofNlMsghdr:n]
	if binary.NativeEndian.Uint16(buffer[4:]) == unix.NLMSG_ERROR && len(answer) >= 4 {
		if code := int32(binary.NativeEndian.Uint32(answer)); code != 0 {
			return nil, unix.Errno(-code)
		}
		return nil, nil
	}
	return answer, nil
}
