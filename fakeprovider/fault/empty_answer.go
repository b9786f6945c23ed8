package fault

import (
	"cmp"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// EmptyAnswer finishes without an answer.
type EmptyAnswer struct {
	// TTFT is the time to the end. Default 400ms.
	TTFT time.Duration `yaml:"ttft"`
}

var (
	_ fakeprovider.Fault     = EmptyAnswer{}
	_ fakeprovider.Validator = EmptyAnswer{}
)

// Info describes the fault.
func (EmptyAnswer) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M1"}, Name: "empty-answer",
		Title: "The answer finishes, and there is none",
		Why:   "Nothing failed on the wire, so nothing is retried, and the caller gets an empty text as success.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note:     "Treat it as a failure: try once more, or ask the next provider.",
		},
		Issues: []string{
			"https://github.com/BerriAI/litellm/issues/38199",
			"https://github.com/nextlevelbuilder/goclaw/pull/931",
		},
		Default: EmptyAnswer{TTFT: fakeprovider.DefaultTTFT},
	}
}

// Validate refuses a negative time.
func (p EmptyAnswer) Validate() error {
	return notNegative("empty-answer", "ttft", p.TTFT)
}

// Script finishes with stop.
func (p EmptyAnswer) Script() fakeprovider.Script {
	return fakeprovider.Script{fakeprovider.Wait{For: cmp.Or(p.TTFT, fakeprovider.DefaultTTFT)}, fakeprovider.Finish{}}
}
