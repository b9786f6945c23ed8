package fault

import (
	"cmp"
	"context"
	"errors"
	"net"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// HalfOpen loses the peer in the middle of the answer, without FIN or RST.
type HalfOpen struct {
	// After is how many pieces of the answer arrive before. Default 5. Of a response that is not
	// streamed nothing arrives.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = HalfOpen{}
	_ fakeprovider.Step      = HalfOpen{}
	_ fakeprovider.Validator = HalfOpen{}
)

// Info describes the fault.
func (HalfOpen) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C14"}, Name: "half-open",
		Title: "The peer is gone in the middle of the answer, and no FIN or RST says so",
		Why: "A NAT that forgets, a machine that is unplugged: the connection looks alive until somebody writes, and " +
			"a client that only reads waits for ever, unless it has TCP keepalive or a deadline of its own.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline on content, and use keepalive for connections that idle.",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/47059",
			"https://github.com/Shopify/toxiproxy/issues/199",
		},
		Cannot: map[fakeprovider.World]string{
			fakeprovider.WorldLoopback: "the kernel tells each end of the other's; to lose that takes a firewall rule",
			fakeprovider.WorldServe:    "the kernel tells each end of the other's; to lose that takes a firewall rule",
		},
		HTTP1: true, Default: HalfOpen{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p HalfOpen) Validate() error { return atLeastOne("half-open", "after", p.After) }

// Script loses a healthy answer.
func (p HalfOpen) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p HalfOpen) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// errNoStall reports a connection of the kernel's, which cannot be stalled.
var errNoStall = errors.New("fakeprovider: half-open: nothing can be lost on this connection")

// Play waits for the piece and stalls the network.
func (p HalfOpen) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	stalled, ok := stallable(wire.Conn())
	if !ok {
		return errNoStall
	}
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultDropAfter)+1,
		func(fakeprovider.Frame, []byte, func([]byte) error) error {
			wire.Damage("half-open", func(c net.Conn) net.Conn { return c })
			stalled.Stall()
			return x.End(fakeprovider.Hang)
		}))
	return nil
}

// staller is a connection that can stop carrying bytes.
type staller interface{ Stall() }

func stallable(conn net.Conn) (staller, bool) {
	for ; conn != nil; conn = fakeprovider.Below(conn) {
		if s, ok := conn.(staller); ok {
			return s, true
		}
	}
	return nil, false
}
