package fault

import (
	"context"
	"net"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RequestUnread accepts the connection and reads nothing from it.
type RequestUnread struct{}

var _ fakeprovider.Accepter = RequestUnread{}

// Info describes the fault.
func (RequestUnread) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C5"}, Name: "request-unread",
		Title: "The request is never read: the client cannot send all of a large one",
		Why: "A conversation that does not fit into the buffers on the way blocks in the client's write, to which " +
			"timeouts for headers and for reading do not apply. What does fit waits for an answer that nobody " +
			"will write.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline for sending the request, then ask the next provider.",
		},
		Issues:  []string{"https://github.com/headroomlabs-ai/headroom/pull/3327"},
		Default: RequestUnread{},
	}
}

// Script returns nil, because no request is answered.
func (RequestUnread) Script() fakeprovider.Script { return nil }

// Accept completes the TLS handshake where the provider speaks TLS, and then reads nothing.
func (RequestUnread) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	if c.TLS != nil {
		if _, err := c.Handshake(ctx); err != nil {
			return nil, nil //nolint:nilerr,nilnil // the client is gone, and there is nobody to hold the connection for
		}
	}
	c.HoldUnread(ctx)
	return nil, nil //nolint:nilnil // the connection has been dealt with
}
