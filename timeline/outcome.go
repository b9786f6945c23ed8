package timeline

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
)

// Outcome says in one word what the caller of a call got.
type Outcome uint8

const (
	// Answered is the whole answer of one provider, once.
	Answered Outcome = iota + 1
	// FailedClearly is an error, in bounded time. It reads "failed".
	FailedClearly
	// Hung was cut at the deadline, or never returned.
	Hung
	// Truncated is a part of an answer presented as success.
	Truncated
	// Spliced is pieces of several answers presented as one.
	Spliced
	// Duplicated is an answer, or its beginning, more than once.
	Duplicated
	// Empty is no text at all presented as success.
	Empty
)

var (
	_ encoding.TextMarshaler   = Outcome(0)
	_ encoding.TextUnmarshaler = (*Outcome)(nil)
)

// outcomeNames are the names in order of the constants.
//
//nolint:gochecknoglobals // an immutable table
var outcomeNames = [...]string{"", "answered", "failed", "hung", "truncated", "spliced", "duplicated", "empty"}

// OutcomeNames returns the names of all outcomes.
func OutcomeNames() []string { return append([]string(nil), outcomeNames[1:]...) }

// String returns the outcome's name.
func (o Outcome) String() string {
	if o == 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome(%d)", uint8(o))
	}
	return outcomeNames[o]
}

// MarshalText writes the outcome's name; the zero outcome is an error.
func (o Outcome) MarshalText() ([]byte, error) {
	if o == 0 || int(o) >= len(outcomeNames) {
		return nil, fmt.Errorf("timeline: no such outcome: %d", uint8(o))
	}
	return []byte(o.String()), nil
}

// UnmarshalText reads an outcome's name.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if i > 0 && name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("timeline: no such outcome: %q", text)
}

// Outcome decides what the caller of call n got, and from which provider if it was answered. It compares the
// text that the caller holds with the texts that providers sent, never a label. A call that was never
// seen to start or to end is Hung.
func (t Timeline) Outcome(n int) (outcome Outcome, from string) {
	client, ok := t.Client(n)
	if !ok {
		return Hung, ""
	}
	switch client.Ending { //nolint:exhaustive // the kinds that end a call
	case CallAnswered:
		return t.compare(client.Text(), t.CallAttempts(n))
	case CallFailed, CallPanicked:
		return FailedClearly, ""
	default:
		return Hung, ""
	}
}

func (t Timeline) compare(text string, attempts []Attempt) (Outcome, string) {
	if text == "" {
		return Empty, ""
	}
	// The latest attempt is looked at first: of two equal texts the caller got the last one.
	for _, a := range slices.Backward(attempts) {
		if a.Finished && a.Text == text {
			return Answered, a.Provider
		}
	}
	for _, a := range attempts {
		if strings.HasPrefix(a.Text, text) {
			return Truncated, a.Provider
		}
	}
	for _, a := range attempts {
		if repeats(text, a.Text) {
			return Duplicated, a.Provider
		}
	}
	return Spliced, ""
}

// repeats says whether text is made of beginnings of one answer only.
func repeats(text, answer string) bool {
	if answer == "" {
		return false
	}
	for text != "" {
		n := commonPrefix(text, answer)
		if n == 0 {
			return false
		}
		text = text[n:]
	}
	return true
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
