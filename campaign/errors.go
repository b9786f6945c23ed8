package campaign

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// A UsageError says that what was asked for makes no sense: a name that does not exist, a limit
// without a unit. What is wrong inside a file is a [DataError] or a list of problems with their
// places.
type UsageError struct {
	// Option is what the error is about: "limit", "shard", "tags"; "" for what is no option.
	Option string

	format string
	args   []any
}

// Error names the option as the fields of [Options] do.
func (e *UsageError) Error() string { return e.Text(e.Option) }

// Text is Error for a caller that writes the option in another way: "--limit" on a command line.
func (e *UsageError) Text(option string) string {
	return fmt.Sprintf(strings.ReplaceAll(e.format, "{option}", option), e.args...)
}

// usage is an error about an option; {option} in the format stands for its name.
func usage(option, format string, args ...any) error {
	return &UsageError{Option: option, format: format, args: args}
}

// noEngine is what a program without targets says.
func noEngine() error { return usage("", "this program has no engine to test") }

// A DataError says that a file is wrong.
type DataError struct{ Err error }

// Error says what is wrong, with the place.
func (e *DataError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *DataError) Unwrap() error { return e.Err }

// asProblems returns an error as what is wrong in a file, if it is that.
func asProblems(err error) (strictyaml.Problems, bool) {
	return errors.AsType[strictyaml.Problems](err)
}

// DidYouMean suggests the nearest of some words, or lists them.
func DidYouMean(word string, known []string) string {
	if s := strictyaml.Nearest(word, known); s != "" {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	return "; one of " + strings.Join(known, ", ")
}
