package fault

import (
	"cmp"
	"context"
	"fmt"
	"net"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TLSBadRecord damages a TLS record in the middle of the answer.
type TLSBadRecord struct {
	// After is how many pieces of the answer arrive before the damaged one. Default 5. Of a
	// response that is not streamed the whole body is damaged.
	After int `yaml:"after"`
}

var (
	_ fakeprovider.Overlay   = TLSBadRecord{}
	_ fakeprovider.Step      = TLSBadRecord{}
	_ fakeprovider.Validator = TLSBadRecord{}
)

// Info describes the fault.
func (TLSBadRecord) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C7"}, Name: "tls-bad-record",
		Title: "A TLS record is damaged in the middle of the answer (bad record MAC)",
		Why: "It is the network's fault and passes, unlike all else about TLS: engines that never retry what says " +
			"TLS give up, and those that know only resets show a part as the whole.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Return an error or start over, never report success with a part; a retry is in order.",
		},
		Issues: []string{"https://github.com/aj47/dotagents-mono/issues/163"},
		HTTP1:  true, Needs: fakeprovider.NeedsTLS, Default: TLSBadRecord{After: defaultDropAfter},
	}
}

// Validate refuses a negative number.
func (p TLSBadRecord) Validate() error { return atLeastOne("tls-bad-record", "after", p.After) }

// Script damages a healthy answer.
func (p TLSBadRecord) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p TLSBadRecord) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// sealedOverhead is the number of bytes that sealing adds to a record of TLS 1.3: the content type
// and a tag (RFC 8446 §5.2).
const sealedOverhead = 17

// Play waits for the piece, and replaces its record below TLS by one of the same length that no
// key has sealed. The client can read nothing after it, and sends an alert.
func (p TLSBadRecord) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	under := fakeprovider.Below(wire.Conn())
	if under == nil {
		return fakeprovider.ErrNoTLS
	}
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultDropAfter)+1,
		func(_ fakeprovider.Frame, data []byte, _ func([]byte) error) error {
			wire.Damage("tls-bad-record", func(c net.Conn) net.Conn { return c })
			sealed := make([]byte, min(len(data), maxPlain)+sealedOverhead)
			for i := range sealed {
				sealed[i] = byte(x.Asked().Rand.Uint32()) //nolint:gosec // eight of its bits are enough
			}
			if _, err := under.Write(tlsRecord(recordApplication, sealed)); err != nil {
				return fmt.Errorf("%w: %w", fakeprovider.ErrPeerGone, err)
			}
			return x.End(fakeprovider.Hang)
		}))
	return nil
}

// maxPlain is the longest plain text of a record (RFC 8446 §5.1).
const maxPlain = 1 << 14
