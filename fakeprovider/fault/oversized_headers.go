package fault

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// OversizedHeaders sends more bytes of headers than clients read.
type OversizedHeaders struct {
	// Size is how many bytes of padding stand in one header, whose name is X-Padding. Default
	// 11534336, 11 MiB: 1 MiB more than all headers of a response may have for Go's http.Transport
	// (MaxResponseHeaderBytes). nginx reads 4 or 8 KiB, Node 16 KiB.
	Size int `yaml:"size"`
	// Every is the time between one MiB of them and the next. Default 200ms, a link of some 42
	// Mbit/s: too long for a client to take what follows for a passing failure of the connection.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Overlay   = OversizedHeaders{}
	_ fakeprovider.Step      = OversizedHeaders{}
	_ fakeprovider.Exclusive = OversizedHeaders{}
	_ fakeprovider.Validator = OversizedHeaders{}
)

const (
	defaultHeaderSize = 11 << 20
	headerPiece       = 32 << 10 // what is held in memory of them
	headerEvery       = 200 * time.Millisecond
	mib               = 1 << 20
)

// Info describes the fault.
func (OversizedHeaders) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H22"}, Name: "oversized-headers", Title: "The headers are larger than clients read",
		Why: "The answer is all right behind them and never gets through: the client, or a proxy in front of it, " +
			"gives up with an error of its own. A client without a limit keeps them in memory.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Bound the memory for headers: return an error, and ask the next provider.",
		},
		Issues: []string{
			"https://github.com/diegosouzapw/OmniRoute/issues/8040",
			"https://github.com/NeuraLegion/bright-cli/issues/292",
		},
		HTTP1: true, Default: OversizedHeaders{Size: defaultHeaderSize, Every: headerEvery},
	}
}

// Claims returns the framing.
func (OversizedHeaders) Claims() string { return claimsFraming }

// Validate refuses a negative size, more than 1 GiB, and a negative time.
func (p OversizedHeaders) Validate() error {
	return errors.Join(within("oversized-headers", "size", p.Size, 1, mostBytes),
		notNegative("oversized-headers", "every", p.Every))
}

// Script damages a healthy answer.
func (p OversizedHeaders) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p OversizedHeaders) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p OversizedHeaders) Play(ctx context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("oversized-headers", paddedHead{
		size: cmp.Or(p.Size, defaultHeaderSize),
		wait: func() error { return x.Wait(ctx, cmp.Or(p.Every, headerEvery)) },
	})
	return nil
}

// paddedHead is a chunked framing whose head is padded.
type paddedHead struct {
	fakeprovider.Chunked

	size int
	wait func() error
}

var _ fakeprovider.LongHead = paddedHead{}

// WriteHead writes the head in pieces, so that it is never held as a whole.
func (p paddedHead) WriteHead(write func([]byte) error, status int, h http.Header) error {
	head, ok := bytes.CutSuffix(p.Head(status, h), []byte("\r\n"))
	if !ok {
		return errors.New("fakeprovider: a head without an end")
	}
	if err := write(append(head, "X-Padding: "...)); err != nil {
		return err
	}
	piece := bytes.Repeat([]byte("x"), min(p.size, headerPiece))
	for sent := 0; sent < p.size; sent += len(piece) {
		if sent > 0 && sent%mib == 0 {
			if err := p.wait(); err != nil {
				return err
			}
		}
		if err := write(piece[:min(p.size-sent, len(piece))]); err != nil {
			return err
		}
	}
	return write([]byte("\r\n\r\n"))
}
