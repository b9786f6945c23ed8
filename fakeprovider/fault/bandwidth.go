package fault

import (
	"cmp"
	"context"
	"net"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Bandwidth passes a fixed number of bytes per second.
type Bandwidth struct {
	// Rate is bytes a second. Default 256: a frame of the usual size each second.
	Rate int `yaml:"rate"`
}

var (
	_ fakeprovider.Overlay   = Bandwidth{}
	_ fakeprovider.Step      = Bandwidth{}
	_ fakeprovider.Validator = Bandwidth{}
)

const defaultRate = 256

// Info describes the fault.
func (Bandwidth) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S7"}, Name: "bandwidth", Title: "Bytes arrive at a fixed low rate, frames in pieces",
		Why: "Every byte resets a byte timeout, and frames arrive so late that the answer is of no use. Progress is " +
			"events, not bytes.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note: "Bound the time between events, or the throughput, rather than the time for the " +
				"whole answer.",
		},
		Issues: []string{"https://github.com/netclaw-dev/netclaw/issues/1888"},
		HTTP1:  true, Default: Bandwidth{Rate: defaultRate},
	}
}

// Validate refuses a negative rate.
func (p Bandwidth) Validate() error { return atLeastOne("bandwidth", "rate", p.Rate) }

// Script slows down a healthy answer.
func (p Bandwidth) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p Bandwidth) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play lays the fault over the connection.
func (p Bandwidth) Play(ctx context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wait := func(d time.Duration) error { return x.Wait(ctx, d) }
	wire.Damage("bandwidth",
		func(c net.Conn) net.Conn { return &slowConn{Conn: c, rate: cmp.Or(p.Rate, defaultRate), wait: wait} })
	return nil
}

// slowConn passes half of the rate every half second. That is often enough to cut frames, and
// seldom enough for the wall clock.
type slowConn struct {
	net.Conn

	rate int
	wait func(time.Duration) error
}

// Write sends b in pieces, each after the time that it takes.
func (c *slowConn) Write(b []byte) (n int, err error) {
	for piece := max(1, c.rate/2); len(b) > 0; {
		take := min(piece, len(b))
		if err := c.wait(time.Duration(take) * time.Second / time.Duration(c.rate)); err != nil {
			return n, err
		}
		if _, err := c.Conn.Write(b[:take]); err != nil {
			return n, err //nolint:wrapcheck // the socket's own
		}
		n, b = n+take, b[take:]
	}
	return n, nil
}
