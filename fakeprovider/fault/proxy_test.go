package fault_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	shows(t, fault.ProxyRefuses{},
		"| HTTP/1.1 407 Proxy Authentication Required\\r\\n",
		"= tunnel: EOF",
		"plain: request: ",
		": Proxy Authentication Required\n",
	)
	bounds(t, fault.ProxyRefuses{})
}

func TestProxyHangs(t *testing.T) {
	t.Parallel()
	shows(t, fault.ProxyHangs{}, "@ 1m4.5s\n= tunnel: nothing more", "plain: request: nothing more")
}

// Behind a proxy that has once refused, the provider is reached through the tunnel.
func TestATunnelLeadsToTheProvider(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, roots := rig.SiteOptions(t, fault.ProxyRefuses{}, protocol.OpenAIChat{}, rig.VirtualHost, 1)
		o.OnRequest = []fakeprovider.Fault{
			fault.ProxyRefuses{Status: http.StatusForbidden}, fault.TLSAlert{}, fakeprovider.Healthy{},
		}
		s := rig.VirtualSiteOf(t, o)
		s.Fault, s.Roots = fault.ProxyRefuses{}, roots
		client, closeIdle := s.Client()
		defer closeIdle()
		for _, want := range []string{"Forbidden", "tls: handshake failure"} {
			if _, _, err := rig.Exchange(t, client, s.Request(t)); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		if _, body, err := rig.Exchange(t, client, s.Request(t)); err != nil || !strings.Contains(body, "[DONE]") {
			t.Errorf("%v, %q", err, body)
		}
		// Who takes the proxy for the provider gets nothing from it.
		direct := &http.Transport{DialContext: s.Dial}
		defer direct.CloseIdleConnections()
		r := rig.Ask(t.Context(), t, "http://"+s.Address+"/v1/chat/completions", true)
		if _, _, err := rig.Exchange(t, &http.Client{Transport: direct}, r); err == nil {
			t.Error("a request without a tunnel was answered")
		}
	})
}
