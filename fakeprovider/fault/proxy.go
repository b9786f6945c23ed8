package fault

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// ProxyRefuses puts a proxy in the way that grants no tunnel.
type ProxyRefuses struct {
	// Status is what the proxy answers to CONNECT, 400 to 599: 403 for a host that it does not
	// allow, 407 for a client that it does not know. Default 407.
	Status int `yaml:"status"`
}

// ProxyHangs puts a proxy in the way that never answers.
type ProxyHangs struct{}

var (
	_ fakeprovider.Accepter  = ProxyRefuses{}
	_ fakeprovider.Validator = ProxyRefuses{}
	_ fakeprovider.Accepter  = ProxyHangs{}
)

func cannotProxy() map[fakeprovider.World]string {
	return map[fakeprovider.World]string{
		fakeprovider.WorldServe: "whether a client goes through a proxy is its own setting",
	}
}

// Info describes the fault.
func (ProxyRefuses) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C17"}, Name: "proxy-refuses",
		Title: "The proxy on the way grants no tunnel (CONNECT is answered with 403 or 407)",
		Why: "The status is the proxy's and not the provider's: the key is good and the provider is well. Engines " +
			"that read 403 or 407 as the provider's put the key aside, and all providers behind the same proxy " +
			"fail alike.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Name the proxy in the error; do not retry, and give no key a cooldown.",
		},
		Issues: []string{"https://github.com/anthropics/claude-code/issues/1382"},
		Cannot: cannotProxy(), Needs: fakeprovider.NeedsTLS, Proxied: true,
		Default: ProxyRefuses{Status: http.StatusProxyAuthRequired},
	}
}

// Info describes the fault.
func (ProxyHangs) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C17"}, Name: "proxy-hangs", Title: "The proxy on the way never answers CONNECT",
		Why: "The connection stands, to the proxy, and timeouts for TLS have not begun. Go's http.Transport waits a " +
			"minute for it, whatever else is set.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline for the whole way to the connection, then ask the next provider.",
		},
		Issues: []string{"https://github.com/anthropics/claude-code/issues/1382"},
		Cannot: cannotProxy(), Needs: fakeprovider.NeedsTLS, Proxied: true, Default: ProxyHangs{},
	}
}

// Validate refuses a status that is no error.
func (p ProxyRefuses) Validate() error { return within("proxy-refuses", "status", p.Status, 400, 599) }

// Script returns nil, because no request arrives.
func (ProxyRefuses) Script() fakeprovider.Script { return nil }

// Script returns nil, because no request arrives.
func (ProxyHangs) Script() fakeprovider.Script { return nil }

// Accept reads the CONNECT and refuses it.
func (p ProxyRefuses) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	release := c.Unblock(ctx)
	defer release()
	if err := fakeprovider.ReadConnect(c); err != nil {
		return nil, err
	}
	status := cmp.Or(p.Status, http.StatusProxyAuthRequired)
	head := http.Header{"Content-Length": {"0"}, "Connection": {"close"}}
	if status == http.StatusProxyAuthRequired {
		head["Proxy-Authenticate"] = []string{`Basic realm="proxy"`}
	}
	answer := fakeprovider.HeadBytes("HTTP/1.1", status, head)
	line, _, _ := strings.Cut(string(answer), "\r\n")
	c.Record(timeline.BytesSent, strconv.Quote(line))
	_, _ = c.Write(answer) // what is written to a client that has gone is lost, and it has gone either way
	c.Cut()
	return nil, nil //nolint:nilnil // the connection has been dealt with
}

// Accept reads everything and answers nothing.
func (ProxyHangs) Accept(ctx context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	c.Hold(ctx)
	return nil, nil //nolint:nilnil // the connection has been dealt with
}
