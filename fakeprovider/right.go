package fakeprovider

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Right says what a right engine does about a fault: an engine with one key for each provider,
// whose next provider is healthy.
type Right struct {
	// Reaction is what the engine does.
	Reaction Reaction
	// Whole is what it does where the response is not streamed. Empty is the same as Reaction.
	Whole Reaction
	// Once says that a second request to the same provider is wrong.
	Once bool
	// Note tells whoever builds an engine what to do, in a sentence of at most 101 characters that
	// begins with a verb in the imperative: "Ask the next provider at once."
	Note string
	// Because says why no answer is right. FailClearly requires it.
	Because string
}

// For returns the reaction to a response that is streamed, or is not.
func (r Right) For(streamed bool) Reaction {
	if !streamed && r.Whole != "" {
		return r.Whole
	}
	return r.Reaction
}

// Advice returns Note as a report shows it behind an arrow: from a small letter on, and without the
// full stop.
func (r Right) Advice() string {
	first, size := utf8.DecodeRuneInString(r.Note)
	if size == 0 {
		return ""
	}
	return string(unicode.ToLower(first)) + strings.TrimSuffix(r.Note[size:], ".")
}

// A Reaction is what an engine does about a fault.
type Reaction string

const (
	// AnswerFromAny gives the caller one whole answer. Who gives it depends on the protocol, or on
	// what the policy prefers.
	AnswerFromAny Reaction = "answer from any provider"
	// LeaveAlone lets the answer of the provider with the fault stand: one request, and a fallback
	// is a false alarm.
	LeaveAlone Reaction = "leave it alone"
	// FallBack gives the caller one whole answer of the next provider.
	FallBack Reaction = "fall back"
	// FailClearly ends the call with a clear error, in bounded time.
	FailClearly Reaction = "fail clearly"
)

// Reactions returns all reactions.
func Reactions() []Reaction { return []Reaction{AnswerFromAny, LeaveAlone, FallBack, FailClearly} }
