package cli

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/chaosrun/chaosrun/targets"
)

type workerCmd struct {
	Target string `placeholder:"NAME" help:"Engine to serve. Default: ${target}."`
	Policy string `placeholder:"NAME|FILE" help:"Policy of ${engine}. Default: ${policy}."`
}

// Help returns the text below the flags.
func (workerCmd) Help() string {
	return `A target file starts this command, so that the engine runs in a process of its own:
  target: mine
  kind: worker
  start: {command: [mychaos, worker, --target, mine]}

It speaks the worker protocol on standard input and output, and ends when its input does.`
}

// Run serves the engine until standard input ends. It ignores an interrupt, which reaches all
// processes of a terminal: the calling command handles it. SIGTERM ends it.
func (w *workerCmd) Run(c console) error {
	var wanted [2][]string
	for i, name := range []string{w.Target, w.Policy} {
		if name != "" {
			wanted[i] = []string{name}
		}
	}
	variants, err := c.Targets.Choose(wanted[0], wanted[1])
	if err != nil {
		return err
	}
	if len(variants) > 1 {
		var names []string
		for _, v := range variants {
			names = append(names, v.Name)
		}
		return usage("worker serves one engine: choose it with --target and --policy; one of %s",
			strings.Join(names, ", "))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if isTerminal(os.Stdin) {
		ctx = c.ctx // no other context ends it
	}
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = os.Stderr // what the engine prints must not break the protocol
	v := variants[0]
	if err := targets.ServeWorker(ctx,
		targets.WorkerOptions{Factory: v.Factory, Engine: v.Name, In: c.Stdin, Out: c.out, Log: c.err}); err != nil {
		return &exitError{code: ExitData, err: err}
	}
	return nil
}
