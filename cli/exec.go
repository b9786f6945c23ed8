package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/targets"
)

type execCmd struct {
	Scenario string   `arg:"" optional:"" help:"A scenario by name or file."`
	Command  []string `arg:"" optional:"" help:"After --, the command with its arguments."`

	Clock string `placeholder:"CLOCK" help:"virtual, wall, or xK. In virtual time the clock jumps while the command and the providers wait; at xK it passes K times as fast. Default: virtual where the system permits it, else wall."`
	CPU   string `name:"cpu" default:"1" enum:"1,0" help:"Virtual seconds per second of processor time: 1 or 0. With 0, programs of one thread repeat exactly. Default: 1."`
	stageFlags
	Quiet  bool     `short:"q" help:"No progress, and no lanes if the verdict is passed."`
	Report []string `placeholder:"KIND=PATH" help:"text, json or junit, repeatable; PATH - is standard output."`
}

// Help returns the text below the flags.
func (execCmd) Help() string {
	return `Examples:
  chaosrun exec heartbeat-only -- python script.py
  chaosrun exec rate-limited --protocol openai-chat -- pytest tests/test_fallback.py
  chaosrun exec server-error --limit time_to_fallback=10s --deadline 2m -- npm test
  chaosrun exec -- sleep 900

The command finds the providers in its environment: each in NAME_BASE_URL, NAME_API_KEY, NAME_MODEL and NAME_URL, as in
PRIMARY_BASE_URL, and all of them in CHAOSRUN_UPSTREAMS (JSON). The variables that a vendor's SDK reads, such as
OPENAI_BASE_URL, name the first provider of that vendor.
Exit codes: 1 the verdict is failed, 3 it is unknown or nothing ran, otherwise the command's own;
4 passed but a report could not be written, 64 bad usage or no such command, 65 a file is wrong, 130 interrupted.`
}

// Run runs the command and judges what reached the providers.
func (k *execCmd) Run(c console) error {
	scenario, command, err := k.split(c)
	if err != nil {
		return err
	}
	if scenario == "" {
		return k.clockAlone(c, command)
	}
	s, err := k.scenario(c, "exec", scenario)
	if err != nil {
		return err
	}
	opts, err := k.options()
	if err != nil {
		return err
	}
	sinks, err := campaign.ParseSinks(k.Report, c.reports())
	if err != nil {
		return err
	}
	e := k.exec(c, command, campaign.ToStandardOutput(sinks))
	if elsewhere, err := k.clock(c, e); err != nil || elsewhere {
		if err != nil {
			return err
		}
		return c.virtually(treeOptions(k.Clock, k.CPU, k.Seed), k.Quiet)
	}
	hurry, stop := secondInterrupt(c.ctx)
	defer stop()
	e.Hurry = hurry
	started := time.Now()
	result, err := e.Run(c.ctx, s, opts...)
	if err != nil {
		return usage("%v", err)
	}
	run := campaign.NewRun(result.Trial, k.replay(c, scenario, command))
	unwritten := k.write(c, sinks, run, time.Since(started))
	return c.beside(execExit(result, run.Verdict), unwritten)
}

// split separates the scenario from the command. The parser drops the -- between them.
func (k *execCmd) split(c console) (scenario string, command []string, err error) {
	at := slices.Index(c.Args, "--")
	if at < 0 {
		return "", nil, usage("exec: write -- between the scenario and the command: %s exec heartbeat-only -- python "+
			"script.py", c.Program)
	}
	command = c.Args[at+1:]
	names := append([]string{k.Scenario}, k.Command...)
	names = names[:max(0, len(names)-len(command))]
	switch {
	case len(command) == 0:
		return "", nil, usage("exec: there is no command after --")
	case len(names) > 1:
		return "", nil, usage("exec: got %d scenarios, want one", len(names))
	case len(names) == 0:
		return "", command, nil
	}
	return names[0], command, nil
}

// exec returns the command, with this process's environment and streams. If a report needs standard
// output, the command's output goes to standard error.
func (k *execCmd) exec(c console, command []string, report bool) *targets.Exec {
	e := &targets.Exec{
		Command: command, Environ: os.Environ(), Stdin: os.Stdin, Stdout: c.out, Stderr: c.err,
		Terminal: targets.HasTerminal(), Vocabulary: c.Vocabulary,
	}
	if report {
		e.Stdout = c.err
	}
	if c.errTTY {
		e.Every = 10 * time.Second
	}
	if !k.Quiet {
		e.Progress = func(line string) { fmt.Fprintf(c.err, "%s: %s\n", c.Program, line) }
	}
	return e
}

// secondInterrupt returns a context that ends at the second interrupt.
func secondInterrupt(ctx context.Context) (context.Context, func()) {
	second, cancel := context.WithCancel(context.WithoutCancel(ctx))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings()...)
	go func() {
		defer cancel()
		for range 2 {
			select {
			case <-signals:
			case <-second.Done():
				return
			}
		}
	}()
	return second, func() { signal.Stop(signals); cancel() }
}
