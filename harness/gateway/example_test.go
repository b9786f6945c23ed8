package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/gateway"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A reverse proxy in front of the primary hands everything through, heartbeats included. It has no
// watchdog and no fallback, so the scenario fails.
func ExampleNew() {
	newGateway := gateway.New(func(lab harness.Lab) http.Handler {
		primary := lab.Upstream("primary")
		origin, err := url.Parse(primary.URL)
		if err != nil {
			return gateway.Skip{Reason: err.Error()}
		}
		return &httputil.ReverseProxy{
			Transport:     primary.HTTPClient.Transport,
			FlushInterval: -1,
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(origin)
				r.Out.Header.Set("Authorization", "Bearer "+primary.Key)
			},
		}
	}, gateway.Options{})
	for _, name := range []string{"healthy", "heartbeat-only"} {
		s, err := scenarios.Find(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, harness.RunScenario(s, newGateway).Verdict())
	}
	// Output:
	// healthy passed
	// heartbeat-only failed
}
