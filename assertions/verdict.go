package assertions

import (
	"encoding"
	"fmt"
)

// Verdict is the result of an expectation or of a run.
type Verdict uint8

// The verdicts, from good to bad; Worst relies on the order.
const (
	// Skipped says that the target lacks what the scenario needs, or that what an expectation looks
	// at cannot be seen of such a target, so nothing was judged.
	Skipped Verdict = iota + 1
	// Passed says that the expectation holds.
	Passed
	// Partial says that everything holds but an expectation that is only advisory.
	Partial
	// Unknown says that the harness could not look.
	Unknown
	// Failed says that the expectation does not hold.
	Failed
)

var (
	_ encoding.TextMarshaler   = Verdict(0)
	_ encoding.TextUnmarshaler = (*Verdict)(nil)
)

// String returns "passed", "partial", "failed", "unknown" or "skipped".
func (v Verdict) String() string {
	switch v {
	case Skipped:
		return "skipped"
	case Passed:
		return "passed"
	case Partial:
		return "partial"
	case Unknown:
		return "unknown"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// MarshalText returns the verdict's name. The zero verdict is an error, so that nothing unset is
// reported.
func (v Verdict) MarshalText() ([]byte, error) {
	if v < Skipped || v > Failed {
		return nil, fmt.Errorf("assertions: no such verdict: %d", uint8(v))
	}
	return []byte(v.String()), nil
}

// UnmarshalText parses a verdict's name.
func (v *Verdict) UnmarshalText(text []byte) error {
	for known := Skipped; known <= Failed; known++ {
		if known.String() == string(text) {
			*v = known
			return nil
		}
	}
	return fmt.Errorf("assertions: no such verdict: %q", text)
}

// Holds reports whether nothing that must hold was broken: the verdict is Passed or Partial. A
// command succeeds then.
func (v Verdict) Holds() bool { return v == Passed || v == Partial }

// Worst returns the worse of two verdicts: failed > unknown > partial > passed > skipped.
func Worst(a, b Verdict) Verdict { return max(a, b) }
