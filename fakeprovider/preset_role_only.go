package fakeprovider

import (
	"cmp"
	"time"
)

// RoleOnly opens the answer again and again.
type RoleOnly struct {
	// Every is the time between frames. Default 10s.
	Every time.Duration `yaml:"every"`
}

var (
	_ Preset    = RoleOnly{}
	_ Validator = RoleOnly{}
	_ Sayer     = RoleOnly{}
)

func roleOnlyInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"S3"}, Name: "role-only",
		Title:   "The opening frame comes again and again, and no token",
		Why:     "Each of them is an event with data, which even engines that ignore heartbeats count as progress.",
		Correct: "A deadline on content: a role is none.",
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

// Script sends opening frames for ever.
func (p RoleOnly) Script() Script {
	return Script{Respond{}, Repeat{Every: cmp.Or(p.Every, defaultHeartbeat), Steps: Script{SendFrame{Kind: FrameStart.String()}}}}
}

// Says the opening frame, which not every vendor has.
func (RoleOnly) Says() []Frame { return []Frame{{Kind: FrameStart}} }
