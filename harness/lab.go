package harness

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// A Factory builds the engine under test for one run. It is called inside the run's time: channels, timers and
// contexts made outside do not belong there. A target that is an io.Closer is closed after the last call.
type Factory func(Lab) Target

// Lab is the world of one run as the engine under test may see it. A Lab is only good during its run; it is
// safe for concurrent use.
type Lab struct {
	upstreams []Upstream
	client    *http.Client
	recorder  *timeline.Recorder
	seed      uint64
	scale     float64
}

// Upstream is one fake provider, as an engine would be configured with it.
type Upstream struct {
	// Name is the provider's name in the scenario, Protocol the wire that it speaks, "openai-chat" for instance.
	Name, Protocol string
	// URL is the origin, without a path or a slash at its end: OpenAI clients want URL + "/v1".
	URL string
	// Key and Model are what requests have to carry; a provider takes any, and refuses a request without.
	Key, Model string
	// HTTPClient reaches the provider. In virtual time no other client does.
	HTTPClient *http.Client
}

// HTTPClient returns the one client that reaches every provider. It has no timeout of its own.
func (l Lab) HTTPClient() *http.Client { return l.client }

// Upstreams returns the chain in its order: the primary, then its fallbacks.
func (l Lab) Upstreams() []Upstream { return append([]Upstream(nil), l.upstreams...) }

// URL returns the origin of the provider of that name. A name that the scenario does not have is a mistake in the
// caller's test and panics, which comes back as the run's verdict.
func (l Lab) URL(provider string) string { return l.Upstream(provider).URL }

// Upstream returns the provider of that name, and panics like URL.
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

// Seed is the run's seed, for engines that draw chance.
func (l Lab) Seed() uint64 { return l.seed }

// Scale is how many seconds of package time one second of the scenario takes: 1, or 1/60 under x60. An engine in this
// process multiplies its own durations by it.
func (l Lab) Scale() float64 { return l.scale }

// Explain writes a line into the engine's lane, for people to read. No verdict rests on it.
func (l Lab) Explain(text string) { l.recorder.Record(timeline.EngineLane, timeline.Decided, text) }
