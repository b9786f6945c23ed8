package fault

import (
	"context"
	"errors"
	"io"
	"net"

	"golang.org/x/net/http2"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// HTTP2SettingsStall agrees on HTTP/2 and then sends nothing, not even its SETTINGS.
type HTTP2SettingsStall struct{}

// HTTP2WindowStall leaves clients no room to send a request's body.
type HTTP2WindowStall struct{}

var (
	_ fakeprovider.Accepter = HTTP2SettingsStall{}
	_ fakeprovider.Accepter = HTTP2WindowStall{}
)

// Info describes the fault.
func (HTTP2SettingsStall) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C16"}, Name: "http2-settings-stall",
		Title: "HTTP/2 is agreed on, and the server's SETTINGS never come",
		Why: "The TLS handshake is over, and with it its timeout; a client that waits for SETTINGS before its " +
			"request has none left, and one that does not waits for headers.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline for the first sign of an answer, then ask the next provider.",
		},
		Issues: []string{"https://github.com/curl/curl/pull/11450"},
		Needs:  fakeprovider.NeedsHTTP2, Default: HTTP2SettingsStall{},
	}
}

// Info describes the fault.
func (HTTP2WindowStall) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C16"}, Name: "http2-window-stall",
		Title: "HTTP/2's flow control leaves no room for the request's body",
		Why: "The headers leave and the body waits for a WINDOW_UPDATE that never comes. The connection is alive, " +
			"pings are answered, and timeouts for headers begin in many clients only once the body has been sent.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline for sending the request, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/golang/go/issues/59969",
			"https://github.com/curl/curl/pull/11450",
		},
		Needs: fakeprovider.NeedsHTTP2, Default: HTTP2WindowStall{},
	}
}

// Script returns nil, because no request is answered.
func (HTTP2SettingsStall) Script() fakeprovider.Script { return nil }

// Script returns nil, because no request is answered.
func (HTTP2WindowStall) Script() fakeprovider.Script { return nil }

// Accept completes the TLS handshake and holds the connection.
func (HTTP2SettingsStall) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	if ok, err := agree(ctx, c); !ok {
		return nil, err
	}
	c.Hold(ctx)
	return nil, nil //nolint:nilnil // the connection has been dealt with
}

// Accept completes the TLS handshake, closes the windows, and acknowledges everything else.
func (HTTP2WindowStall) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	if ok, err := agree(ctx, c); !ok {
		return nil, err
	}
	c.Record(timeline.ConnectionHeld, "")
	release := c.Unblock(ctx)
	defer release()
	preface := make([]byte, len(http2.ClientPreface))
	framer := http2.NewFramer(c, c)
	if framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}) != nil {
		return nil, nil //nolint:nilnil // the client is gone
	}
	if _, err := io.ReadFull(c, preface); err != nil {
		return nil, nil //nolint:nilnil // likewise
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return nil, nil //nolint:nilnil // likewise
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				err = framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				err = framer.WritePing(true, f.Data)
			}
		}
		if err != nil {
			return nil, nil //nolint:nilnil // likewise
		}
	}
}

// agree completes the TLS handshake. It returns false if the client is gone or, with an error,
// does not speak HTTP/2.
func agree(ctx context.Context, c *fakeprovider.Connection) (ok bool, err error) {
	secure, err := c.Handshake(ctx)
	switch {
	case errors.Is(err, fakeprovider.ErrNoTLS):
		return false, err
	case err != nil:
		return false, nil //nolint:nilerr // the client is gone
	case secure.ConnectionState().NegotiatedProtocol != http2.NextProtoTLS:
		return false, fakeprovider.ErrNoHTTP2
	}
	return true, nil
}
