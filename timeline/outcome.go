package timeline

import (
	"encoding"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
	// Truncated is a part of an answer presented as success.
	Truncated
	// Spliced is pieces of several answers, presented as one.
	Spliced
	// Duplicated is an answer, or its beginning, more than once.
	Duplicated
	// Empty is no text at all, presented as success.
	Empty
	// Reordered is the pieces of one answer in another order.
	Reordered
)

var (
	_ encoding.TextMarshaler   = Outcome(0)
	_ encoding.TextUnmarshaler = (*Outcome)(nil)
)

// outcomeNames holds the names in the order of the constants.
//
//nolint:gochecknoglobals // an immutable table
var outcomeNames = [...]string{"", "answered", "failed", "hung", "truncated", "spliced", "duplicated", "empty", "reordered"}

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

// Outcome decides what the caller of call n got, and from which provider if it was answered. It
// compares the text that the caller holds with the texts that providers sent, never a label. If
// the caller holds tool calls and no text, it compares those.
//
// An engine may deliver a refusal as text or not. A call whose arguments are not JSON is
// incomplete, whoever declared it complete. The output of a command holds the answer somewhere, see
// Run.Contained: without any part of a provider's text it is Empty. A call that was not seen to
// start or to end is Hung.
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
		if text := client.Text(); text != "" || client.Calls == "" {
			return t.compare(text, t.CallAttempts(n))
		}
		return compareCalls(client.Calls, t.CallAttempts(n))
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
	// The latest attempt comes first: of two equal texts the caller got the last one.
	for _, a := range slices.Backward(attempts) {
		if a.Finished && (a.Text == text || a.Text+a.Refusal == text) {
			return Answered, a.Provider
		}
	}
	for _, a := range attempts {
		if strings.HasPrefix(a.Text+a.Refusal, text) {
			return Truncated, a.Provider
		}
	}
	for _, a := range attempts {
		if repeats(text, a.Text+a.Refusal) {
			return Duplicated, a.Provider
		}
	}
	return reordered(text, attempts, func(a Attempt) string { return a.Text + a.Refusal })
}

// reordered decides whether an answer has the bytes of one that a single provider sent, in another
// order. Its pieces may have been cut anew on the way, so it is bytes that are compared. If several
// providers sent the same bytes nobody can tell, and it is Spliced.
func reordered(got string, attempts []Attempt, sent func(Attempt) string) (Outcome, string) {
	from := ""
	for _, a := range attempts {
		switch {
		case !sameBytes(got, sent(a)):
		case from != "" && from != a.Provider:
			return Spliced, ""
		default:
			from = a.Provider
		}
	}
	if from == "" {
		return Spliced, ""
	}
	return Reordered, from
}

// sameBytes reports whether two texts consist of the same bytes, in any order.
func sameBytes(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var counts [1 << 8]int
	for i := range len(a) {
		counts[a[i]]++
		counts[b[i]]--
	}
	return counts == [1 << 8]int{}
}

// compareCalls compares an answer that consists of tool calls only.
func compareCalls(calls string, attempts []Attempt) (Outcome, string) {
	form, whole := callForm(calls)
	for _, a := range slices.Backward(attempts) {
		if sent, _ := callForm(a.Calls); whole && a.Finished && sent == form {
			return Answered, a.Provider
		}
	}
	for _, a := range attempts {
		if sent, _ := callForm(a.Calls); strings.HasPrefix(a.Calls, calls) || sent == form {
			return Truncated, a.Provider
		}
	}
	return reordered(calls, attempts, func(a Attempt) string { return a.Calls })
}

// callForm returns tool calls without the insignificant white space of their arguments. whole is
// false if those are not JSON.
func callForm(calls string) (form string, whole bool) {
	var out strings.Builder
	for calls != "" {
		at := strings.IndexByte(calls, '{')
		if at < 0 {
			return out.String() + calls, calls == ""
		}
		decoder := json.NewDecoder(strings.NewReader(calls[at:]))
		var arguments map[string]any
		if err := decoder.Decode(&arguments); err != nil {
			return out.String() + calls, false
		}
		compact, err := json.Marshal(arguments)
		if err != nil {
			return out.String() + calls, false
		}
		out.WriteString(calls[:at] + string(compact))
		calls = calls[at+int(decoder.InputOffset()):]
	}
	return out.String(), true
}

// repeats reports whether text consists of beginnings of one answer only.
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
