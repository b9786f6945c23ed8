package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// RoleOnly sends the opening frame again and again.
type RoleOnly struct {
	// Every is the time between frames. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault       = RoleOnly{}
	_ fakeprovider.Paced       = RoleOnly{}
	_ fakeprovider.Validator   = RoleOnly{}
	_ fakeprovider.NeedsFrames = RoleOnly{}
)

// Info describes the fault.
func (RoleOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S3"}, Name: "role-only",
		Title: "The opening frame comes again and again, and no token",
		Why:   "Each of them is an event with data, which even engines that ignore heartbeats count as progress.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Set a deadline on content, as which a role does not count, then ask the next provider.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/issues/103571",
			"https://github.com/NousResearch/hermes-agent/pull/103578",
		},
		Default: RoleOnly{Every: defaultHeartbeat},
	}
}

// Validate refuses a negative time.
func (p RoleOnly) Validate() error {
	return notNegative("role-only", "every", p.Every)
}

// Pace returns the pause between frames.
func (p RoleOnly) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p RoleOnly) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends opening frames without end.
func (p RoleOnly) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Repeat{
		Every: cmp.Or(p.Every, defaultHeartbeat),
		Steps: fakeprovider.Script{fakeprovider.SendFrame{Kind: fakeprovider.FrameStart.String()}},
	}}
}

// NeededFrames returns the opening frame, which not every vendor has.
func (RoleOnly) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameStart}}
}
