package fault

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// LengthTooLong announces a longer body than comes.
type LengthTooLong struct {
	// Length is what Content-Length says, in bytes; it has to be more than the answer has. Default
	// 1048576, 1 MiB.
	Length int `yaml:"length"`
}

var (
	_ fakeprovider.Overlay   = LengthTooLong{}
	_ fakeprovider.Step      = LengthTooLong{}
	_ fakeprovider.Exclusive = LengthTooLong{}
	_ fakeprovider.Validator = LengthTooLong{}
)

const (
	defaultTooLong = 1 << 20
	mostBytes      = 1 << 30 // 1 GiB
)

// Info describes the fault.
func (LengthTooLong) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H21"}, Name: "length-too-long", Title: "Content-Length announces more than comes",
		Why: "The whole answer has arrived, with its terminal event, and the connection ends in an error all the " +
			"same. Who waits for the length rather than for the event reports a failure, or hangs where the " +
			"connection stays open.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone, Whole: fakeprovider.FallBack,
			Note: "Take a stream that has finished, and treat a body that is shorter than it says as a " +
				"failure.",
		},
		Issues: []string{
			"https://github.com/envoyproxy/ai-gateway/issues/1091", "https://github.com/nodejs/undici/issues/429",
		},
		HTTP1: true, Default: LengthTooLong{Length: defaultTooLong},
	}
}

// Claims returns the framing.
func (LengthTooLong) Claims() string { return claimsFraming }

// Validate refuses lengths out of range.
func (p LengthTooLong) Validate() error {
	return within("length-too-long", "length", p.Length, 1, mostBytes)
}

// Script damages a healthy answer.
func (p LengthTooLong) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p LengthTooLong) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (p LengthTooLong) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("length-too-long", announced{length: cmp.Or(p.Length, defaultTooLong)})
	return nil
}

// announced is a framing that announces a length and sends the body as it is.
type announced struct {
	fakeprovider.Plain

	length int
}

// Head announces the length.
func (a announced) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Transfer-Encoding": {""}, "Content-Length": {strconv.Itoa(a.length)}})
	return fakeprovider.HeadBytes("HTTP/1.1", status, h)
}
