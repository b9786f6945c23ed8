package fault

import (
	"context"
	"net"
	"os"
	"syscall"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Refused refuses connections.
type Refused struct{}

var _ fakeprovider.Dialer = Refused{}

// Info describes the fault.
func (Refused) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C1"}, Name: "refused", Title: "Nothing listens: the connection is refused",
		Why: "It costs no time and says all there is to say, so the next provider is due at once. Engines that take " +
			"it for a passing failure sleep and knock again.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Ask the next provider at once, without a backoff for the same host.",
		},
		Issues: []string{"https://github.com/NousResearch/hermes-agent/issues/86572"},
		Cannot: map[fakeprovider.World]string{fakeprovider.WorldServe: "a listener cannot refuse single " +
			"connections: leave the port without a provider instead"},
		Default: Refused{},
	}
}

// Script returns nil, because no request arrives.
func (Refused) Script() fakeprovider.Script { return nil }

// Dial fails as connect(2) does.
func (Refused) Dial(_ context.Context, d *fakeprovider.Dial) (net.Conn, error) {
	return nil, &net.OpError{
		Op: "dial", Net: d.Network, Addr: d.Addr(), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}
}
