package fault

import (
	"context"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// LengthAndChunks announces both a length and chunks.
type LengthAndChunks struct{}

var (
	_ fakeprovider.Overlay   = LengthAndChunks{}
	_ fakeprovider.Step      = LengthAndChunks{}
	_ fakeprovider.Exclusive = LengthAndChunks{}
)

// Info describes the fault.
func (LengthAndChunks) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H20"}, Name: "length-and-chunks", Title: "The response has both a Content-Length and chunks",
		Why: "Two readers of one response disagree about where it ends. RFC 9112 §6.3 lets chunks win, and a " +
			"gateway that believes the length passes on a beginning.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Let the chunks win, or refuse the response; never take a beginning for the whole answer.",
		},
		Issues: []string{"https://github.com/timoklimmer/powerproxy-aoai/issues/53"},
		HTTP1:  true, Default: LengthAndChunks{},
	}
}

// Claims returns the framing.
func (LengthAndChunks) Claims() string { return claimsFraming }

// Script damages a healthy answer.
func (p LengthAndChunks) Script() fakeprovider.Script {
	return fakeprovider.Over(p, fakeprovider.Healthy{})
}

// Lay returns the fault itself, as a step.
func (p LengthAndChunks) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play sets the framing.
func (LengthAndChunks) Play(_ context.Context, x fakeprovider.Exchange) error {
	wire, err := fakeprovider.TakeWire(x)
	if err != nil {
		return err
	}
	wire.SetFraming("length-and-chunks", lengthAndChunks{})
	return nil
}

type lengthAndChunks struct{ fakeprovider.Chunked }

// Head announces 16 bytes, fewer than any answer has, and chunks.
func (lengthAndChunks) Head(status int, h http.Header) []byte {
	sse.SetHeaders(h, http.Header{"Transfer-Encoding": {"chunked"}, "Content-Length": {"16"}})
	return fakeprovider.HeadBytes("HTTP/1.1", status, h)
}
