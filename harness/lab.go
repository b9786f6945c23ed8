package harness

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A Factory builds the engine under test for one run. It runs inside the run's time, so the engine
// must create its channels, timers and contexts there. It may be called any number of times, and
// must not modify what it captures. A target that is an io.Closer is closed after the last call.
type Factory func(Lab) Target

// A Lab gives the engine under test its view of the run. It is valid during the run, and safe for
// concurrent use.
type Lab struct {
	ctx       context.Context //nolint:containedctx // the run's lifetime
	scenario  string
	upstreams []Upstream
	client    *http.Client
	dial      fakeprovider.DialFunc
	words     *scenarios.Vocabulary
	ca        []byte
	explain   func(text string)
	listen    func(name string) (net.Listener, string, error)
	recorder  *timeline.Recorder // nil in another process
	seed      uint64
	scale     float64
	atOnce    int
}

// An Upstream is the configuration for one fake provider.
type Upstream struct {
	// Name is the provider's name in the scenario. Protocol is the name of its protocol, such as
	// "openai-chat".
	Name, Protocol string
	// URL is the origin without a path or trailing slash. OpenAI clients need URL + "/v1".
	URL string
	// BaseURL is what the vendor's SDKs want: URL with "/v1" for OpenAI's.
	BaseURL string
	// Key and Model are the values for requests. A provider accepts any value, and rejects a
	// request without one.
	Key, Model string
	// HTTPClient reaches the provider. In virtual time no other client can.
	HTTPClient *http.Client
}

// HTTPClient returns the client that reaches every provider. It has no timeout.
func (l Lab) HTTPClient() *http.Client { return l.client }

// DialContext connects to a provider, for engines that bring a transport of their own, and for what
// is no http.Client. It fits http.Transport. In virtual time no other connection reaches a
// provider: a real one makes the run unknown. An engine that speaks TLS trusts [Lab.CA].
func (l Lab) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return l.dial(ctx, network, address)
}

// Env returns the variables that the vendors' SDKs read, such as OPENAI_BASE_URL and
// OPENAI_API_KEY, as NAME=value. They lead to the first provider that speaks the vendor's
// protocol. In virtual time the SDK needs HTTPClient beside them.
func (l Lab) Env() []string { return SDKEnv(l.words, l.upstreams) }

// SDKEnv is [Lab.Env] for providers of a run elsewhere, with the protocols of a vocabulary.
func SDKEnv(words *scenarios.Vocabulary, upstreams []Upstream) []string {
	var env []string
	known := map[string]bool{}
	for _, u := range upstreams {
		p, ok := words.Protocol(u.Protocol)
		if !ok {
			continue
		}
		for _, variable := range p.About().Environment(u.URL, u.Key) {
			if name, _, _ := strings.Cut(variable, "="); !known[name] {
				known[name] = true
				env = append(env, variable)
			}
		}
	}
	return env
}

// Upstreams returns the fallback chain: the primary, then its fallbacks.
func (l Lab) Upstreams() []Upstream { return append([]Upstream(nil), l.upstreams...) }

// URL returns the origin of the named provider. It panics if the scenario has no such provider.
// The panic becomes the run's verdict.
func (l Lab) URL(provider string) string { return l.Upstream(provider).URL }

// Upstream returns the named provider. It panics like URL if there is none.
func (l Lab) Upstream(provider string) Upstream {
	var names []string
	for _, u := range l.upstreams {
		if u.Name == provider {
			return u
		}
		names = append(names, u.Name)
	}
	panic(fmt.Sprintf("harness: the scenario has no provider %q, it has %s", provider, strings.Join(names, ", ")))
}

// CA returns the certificate of the run's own authority as the content of a PEM file, which clients
// of the providers have to trust. It is nil if no provider speaks TLS. HTTPClient trusts it
// already.
func (l Lab) CA() []byte { return l.ca }

// Listen opens an address of the run's own network for a server in this process, and returns its
// origin, which HTTPClient reaches: in memory in virtual time, loopback TCP otherwise. name is a
// host's and must differ from those of the providers. The caller closes the listener.
func (l Lab) Listen(name string) (listener net.Listener, origin string, err error) {
	return l.listen(name)
}

// Context returns a context that ends when the run is interrupted. A Factory that waits, for a
// process to start for instance, waits for it too.
func (l Lab) Context() context.Context { return l.ctx }

// Scenario returns the name of the scenario that is run.
func (l Lab) Scenario() string { return l.scenario }

// Seed returns the seed of the run, for engines that use random numbers.
func (l Lab) Seed() uint64 { return l.seed }

// Scale returns the seconds of package time per second of scenario time. It is 1/60 under
// x60, and 1 without acceleration. An engine in this process multiplies its own durations by it.
func (l Lab) Scale() float64 { return l.scale }

// AtOnce returns how many calls the run makes at once at most: 1 unless the scenario has a call
// with a Count. An engine that makes one call at a time returns a [Skip] for more.
func (l Lab) AtOnce() int { return max(1, l.atOnce) }

// Events returns what was recorded so far, for a Target that shows its progress. The copy belongs
// to the caller. It is nil if the run is in another process.
func (l Lab) Events() []timeline.Event {
	if l.recorder == nil {
		return nil
	}
	return l.recorder.Events()
}

// Recorded returns how many events were recorded so far. It costs nothing, and tells whether Events
// has more than before.
func (l Lab) Recorded() uint64 {
	if l.recorder == nil {
		return 0
	}
	return l.recorder.Total()
}

// Explain records a line in the engine's lane, for people to read. It does not affect the verdict.
func (l Lab) Explain(text string) { l.explain(text) }
