package fakeprovider

import (
	"context"
	"strings"
)

// UsageMissing reports no usage.
type UsageMissing struct{}

var (
	_ Overlay = UsageMissing{}
	_ Step    = UsageMissing{}
)

func usageMissingInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M7"}, Name: "usage-missing",
		Title: "The response does not say how many tokens it used",
		Why: "Budgets and bills that add it up count nothing, and code that takes it for granted fails at the very end of a good " +
			"answer.",
		Correct: "The answer as it is; an estimate, marked as one.",
		Issues: []string{
			"https://github.com/microsoft/semantic-kernel/issues/9420",
			"https://github.com/odysseus-dev/odysseus/pull/1703",
		},
		Default: UsageMissing{},
	}
}

// Script takes the usage out of an answer that is all right.
func (p UsageMissing) Script() Script { return under(p) }

// Lay arms the exchange.
func (p UsageMissing) Lay() Script { return Script{p} }

// Play arms the exchange.
func (UsageMissing) Play(_ context.Context, x Exchange) error {
	x.Through(func(f Frame, data []byte, next func([]byte) error) error {
		if f.Kind == FrameUsage {
			return nil
		}
		return next(editJSON(data, func(text []byte) []edit {
			var edits []edit
			walkJSON(text, func(v jsonValue) bool {
				if isUsage(v) {
					edits = append(edits, without(text, v))
					return false
				}
				return true
			})
			return edits
		}))
	})
	return nil
}

// isUsage says whether a value is about tokens that were used: every vendor's name for it begins alike.
func isUsage(v jsonValue) bool { return strings.HasPrefix(v.key, "usage") }
