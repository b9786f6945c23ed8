package failover

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A Floor is the lowest stale threshold of some models.
type Floor struct {
	// Models lists prefixes of model names, after the last slash, up to the end or one of "-._".
	// The longest match counts.
	Models []string `yaml:"models"`
	// AtLeast is their lowest threshold.
	AtLeast time.Duration `yaml:"at_least"`
}

// longestFloor returns the floor of a model; 0 if it has none.
func longestFloor(floors []Floor, model string) time.Duration {
	model = bareModel(model)
	var floor time.Duration
	var longest int
	for _, f := range floors {
		for _, slug := range f.Models {
			rest, ok := strings.CutPrefix(model, slug)
			if ok && (rest == "" || strings.ContainsRune("-._", rune(rest[0]))) && len(slug) > longest {
				floor, longest = f.AtLeast, len(slug)
			}
		}
	}
	return floor
}

// reasoningFloors returns the floors of the later reported engine, by which its classification
// knows the models that think
// (https://github.com/NousResearch/hermes-agent/blob/3c27eb6234bf91b8ceee9e9071591b31e9b148cb/agent/reasoning_timeouts.py#L62-L126).
// hermes-0.20.yaml lists them as its stale_floors; a test compares the two.
func reasoningFloors() []Floor {
	return []Floor{
		{
			[]string{
				"nemotron-3-ultra", "nemotron-3-super", "deepseek-r1", "deepseek-reasoner", "deepseek-v4-flash",
				"deepseek-v4-pro", "o1", "o3", "o3-pro", "claude-fable",
			},
			600 * time.Second,
		},
		{
			[]string{
				"nemotron-3-nano", "qwq-32b", "o3-mini", "o4-mini", "grok-4-fast-reasoning", "grok-4.20-reasoning",
				"grok-4.5",
			},
			300 * time.Second,
		},
		{[]string{"claude-opus-4", "claude-opus-5"}, 240 * time.Second},
		{
			[]string{"qwen3", "claude-sonnet-5", "claude-sonnet-4.5", "claude-sonnet-4.6", "grok-4-fast-non-reasoning"},
			180 * time.Second,
		},
	}
}

// Local changes limits for a provider on this machine or network: it may read a prompt for a long
// time, and waiting for it costs nothing. Its name or address decides (loopback, private,
// link-local, 100.64.0.0/10), unless [Provider.Remote] is set.
type Local struct {
	// NoStale switches the stale detectors off. Default: false.
	NoStale bool `yaml:"no_stale"`
	// Stale replaces [Watch.Stale], scaling and floors included. Default: 0, it does not.
	Stale time.Duration `yaml:"stale"`
	// Read replaces [Watch.Read]. Default: 0, it does not.
	Read time.Duration `yaml:"read"`
}

// isLocal reports whether a provider is on this machine or network.
func (p Provider) isLocal() bool {
	origin, err := url.Parse(p.BaseURL)
	if err != nil || p.Remote {
		return false
	}
	host := strings.ToLower(origin.Hostname())
	for _, suffix := range []string{"localhost", ".docker.internal", ".containers.internal", ".lima.internal"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	shared := net.IPNet{IP: net.IPv4(100, 64, 0, 0), Mask: net.CIDRMask(10, 32)} // RFC 6598
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || shared.Contains(addr.AsSlice())
}

// Throughput guards a stream from its first content on: each window, one after the other, must
// bring some content. A slow but healthy stream passes if the window is much longer than its gaps.
type Throughput struct {
	// Window is the length of a window. Default: 0, no guard.
	Window time.Duration `yaml:"window"`
	// AtLeast is how many bytes of content each window must bring.
	AtLeast int `yaml:"at_least"`
}

// staleAfter returns the stale threshold of a request to a provider; 0 if there is none.
func (w Watch) staleAfter(req Request, p Provider) time.Duration {
	threshold, scaling := w.Stale, w.StaleScaling
	if !req.Stream {
		threshold, scaling = w.StaleCall, w.StaleCallScaling
	}
	if threshold == 0 {
		return 0
	}
	if p.isLocal() {
		if w.Local.NoStale {
			return 0
		}
		if w.Local.Stale > 0 && req.Stream {
			return w.Local.Stale
		}
	}
	for _, s := range scaling {
		if req.ContextTokens > s.Above {
			threshold = max(threshold, s.AtLeast)
		}
	}
	return max(threshold, longestFloor(w.StaleFloors, p.Model))
}

// shared lowers a stale threshold to its share of the time that is left until the call's end.
func (w Watch) shared(threshold time.Duration, until time.Time) time.Duration {
	if threshold == 0 || w.StaleShare == 0 || until.IsZero() {
		return threshold
	}
	return min(threshold, max(1, time.Duration(w.StaleShare*float64(time.Until(until)))))
}

// readAfter returns the read timeout of a request to a provider; 0 if there is none.
func (w Watch) readAfter(req Request, p Provider) time.Duration {
	if !req.Stream {
		return w.ReadCall.of(p.Protocol)
	}
	d := w.Read.of(p.Protocol)
	if d > 0 && w.ReadRaisedToStale {
		d = max(d, w.staleAfter(req, p))
	}
	if w.Local.Read > 0 && p.isLocal() {
		d = w.Local.Read
	}
	return d
}

// ends returns when a call must end, given when it and its turn began; zero if it has no deadline.
func (p Policy) ends(call, turn time.Time) time.Time {
	if turn.IsZero() {
		turn = call
	}
	var end time.Time
	if p.Deadline > 0 {
		end = call.Add(p.Deadline)
	}
	if t := turn.Add(p.TurnDeadline); p.TurnDeadline > 0 && (end.IsZero() || t.Before(end)) {
		end = t
	}
	return end
}
