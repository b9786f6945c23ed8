package campaign

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A UsageError reports invalid options, such as an unknown name or a limit without a unit. Errors
// inside of a file are a [DataError] or strictyaml.Problems.
type UsageError struct {
	// Option is the option in question: "limit", "shard" or "tags". It is "" if there is none.
	Option string

	format string
	args   []any
}

// Error returns the message with the option as a field of [Options] would be named.
func (e *UsageError) Error() string { return e.Text(e.Option) }

// Text returns the message with another spelling of the option, such as "--limit".
func (e *UsageError) Text(option string) string {
	return fmt.Sprintf(strings.ReplaceAll(e.format, "{option}", option), e.args...)
}

// usage returns a UsageError. In the format, {option} stands for the option.
func usage(option, format string, args ...any) error {
	return &UsageError{Option: option, format: format, args: args}
}

// noEngine returns the error of a program without targets.
func noEngine() error { return usage("", "this program has no engine to test") }

// A DataError reports an invalid file.
type DataError struct{ Err error }

// Error returns the cause's message, with file and line.
func (e *DataError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *DataError) Unwrap() error { return e.Err }

// asProblems returns the error as strictyaml.Problems, if it is one.
func asProblems(err error) (strictyaml.Problems, bool) {
	return errors.AsType[strictyaml.Problems](err)
}

// manyWords are more than a message lists.
const manyWords = 24

// DidYouMean returns a suggestion for an unknown word. It lists all known words if none is
// similar, or says how many there are.
func DidYouMean(word string, known []string) string {
	if s := strictyaml.Nearest(word, known); s != "" {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	if len(known) > manyWords {
		return fmt.Sprintf("; none of %d names is like it", len(known))
	}
	return "; one of " + strings.Join(known, ", ")
}
