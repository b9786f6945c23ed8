package fakeprovider

import (
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// awaitHangup returns when the peer's FIN or RST has arrived, or when ctx ends. It reads nothing.
// The runtime's poller wakes it for each change of the socket, including data.
func awaitHangup(ctx context.Context, socket syscall.Conn, conn net.Conn) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return // the socket is closed
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	_ = raw.Read(func(fd uintptr) bool { // any error means that the connection is over
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}} //nolint:gosec // a descriptor is an int
		n, err := unix.Poll(poll, 0)
		return err == nil && n > 0
	})
}
