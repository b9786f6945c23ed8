package timeline

import (
	"encoding"
	"fmt"
	"slices"
)

// Outcome says in one word what the caller of a call got.
type Outcome uint8

const (
	// Answered is the whole answer of one provider, once.
	Answered Outcome = iota + 1
	// FailedClearly is an error, in bounded time. Its name is "failed".
	FailedClearly
	// Hung is a call that was cut at the deadline, or that never returned.
	Hung
	// Truncated is a part of an answer presented as success: its beginning, or all but a piece.
	Truncated
	// Spliced is pieces of several answers, presented as one.
	Spliced
	// Duplicated is an answer, or a piece of it, more than once.
	Duplicated
	// Empty is no text at all, presented as success.
	Empty
	// Reordered is the pieces of one answer in another order.
	Reordered
	// Altered is text that is in no provider's answer, alone or beside pieces of one.
	Altered
	// Invalid is an answer just as its provider sent it, with a tool call whose arguments are no
	// JSON object.
	Invalid
	// HungUp is a call whose caller gave up before it was over, because the scenario says so. Its
	// name is "hung_up".
	HungUp
)

var (
	_ encoding.TextMarshaler   = Outcome(0)
	_ encoding.TextUnmarshaler = (*Outcome)(nil)
)

// outcomeNames holds the names in the order of the constants.
//
//nolint:gochecknoglobals // an immutable table
var outcomeNames = [...]string{
	"", "answered", "failed", "hung", "truncated", "spliced", "duplicated", "empty", "reordered", "altered", "invalid",
	"hung_up",
}

// OutcomeNames returns the names of all outcomes.
func OutcomeNames() []string { return append([]string(nil), outcomeNames[1:]...) }

// String returns the outcome's name.
func (o Outcome) String() string {
	if o == 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome(%d)", uint8(o))
	}
	return outcomeNames[o]
}

// MarshalText returns the outcome's name. The zero outcome is an error.
func (o Outcome) MarshalText() ([]byte, error) {
	if o == 0 || int(o) >= len(outcomeNames) {
		return nil, fmt.Errorf("timeline: no such outcome: %d", uint8(o))
	}
	return []byte(o.String()), nil
}

// UnmarshalText parses an outcome's name.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if i > 0 && name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("timeline: no such outcome: %q", text)
}

// Outcome decides what the caller of call n got, and from which provider if all of it is from one.
// It compares what the caller holds with what providers sent, never a label: the text, and behind
// it the tool calls. Sources returns the pieces.
//
// An engine may deliver a refusal as text or not. The output of a command holds the answer
// somewhere, see Run.Contained: without any part of a provider's text it is Empty. A call that was
// not seen to start or to end is Hung.
func (t Timeline) Outcome(n int) (outcome Outcome, from string) {
	client, ok := t.Client(n)
	if !ok {
		return Hung, ""
	}
	switch client.Ending { //nolint:exhaustive // the kinds that end a call
	case CallAnswered:
		if t.Run.Contained {
			return contained(client.Text(), t.CallAttempts(n))
		}
		return compare(client, t.CallAttempts(n))
	case CallFailed, CallPanicked:
		return FailedClearly, ""
	case CallHungUp:
		return HungUp, ""
	default:
		return Hung, ""
	}
}

// compare compares what a caller holds with what was sent. The latest attempt comes first: of two
// equal answers the caller got the last one.
func compare(c Client, attempts []Attempt) (Outcome, string) {
	text, calls := c.Text(), c.calls.list()
	if text == "" && len(calls) == 0 {
		return Empty, ""
	}
	for _, a := range slices.Backward(attempts) {
		if !a.Finished || text != a.Text && text != a.Text+a.Refusal ||
			!slices.EqualFunc(calls, a.calls.list(), sameCall) {
			continue
		}
		if slices.ContainsFunc(calls, func(c calledTool) bool { return !c.whole }) {
			return Invalid, a.Provider
		}
		return Answered, a.Provider
	}
	return explained(c.held(), attempts).outcome()
}

func sameCall(a, b calledTool) bool { return a.form == b.form }
