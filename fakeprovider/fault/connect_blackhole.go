package fault

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// ConnectBlackhole never answers a SYN.
type ConnectBlackhole struct {
	// GiveUp is how long the client's own kernel goes on trying. Default 127s: Linux sends six
	// more after 1, 2, 4, 8, 16 and 32 s and waits another 64 (tcp_syn_retries in
	// https://docs.kernel.org/networking/ip-sysctl.html).
	GiveUp time.Duration `yaml:"give_up"`
}

var (
	_ fakeprovider.Dialer    = ConnectBlackhole{}
	_ fakeprovider.Validator = ConnectBlackhole{}
)

const defaultGiveUp = 127 * time.Second

// Info describes the fault.
func (ConnectBlackhole) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C3"}, Name: "connect-blackhole", Title: "Nothing answers the client's SYN",
		Why: "The kernel tries for two minutes, and whoever has one timeout for the whole request waits longer " +
			"still, because models may take minutes to answer. Nothing was sent that could not be sent elsewhere.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a short deadline for the connection, apart from the request's, then ask the " +
				"next provider.",
		},
		Issues: []string{
			"https://github.com/maximhq/bifrost/pull/5998",
			"https://github.com/FerroxLabs/wayland/issues/1077",
		},
		Cannot: map[fakeprovider.World]string{
			fakeprovider.WorldLoopback: "the kernel answers every SYN on 127.0.0.1; to lose them takes a firewall rule",
			fakeprovider.WorldServe: "the kernel answers the SYN before a listener hears of it; to lose it takes " +
				"a firewall rule",
		},
		Default: ConnectBlackhole{GiveUp: defaultGiveUp},
	}
}

// Script returns nil, because no request arrives.
func (ConnectBlackhole) Script() fakeprovider.Script { return nil }

// Validate refuses a negative time.
func (p ConnectBlackhole) Validate() error {
	return notNegative("connect-blackhole", "give_up", p.GiveUp)
}

// Dial fails as connect(2) does in the end, or as package net does if the client gives up first.
func (p ConnectBlackhole) Dial(ctx context.Context, d *fakeprovider.Dial) (net.Conn, error) {
	err := d.Wait(ctx, cmp.Or(p.GiveUp, defaultGiveUp))
	switch {
	case err == nil:
		err = os.NewSyscallError("connect", syscall.ETIMEDOUT)
	case errors.Is(err, context.DeadlineExceeded):
		err = os.ErrDeadlineExceeded
	case errors.Is(err, context.Canceled):
		err = errors.New("operation was canceled")
	}
	return nil, &net.OpError{Op: "dial", Net: d.Network, Addr: d.Addr(), Err: err}
}
