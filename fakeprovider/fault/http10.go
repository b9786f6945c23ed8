package fault

import (
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// HTTP10 answers in HTTP/1.0: there are no chunks, and the body ends where the connection does.
type HTTP10 struct{}

var (
	_ fakeprovider.Overlay   = HTTP10{}
	_ fakeprovider.Step      = HTTP10{}
	_ fakeprovider.Exclusive = HTTP10{}
)

// Info describes the fault.
func (HTTP10) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H23"}, Name: "http10", Title: "The response is HTTP/1.0 and ends with the connection",
		Why: "nginx speaks it to what is behind it unless told otherwise. Without chunks nothing marks the end: a " +
			"lost connection looks like a whole answer to HTTP, and only the terminal event tells the two apart.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take an answer that has its terminal event, and treat one without it as truncated.",
		},
		Issues: []string{
			"https://github.com/antiwork/gumroad/pull/7468", "https://github.com/Oaklight/zerodep/issues/100",
		},
		HTTP1: true, Default: HTTP10{},
	}
}

// Claims returns the framing.
func (HTTP10) Claims() string { return claimsFraming }

// Script damages a healthy answer.
func (p HTTP10) Script() fakeprovider.Script { return fakeprovider.Over(p, fakeprovider.Healthy{}) }

// Lay returns the fault itself, as a step.
func (p HTTP10) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (HTTP10) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("http10", http10{})
	return nil
}

type http10 struct{ fakeprovider.Plain }

// Head returns a head without a length.
func (http10) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Transfer-Encoding": {""}, "Content-Length": {""}})
	return fakeprovider.HeadBytes("HTTP/1.0", status, h)
}
