package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/scaffold"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/serve"
	"github.com/chaosrun/chaosrun/targets"
)

// Exit codes of Main. They are stable; CI.md explains them.
const (
	// ExitPassed means that every expectation passed.
	ExitPassed = 0
	// ExitFailed means that an expectation failed, or that a run of the baseline passed.
	ExitFailed = 1
	// ExitUnknown means that a run is unknown, or that nothing ran.
	ExitUnknown = 3
	// ExitUnwritten means that the verdict is 0, but a report could not be written. With other
	// verdicts, their code stays and a message is printed.
	ExitUnwritten = 4
	// ExitUsage means that the command line is invalid.
	ExitUsage = 64
	// ExitData means that a file is invalid.
	ExitData = 65
	// ExitInternal means that the program failed.
	ExitInternal = 70
	// ExitBisectSkip replaces all codes but 0 and 1 under --bisect. It tells git bisect that the
	// commit cannot be tested.
	ExitBisectSkip = 125
	// ExitInterrupted means that a signal stopped the command. The finished runs are reported.
	ExitInterrupted = 130
)

// An exitError ends the program with an exit code. Its message, if any, goes to standard error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage returns an error for an invalid command line.
func usage(format string, args ...any) error {
	return &exitError{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

// ended returns the error of this program, started again, that ended with a code.
func ended(code int) error {
	if code == ExitPassed {
		return nil
	}
	return &exitError{code: code}
}

// exitOf returns nil for a verdict that passes. Other verdicts return an error without a message,
// because the reports explain it.
func exitOf(v assertions.Verdict) error {
	switch v {
	case assertions.Failed:
		return &exitError{code: ExitFailed}
	case assertions.Unknown:
		return &exitError{code: ExitUnknown}
	case assertions.Passed, assertions.Partial, assertions.Skipped:
	}
	return nil
}

// report prints an error and returns its exit code.
func (c console) report(err error) int {
	if err == nil {
		return ExitPassed
	}
	code, text := codeOf(err), textOf(err)
	if text != "" {
		fmt.Fprintf(c.err, "%s: %s\n", c.Program, strings.Map(printable, text))
	}
	return code
}

// beside returns the error of a verdict. It prints the error of a report that could not be written,
// and returns that error only if the verdict passes.
func (c console) beside(verdict, unwritten error) error {
	if unwritten == nil || verdict == nil {
		return cmp.Or(verdict, unwritten)
	}
	c.report(unwritten)
	return verdict
}

// printable replaces control characters, so that names and files cannot control a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return unicode.ReplacementChar
	}
	return r
}

// codeOf returns the exit code for an error.
func codeOf(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	for _, is := range []struct {
		it   bool
		code int
	}{
		{as[strictyaml.Problems](err), ExitData},
		{as[*campaign.DataError](err), ExitData},
		{as[*scenarios.UnknownError](err), ExitUsage},
		{as[*campaign.UsageError](err), ExitUsage},
		{as[*campaign.MergeError](err), ExitUnknown},
		{as[*campaign.OutputError](err), ExitUnwritten},
		{as[*serve.UsageError](err), ExitUsage},
		{as[*targets.UsageError](err), ExitUsage},
		{as[*targets.UnknownError](err), ExitUsage},
		{as[*serve.NeedsTLSError](err), ExitUsage},
		{errors.Is(err, scaffold.ErrUsage), ExitUsage},
	} {
		if is.it {
			return is.code
		}
	}
	return ExitInternal
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// textOf returns the message of an error, with options spelled as flags.
func textOf(err error) string {
	if e, ok := errors.AsType[*campaign.UsageError](err); ok && e.Option != "" {
		return e.Text(flag(e.Option))
	}
	if e, ok := errors.AsType[*campaign.OutputError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*serve.NeedsTLSError](err); ok {
		return fmt.Sprintf("%s: the fault %s needs TLS: add --tls", e.Provider, e.Fault)
	}
	return err.Error()
}

// flag returns the flag for an option.
func flag(option string) string {
	if len(option) == 1 {
		return "-" + option
	}
	return "--" + option
}
