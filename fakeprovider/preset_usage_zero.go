package fakeprovider

import "context"

// UsageZero reports a usage of nothing.
type UsageZero struct{}

var (
	_ Overlay = UsageZero{}
	_ Step    = UsageZero{}
)

func usageZeroInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"M7"}, Name: "usage-zero",
		Title: "All counts of tokens are zero",
		Why: "A zero is a number like any other to a budget, which then is never used up, and to a check for empty answers, which " +
			"throws a good one away.",
		Correct: "The answer as it is; an estimate, marked as one.",
		Issues: []string{
			"https://github.com/0xPlaygrounds/rig/issues/1212",
			"https://github.com/pattern-zones-co/koine/issues/41",
		},
		Default: UsageZero{},
	}
}

// Script takes the numbers out of an answer that is all right.
func (p UsageZero) Script() Script { return under(p) }

// Lay arms the exchange.
func (p UsageZero) Lay() Script { return Script{p} }

// Play arms the exchange.
func (UsageZero) Play(_ context.Context, x Exchange) error {
	x.Through(func(_ Frame, data []byte, next func([]byte) error) error {
		return next(editJSON(data, zeroUsage))
	})
	return nil
}

// zeroUsage makes every number inside of a usage 0.
func zeroUsage(text []byte) []edit {
	var edits []edit
	inside := 0 // where the usage ends that is being walked over
	walkJSON(text, func(v jsonValue) bool {
		if isUsage(v) {
			inside = v.end
		}
		if first := text[v.start]; v.end <= inside && first >= '0' && first <= '9' {
			edits = append(edits, edit{v.start, v.end, "0"})
		}
		return true
	})
	return edits
}
