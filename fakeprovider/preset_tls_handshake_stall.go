package fakeprovider

import (
	"context"
	"net"
)

// TLSHandshakeStall reads the client's hello and says nothing to it.
type TLSHandshakeStall struct{}

var _ Accepter = TLSHandshakeStall{}

func tlsHandshakeStallInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C6"}, Name: "tls-handshake-stall", Title: "The connection is accepted, and the TLS handshake never goes on",
		Why: "The connect timeout is satisfied and the request has not begun. Go's http.Transport waits for ever unless " +
			"TLSHandshakeTimeout is set, which only its DefaultTransport has.",
		Correct: "A timeout for the handshake, far below that for the request; then the next provider.",
		Issues: []string{
			"https://github.com/BerriAI/litellm/issues/13524",
			"https://github.com/nature-lang/nature/pull/301",
		},
		Needs: NeedsTLS, Default: TLSHandshakeStall{},
	}
}

// Script is nil: no request arrives.
func (TLSHandshakeStall) Script() Script { return nil }

// Accept holds the connection.
func (TLSHandshakeStall) Accept(ctx context.Context, c *Connection) (net.Conn, error) {
	c.Hold(ctx)
	return nil, nil //nolint:nilnil // the connection has been dealt with
}
