package fault

import (
	"cmp"
	"context"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// PingOnly keeps the stream open with events named ping.
type PingOnly struct {
	// Every is the time between pings. Default 30s, as frontman-ai/frontman#731 measured it.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = PingOnly{}
	_ fakeprovider.Paced     = PingOnly{}
	_ fakeprovider.Validator = PingOnly{}
)

const defaultPing = 30 * time.Second

// Info describes the fault.
func (PingOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S2"}, Name: "ping-only",
		Title: "Events named ping keep the stream open and no token ever arrives",
		Why: "Decoders swallow a ping before anybody above them sees it, so an application cannot count them, and " +
			"what counts bytes below takes them for life.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline on content that no ping moves, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/anthropics/anthropic-sdk-typescript/issues/998",
			"https://github.com/anthropics/anthropic-sdk-typescript/issues/749",
		},
		Default: PingOnly{Every: defaultPing},
	}
}

// Validate refuses a negative time.
func (p PingOnly) Validate() error {
	return notNegative("ping-only", "every", p.Every)
}

// Pace returns the pause between pings.
func (p PingOnly) Pace() time.Duration { return cmp.Or(p.Every, defaultPing) }

// WithPace returns the fault with pauses of d at most.
func (p PingOnly) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends the headers, then pings without end.
func (p PingOnly) Script() fakeprovider.Script {
	return fakeprovider.Script{
		pings{},
		fakeprovider.Respond{},
		fakeprovider.Repeat{Every: cmp.Or(p.Every, defaultPing), Steps: fakeprovider.Script{fakeprovider.Heartbeat{}}},
	}
}

// pings turns heartbeats into pings.
type pings struct{}

// Play installs the filter. The data is an empty object, whatever the vendor's own ping has.
func (pings) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameHeartbeat && sse.IsEvents(data) {
			data = sse.Event("ping", []byte("{}"))
		}
		return next(data)
	})
	return nil
}
