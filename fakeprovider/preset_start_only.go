package fakeprovider

import (
	"cmp"
	"time"
)

// StartOnly opens the answer and falls silent.
type StartOnly struct {
	// After is the time before the opening frame. Default 400ms.
	After time.Duration `yaml:"after"`
}

var (
	_ Preset    = StartOnly{}
	_ Validator = StartOnly{}
	_ Sayer     = StartOnly{}
)

func startOnlyInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S3"}, Name: "start-only",
		Title:   "The answer is opened, and nothing follows",
		Why:     "A first frame is taken for a first token by engines that wait for any event, and after it nobody waits for anything.",
		Correct: "A deadline on content: an opening frame is none.",
		Issues:  []string{"https://github.com/NousResearch/hermes-agent/issues/103571"},
		Default: StartOnly{After: defaultTTFT},
	}
}

// Validate refuses a negative time.
func (p StartOnly) Validate() error {
	return notNegative("start-only", "after", p.After)
}

// Script sends the opening frame and holds the connection.
func (p StartOnly) Script() Script {
	return Script{Respond{}, Wait{For: cmp.Or(p.After, defaultTTFT)}, SendFrame{Kind: FrameStart.String()}, End{How: Hang}}
}

// Says the opening frame, which not every vendor has.
func (StartOnly) Says() []Frame { return []Frame{{Kind: FrameStart}} }
