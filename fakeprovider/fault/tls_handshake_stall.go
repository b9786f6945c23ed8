package fault

import (
	"context"
	"net"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TLSHandshakeStall reads the client's hello and never answers it.
type TLSHandshakeStall struct{}

var _ fakeprovider.Accepter = TLSHandshakeStall{}

// Info describes the fault.
func (TLSHandshakeStall) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C6"}, Name: "tls-handshake-stall",
		Title: "The connection is accepted, and the TLS handshake never goes on",
		Why: "The connect timeout is satisfied and the request has not begun. Go's http.Transport waits for ever " +
			"unless TLSHandshakeTimeout is set, which only its DefaultTransport has.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a short deadline for the handshake, apart from the request's, then ask the next " +
				"provider.",
		},
		Issues: []string{
			"https://github.com/BerriAI/litellm/issues/13524",
			"https://github.com/nature-lang/nature/pull/301",
		},
		Needs: fakeprovider.NeedsTLS, Default: TLSHandshakeStall{},
	}
}

// Script returns nil, because no request arrives.
func (TLSHandshakeStall) Script() fakeprovider.Script { return nil }

// Accept holds the connection.
func (TLSHandshakeStall) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	c.Hold(ctx)
	return nil, nil //nolint:nilnil // the connection has been dealt with
}
