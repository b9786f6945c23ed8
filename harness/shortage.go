package harness

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ofMachine returns a dial function that records what this machine, or this process, had none left
// of: descriptors, ports, memory. The engine meets it as a failure of a provider, and is not to
// blame. A provider records the same of the connections that it accepts.
func (st *stage) ofMachine(dial fakeprovider.DialFunc) fakeprovider.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		for _, short := range []syscall.Errno{
			syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL,
		} {
			if errors.Is(err, short) {
				st.failed("no connection can be made: " + err.Error())
			}
		}
		return conn, err
	}
}
