package harness

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// A Factory builds the engine under test for one run. It is called inside the run's time, so the
// engine must make its channels, timers and contexts there. It may be called any number of times
// and must not change what it closes over. A target that is an io.Closer is closed after the last
// call.
type Factory func(Lab) Target

// A Lab is what the engine under test may know of its run. It is valid during the run, and safe for
// concurrent use.
type Lab struct {
	upstreams []Upstream
	client    *http.Client
	recorder  *timeline.Recorder
	seed      uint64
	scale     float64
}

// An Upstream is one fake provider, as an engine is configured with it.
type Upstream struct {
	// Name is the provider's name in the scenario, Protocol the name of its protocol, "openai-chat"
	// for instance.
	Name, Protocol string
	// URL is the origin, without a path or a slash at its end: OpenAI clients want URL + "/v1".
	URL string
	// Key and Model are what requests must carry. A provider accepts any, and refuses a request
	// without.
	Key, Model string
	// HTTPClient reaches the provider. In virtual time no other client does.
	HTTPClient *http.Client
}

// HTTPClient returns the one client that reaches every provider. It has no timeout of its own.
func (l Lab) HTTPClient() *http.Client { return l.client }

// Upstreams returns the chain in its order: the primary, then its fallbacks.
func (l Lab) Upstreams() []Upstream { return append([]Upstream(nil), l.upstreams...) }

// URL returns the origin of the provider of that name. It panics if the scenario has no such
// provider; the panic becomes the run's verdict.
func (l Lab) URL(provider string) string { return l.Upstream(provider).URL }

// Upstream returns the provider of that name. It panics if there is none, like URL.
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

// Seed returns the run's seed, for engines that draw random numbers.
func (l Lab) Seed() uint64 { return l.seed }

// Scale returns how many seconds of package time one second of the scenario takes: 1, or 1/60 under
// x60. An engine in this process multiplies its own durations by it.
func (l Lab) Scale() float64 { return l.scale }

// Explain records a line in the engine's lane, for people to read. No verdict rests on it.
func (l Lab) Explain(text string) { l.recorder.Record(timeline.EngineLane, timeline.Decided, text) }
