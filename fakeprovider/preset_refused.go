package fakeprovider

import (
	"context"
	"net"
	"os"
	"syscall"
)

// Refused refuses connections.
type Refused struct{}

var _ Dialer = Refused{}

func refusedInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C1"}, Name: "refused", Title: "Nothing listens: the connection is refused",
		Why: "It costs no time and says all there is to say, so the next provider is due at once. Engines that take it for a " +
			"passing failure sleep and knock again.",
		Correct: "The next provider at once, without a backoff on the same host.",
		Issues:  []string{"https://github.com/NousResearch/hermes-agent/issues/86572"},
		Cannot:  map[World]string{WorldServe: "a listener cannot refuse single connections: leave the port without a provider instead"},
		Default: Refused{},
	}
}

// Script is nil: no request arrives.
func (Refused) Script() Script { return nil }

// Dial fails as connect(2) does.
func (Refused) Dial(_ context.Context, d *Dial) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: d.Network, Addr: d.Addr(), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}
