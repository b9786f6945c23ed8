package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/reports"
)

type grammar struct {
	Run        runCmd        `cmd:"" help:"Run scenarios against engines and judge them."`
	Reproduce  reproduceCmd  `cmd:"" aliases:"demo" help:"Show a reported bug beside its fixes: speed and false alarms."`
	Exec       execCmd       `cmd:"" help:"Run a command against a scenario's providers: a script, pytest, npm test."`
	Serve      serveCmd      `cmd:"" help:"Serve fake providers on loopback, for an engine outside of this process."`
	Init       initCmd       `cmd:"" help:"Write a first scenario, a test or a target file, and a CI workflow."`
	List       listCmd       `cmd:"" help:"List scenarios, faults, policies, targets, protocols or expectations."`
	Check      checkCmd      `cmd:"" help:"Validate scenario, policy and target files without running them."`
	Explain    explainCmd    `cmd:"" help:"Explain a scenario, fault, policy, target, protocol or expectation."`
	Report     reportCmd     `cmd:"" help:"Merge JSON reports, and write them in other forms."`
	Compare    compareCmd    `cmd:"" help:"Compare the cells of two reports."`
	Bench      benchCmd      `cmd:"" help:"Measure time to fallback and attempts over many seeded trials."`
	Fixture    fixtureCmd    `cmd:"" help:"Serve providers and a judge to a test in another language, in JSON lines."`
	Worker     workerCmd     `cmd:"" hidden:"" help:"Serve the engine to a chaosrun that calls it over standard input."`
	Install    installCmd    `cmd:"" help:"Install the engines of targets, in the versions that they pin."`
	Doctor     doctorCmd     `cmd:"" help:"Say which clocks work on this machine, why others do not, and what to do."`
	Dev        devCmd        `cmd:"" help:"Help develop this project."`
	Completion completionCmd `cmd:"" help:"Print a script for bash, zsh or fish that completes command lines."`
	Complete   completeCmd   `cmd:"" hidden:"" help:"Complete a command line, for the scripts of completion."`
	Version    versionCmd    `cmd:"" help:"Print the versions of the program and of the SDKs in it."`
}

// A console holds the options, streams and context of one command line.
type console struct {
	Options

	ctx    context.Context //nolint:containedctx // lives exactly as long as the process
	out    io.Writer
	err    io.Writer
	errTTY bool
	// screen is how people read standard output.
	screen reports.Screen
	// logs is the folder for the logs of engines in other processes. Default: none are kept.
	logs string
	// traces are pushed to a server. Default: none are.
	traces traces
}

// Main runs one command line and returns the exit code. An interrupt, SIGTERM or SIGHUP stops the
// runs, and the finished ones are still reported. A program that was started with SIGHUP ignored,
// as by nohup, still ignores it. A second signal ends the program at once.
//
// Call Main first in main: a program that tests engines in other processes starts itself again to
// guard them.
func Main(o Options) int {
	proctime.Main() // this program is also the tracer of a process tree in virtual time
	process.Main()  // this program is also the guard of an engine
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	context.AfterFunc(ctx, stop) // the next signal has its usual effect
	o = o.withDefaults()
	return execute(console{
		Options: o, ctx: ctx, out: o.Stdout, err: o.Stderr, errTTY: isTerminal(o.Stderr), screen: screenOf(o.Stdout),
	})
}

// endings returns the signals that end a command line.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// execute parses and runs the command line of a console.
func execute(c console) (code int) {
	defer func() {
		if v := recover(); v != nil {
			if done, ok := v.(helpShown); ok {
				code = int(done)
				return
			}
			fmt.Fprintf(c.err, "%s: internal error: %v\n%s", c.Program, v, debug.Stack())
			code = ExitInternal
		}
	}()
	command, err := parse(c, c.Args)
	if err != nil {
		return c.report(err)
	}
	if err := c.Vocabulary.Check(); err != nil {
		fmt.Fprintf(c.err, "%s: internal error: %v\n", c.Program, err)
		return ExitInternal
	}
	return c.report(command.Run(c))
}

// helpShown is the panic value of kong's exit hook. It ends execute after --help.
type helpShown int
