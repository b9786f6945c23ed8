package fault

import (
	"context"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

// UsageMissing reports no usage.
type UsageMissing struct{}

var (
	_ fakeprovider.Overlay = UsageMissing{}
	_ fakeprovider.Step    = UsageMissing{}
)

// Info describes the fault.
func (UsageMissing) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"M7"}, Name: "usage-missing",
		Title: "The response does not say how many tokens it used",
		Why: "Budgets and bills that add it up count nothing, and code that takes it for granted fails at the very " +
			"end of a good answer.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Take the answer as it is, and mark an estimate of its usage as one.",
		},
		Issues: []string{
			"https://github.com/microsoft/semantic-kernel/issues/9420",
			"https://github.com/odysseus-dev/odysseus/pull/1703",
		},
		Default: UsageMissing{},
	}
}

// Script removes the usage from a healthy answer.
func (p UsageMissing) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p UsageMissing) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (UsageMissing) Play(_ context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(func(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
		if f.Kind == fakeprovider.FrameUsage {
			return nil
		}
		return next(sse.EditJSON(data, func(text []byte) []sse.Edit {
			var edits []sse.Edit
			sse.WalkJSON(text, func(v sse.Value) bool {
				if isUsage(v) {
					edits = append(edits, sse.Without(text, v))
					return false
				}
				return true
			})
			return edits
		}))
	})
	return nil
}

// isUsage reports whether a value is about used tokens. Every vendor's name for it begins alike.
func isUsage(v sse.Value) bool { return strings.HasPrefix(v.Key, "usage") }
