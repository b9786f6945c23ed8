package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// StartOnly opens the answer and falls silent.
type StartOnly struct {
	// After is the time before the opening frame. Default 400ms.
	After time.Duration `yaml:"after"`
}

var (
	_ fakeprovider.Fault       = StartOnly{}
	_ fakeprovider.Validator   = StartOnly{}
	_ fakeprovider.NeedsFrames = StartOnly{}
)

// Info describes the fault.
func (StartOnly) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S3"}, Name: "start-only",
		Title: "The answer is opened, and nothing follows",
		Why: "A first frame is taken for a first token by engines that wait for any event, and after it nobody " +
			"waits for anything.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a deadline on content, as which an opening frame does not count, then ask the " +
				"next provider.",
		},
		Issues:  []string{"https://github.com/NousResearch/hermes-agent/issues/103571"},
		Default: StartOnly{After: fakeprovider.DefaultTTFT},
	}
}

// Validate refuses a negative time.
func (p StartOnly) Validate() error {
	return notNegative("start-only", "after", p.After)
}

// Script sends the opening frame and holds the connection.
func (p StartOnly) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Respond{},
		fakeprovider.Wait{For: cmp.Or(p.After, fakeprovider.DefaultTTFT)},
		fakeprovider.SendFrame{Kind: fakeprovider.FrameStart.String()},
		fakeprovider.End{How: fakeprovider.Hang},
	}
}

// NeededFrames returns the opening frame, which not every vendor has.
func (StartOnly) NeededFrames() []fakeprovider.Frame {
	return []fakeprovider.Frame{{Kind: fakeprovider.FrameStart}}
}
