package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// The exit codes are part of the contract; CI.md explains them.
const (
	exitPassed      = 0
	exitFailed      = 1
	exitUnknown     = 3
	exitUsage       = 64
	exitData        = 65
	exitInternal    = 70
	exitBisectSkip  = 125
	exitInterrupted = 130
)

type cli struct {
	Run       runCmd       `cmd:"" help:"Run scenarios against engines and judge them."`
	Reproduce reproduceCmd `cmd:"" help:"Show a reported bug beside its fixes: speed and false alarms."`
	Serve     serveCmd     `cmd:"" help:"Serve fake providers on loopback, for an engine outside of this process."`
	List      listCmd      `cmd:"" help:"List scenarios, faults, policies, targets, protocols or expectations."`
	Check     checkCmd     `cmd:"" help:"Validate scenario and policy files without running them."`
	Explain   explainCmd   `cmd:"" help:"Say what a scenario, fault, policy, target or expectation is, and why."`
	Bench     benchCmd     `cmd:"" help:"Measure time to fallback and attempts over many seeded trials."`
	Version   versionCmd   `cmd:"" help:"Print the versions of the program and of the SDKs in it."`
}

// A console is what a command may touch of the outside.
type console struct {
	ctx    context.Context //nolint:containedctx // lives exactly as long as the process
	out    io.Writer
	err    io.Writer
	errTTY bool
}

// An exitError ends the program with a code. Its message, if any, goes to standard error.
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

// usage is an error of the command line.
func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

func main() { os.Exit(program()) }

// program is main without the exit.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(os.Args[1:], console{ctx: ctx, out: os.Stdout, err: os.Stderr, errTTY: isTerminal(os.Stderr)})
}

// execute runs one command line and returns the exit code.
func execute(args []string, c console) (code int) {
	defer func() {
		if v := recover(); v != nil {
			if done, ok := v.(helpShown); ok {
				code = int(done)
				return
			}
			fmt.Fprintf(c.err, "chaosrun: internal error: %v\n%s", v, debug.Stack())
			code = exitInternal
		}
	}()
	var grammar cli
	parser, err := kong.New(&grammar,
		kong.Name("chaosrun"),
		kong.Description("Proves that LLM failover works: failing providers, a real engine, a verdict."),
		kong.Writers(c.out, c.err),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(code int) { panic(helpShown(code)) }),
	)
	if err != nil {
		fmt.Fprintf(c.err, "chaosrun: internal error: %v\n", err)
		return exitInternal
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(c.err, "chaosrun: %v\nsee: chaosrun --help\n", err)
		return exitUsage
	}
	return c.report(command.Run(c))
}

// helpShown travels from kong's exit hook to execute: after --help there is nothing left to do.
type helpShown int

// report prints an error and picks the exit code for it.
func (c console) report(err error) int {
	if err == nil {
		return exitPassed
	}
	var (
		exit     *exitError
		problems strictyaml.Problems
		unknown  *scenarios.UnknownError
	)
	code := exitInternal
	switch {
	case errors.As(err, &exit):
		code = exit.code
	case errors.As(err, &problems):
		code = exitData
	case errors.As(err, &unknown):
		code = exitUsage
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(c.err, "chaosrun: %s\n", text)
	}
	return code
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
