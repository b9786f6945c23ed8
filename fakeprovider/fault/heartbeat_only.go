package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// HeartbeatOnly opens the stream, sends heartbeats and never a token.
type HeartbeatOnly struct {
	// Every is the time between heartbeats, the first being sent with the headers. Default 10s;
	// Anthropic's pings were measured 30s apart.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = HeartbeatOnly{}
	_ fakeprovider.Paced     = HeartbeatOnly{}
	_ fakeprovider.Validator = HeartbeatOnly{}
)

const defaultHeartbeat = 10 * time.Second

// Info describes the fault.
func (HeartbeatOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs:   []string{"S1"},
		Name:  "heartbeat-only",
		Title: "The stream stays open on heartbeats and no token ever arrives",
		Why: "Heartbeats reset every socket, byte and read timeout on the path, and SDK decoders swallow them. " +
			"Only a deadline on content notices.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Count content, not bytes, as life: set a deadline on it, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/22277",
			"https://github.com/NousResearch/hermes-agent/issues/25689",
		},
		Default: HeartbeatOnly{Every: defaultHeartbeat},
	}
}

// Validate refuses a negative time.
func (p HeartbeatOnly) Validate() error { return notNegative("heartbeat-only", "every", p.Every) }

// Pace returns the pause between heartbeats.
func (p HeartbeatOnly) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p HeartbeatOnly) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends the headers, then heartbeats without end. It sends no opening frame, which would be
// a frame of the answer already.
func (p HeartbeatOnly) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Repeat{
		Every: cmp.Or(p.Every, defaultHeartbeat), Steps: fakeprovider.Script{fakeprovider.Heartbeat{}},
	}}
}
