package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// EmptyDeltas sends empty pieces of the answer.
type EmptyDeltas struct {
	// Every is the time between pieces. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ fakeprovider.Fault     = EmptyDeltas{}
	_ fakeprovider.Paced     = EmptyDeltas{}
	_ fakeprovider.Validator = EmptyDeltas{}
)

// Info describes the fault.
func (EmptyDeltas) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S3"}, Name: "empty-deltas",
		Title: "Pieces of the answer arrive, and all of them are empty",
		Why:   "They are content by their form. Only who looks at the text sees that there is none.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Set a deadline on content, as which an empty text does not count, then ask the next " +
				"provider.",
		},
		Issues: []string{
			"https://github.com/NousResearch/hermes-agent/pull/34541",
			"https://github.com/NousResearch/hermes-agent/issues/103571",
		},
		Default: EmptyDeltas{Every: defaultHeartbeat},
	}
}

// Validate refuses a negative time.
func (p EmptyDeltas) Validate() error {
	return notNegative("empty-deltas", "every", p.Every)
}

// Pace returns the pause between empty pieces.
func (p EmptyDeltas) Pace() time.Duration { return cmp.Or(p.Every, defaultHeartbeat) }

// WithPace returns the fault with pauses of d at most.
func (p EmptyDeltas) WithPace(d time.Duration) fakeprovider.Fault {
	p.Every = min(p.Pace(), d)
	return p
}

// Script sends the headers, then empty pieces without end.
func (p EmptyDeltas) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Respond{}, fakeprovider.Repeat{
		Every: cmp.Or(p.Every, defaultHeartbeat),
		Steps: fakeprovider.Script{fakeprovider.SendFrame{Kind: fakeprovider.FrameText.String()}},
	}}
}
