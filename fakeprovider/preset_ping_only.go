package fakeprovider

import (
	"cmp"
	"context"
	"time"
)

// PingOnly keeps the stream open with events of the name ping.
type PingOnly struct {
	// Every is the time between pings. Default 30s, as frontman-ai/frontman#731 measured it.
	Every time.Duration `yaml:"every"`
}

var (
	_ Preset    = PingOnly{}
	_ Validator = PingOnly{}
)

const defaultPing = 30 * time.Second

func pingOnlyInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S2"}, Name: "ping-only",
		Title: "Events named ping keep the stream open and no token ever arrives",
		Why: "Decoders swallow a ping before anybody above them sees it, so an application cannot count them, and what counts bytes " +
			"below takes them for life.",
		Correct: "A deadline on content, which no ping moves.",
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

// Script sends the headers, then pings for ever.
func (p PingOnly) Script() Script {
	return Script{pings{}, Respond{}, Repeat{Every: cmp.Or(p.Every, defaultPing), Steps: Script{Heartbeat{}}}}
}

// pings turns heartbeats into pings.
type pings struct{}

// Play arms the exchange. The data is an empty object, whatever a vendor has there.
func (pings) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameHeartbeat && isEvents(data) {
			data = sseEvent("ping", []byte("{}"))
		}
		return next(data)
	})
	return nil
}
