package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// UsageZero reports a usage of 0 tokens.
type UsageZero struct{}

var (
	_ fakeprovider.Overlay = UsageZero{}
	_ fakeprovider.Step    = UsageZero{}
)

// Info describes the fault.
func (UsageZero) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M7"}, Name: "usage-zero",
		Title: "All counts of tokens are zero",
		Why: "A zero is a number like any other to a budget, which then is never used up, and to a check for empty " +
			"answers, which throws a good one away.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is, and mark an estimate of its usage as one.",
		},
		Issues: []string{
			"https://github.com/0xPlaygrounds/rig/issues/1212",
			"https://github.com/pattern-zones-co/koine/issues/41",
		},
		Default: UsageZero{},
	}
}

// Script sets the usage of a healthy answer to 0.
func (p UsageZero) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p UsageZero) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (UsageZero) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		return next(sse.EditJSON(data, zeroUsage))
	})
	return nil
}

// zeroUsage sets every number inside a usage to 0.
func zeroUsage(text []byte) []sse.Edit {
	var edits []sse.Edit
	inside := 0 // where the usage ends that is being walked over
	sse.WalkJSON(text, func(v sse.Value) bool {
		if isUsage(v) {
			inside = v.End
		}
		if first := text[v.Start]; v.End <= inside && first >= '0' && first <= '9' {
			edits = append(edits, sse.Edit{Start: v.Start, End: v.End, Text: "0"})
		}
		return true
	})
	return edits
}
