package harness

import (
	"cmp"
	"context"
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/scenarios"
)

// LabOptions describe a Lab outside of a run of this process, for an engine that a run in another
// process asks.
type LabOptions struct {
	// Context ends when the run does. Default: never.
	Context context.Context //nolint:containedctx // the run's lifetime
	// Scenario is the name of the scenario.
	Scenario string
	// Upstreams are the providers. Those without a client get HTTPClient, and those without a
	// BaseURL their URL.
	Upstreams []Upstream
	// HTTPClient reaches the providers. Default: one without a timeout and without a proxy.
	HTTPClient *http.Client
	// Seed is that of the run.
	Seed uint64
	// Scale is the seconds of package time per second of scenario time. Default: 1.
	Scale float64
	// AtOnce is how many calls are made at once at most. Default: 1.
	AtOnce int
	// Explain receives what the engine explains. Default: it is discarded.
	Explain func(text string)
}

// NewLab returns a Lab for an engine that is asked from another process.
func NewLab(o LabOptions) Lab {
	l := Lab{
		ctx: o.Context, scenario: o.Scenario, client: o.HTTPClient, seed: o.Seed, scale: cmp.Or(o.Scale, 1),
		explain: o.Explain, atOnce: o.AtOnce,
		words: scenarios.Shipped(), dial: new(net.Dialer).DialContext,
		listen: func(name string) (net.Listener, string, error) {
			l, host, err := wall{k: 1}.listen(name, "http", "")
			return l, "http://" + host, err
		},
	}
	if l.ctx == nil {
		l.ctx = context.Background()
	}
	if l.client == nil {
		l.client = &http.Client{Transport: &http.Transport{}}
	}
	if l.explain == nil {
		l.explain = func(string) {}
	}
	for _, u := range o.Upstreams {
		if u.HTTPClient == nil {
			u.HTTPClient = l.client
		}
		u.BaseURL = cmp.Or(u.BaseURL, u.URL)
		l.upstreams = append(l.upstreams, u)
	}
	return l
}
