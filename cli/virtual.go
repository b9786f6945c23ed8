package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/targets"
)

// freeCPU is the value of --cpu for which processor time takes no virtual time.
const freeCPU = "0"

// clock parses --clock. An engine in another process has real time, unless this program starts it
// and both are in virtual time together.
func (r *runCmd) clock(c console, variants []campaign.Variant) (harness.Clock, error) {
	clock, err := parseClock(r.Clock, r.CPU)
	if err != nil {
		return clock, err
	}
	outside := func(v campaign.Variant) bool { return v.Outside && (clock.Pace() == 0 || !v.Scales) }
	i := slices.IndexFunc(variants, outside)
	switch {
	case i < 0 && r.CPU == freeCPU:
		return clock, usage("--cpu 0 needs an engine in another process: engines in this one always compute in no time")
	case i < 0, clock == harness.Wall():
		return clock, nil
	}
	if i := slices.IndexFunc(variants, func(v campaign.Variant) bool { return v.Outside && v.Running }); i >= 0 {
		if r.Clock != "" {
			return clock,
				usage("--clock %s: %s is already running, in real time: write --clock wall", r.Clock, variants[i].Name)
		}
		r.noTree = fmt.Errorf("%s is already running, in real time", variants[i].Name)
		return clock, nil
	}
	tree := treeClock(clock)
	why := c.virtualTime()
	switch {
	case why == nil && proctime.Inside():
		return tree, nil
	case why == nil:
		r.elsewhere = true
		return tree, nil
	case r.Clock != "":
		return clock, c.noTime(r.Clock, why)
	}
	r.noTree, r.container = why, true
	return clock, nil
}

// parseClock parses --clock and --cpu, which must fit.
func parseClock(clock, cpu string) (harness.Clock, error) {
	parsed, err := harness.ParseClock(cmp.Or(clock, harness.Virtual().String()))
	switch {
	case err != nil:
		return parsed, usage("%v", err)
	case cpu == freeCPU && parsed != harness.Virtual():
		return parsed, usage("--cpu 0 needs --clock virtual, not --clock %s", clock)
	}
	return parsed, nil
}

// treeClock returns the clock for this process inside a tree in virtual time.
func treeClock(clock harness.Clock) harness.Clock {
	if clock.Pace() == 0 {
		return harness.Tree()
	}
	return harness.TreeAt(clock.Pace())
}

// treeOptions returns the options of a tree whose flags have been parsed before. The seed
// determines the system's random numbers in the tree.
func treeOptions(clock, cpu string, seed uint64) proctime.Options {
	parsed, _ := parseClock(clock, cpu) // it was, without an error
	return proctime.Options{Speed: parsed.Pace(), FreeCPU: cpu == freeCPU, Seeded: true, Seed: seed}
}

// virtually runs this command line again in a process tree in virtual time, and returns the error
// with its exit code. quiet omits the line about how the time passed.
func (c console) virtually(o proctime.Options, quiet bool) error {
	o.Path, o.Command = "/proc/self/exe", os.Args
	return c.inTree(o, quiet)
}

// inTree runs a command in a process tree in virtual time.
func (c console) inTree(o proctime.Options, quiet bool) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)
	o.Signals = signals
	code, report, err := proctime.Run(context.WithoutCancel(c.ctx), o)
	if err != nil {
		return &exitError{code: ExitUnknown, err: err}
	}
	if !quiet && code < ExitUsage {
		fmt.Fprintln(c.err, report)
	}
	return ended(code)
}

// virtualTime returns nil if the children of this process can be in virtual time, else the reason.
func (c console) virtualTime() error {
	if !c.ours() {
		return &proctime.UnsupportedError{
			Reason: "cli.Main was called with other arguments or streams than the process has",
		}
	}
	if proctime.Inside() {
		return nil
	}
	return proctime.Supported() //nolint:wrapcheck // its text is for the user
}

// clock parses --clock. elsewhere reports that the command line must run again in virtual time.
func (k *execCmd) clock(c console, e *targets.Exec) (elsewhere bool, err error) {
	clock, err := parseClock(k.Clock, k.CPU)
	if err != nil || clock == harness.Wall() {
		return false, err
	}
	why := c.virtualTime()
	switch {
	case why == nil && proctime.Inside():
		e.Clock = treeClock(clock)
	case why == nil:
		return true, nil
	case k.Clock != "":
		return false, c.noTime(k.Clock, why)
	case !k.Quiet:
		fmt.Fprintf(c.err, "%s: in real time: %v; see: %[1]s doctor\n", c.Program, why)
	}
	return false, nil
}

// clockAlone runs a command in virtual time, without a scenario.
func (k *execCmd) clockAlone(c console, command []string) error {
	clock, err := parseClock(k.Clock, k.CPU)
	switch {
	case err != nil:
		return err
	case clock == harness.Wall():
		return usage("exec --clock wall needs a scenario: without one, exec only provides a virtual clock; see: %s "+
			"list scenarios", c.Program)
	}
	o := treeOptions(k.Clock, k.CPU, k.Seed)
	o.Command, o.Seeded = command, !proctime.Inside() // inside of a tree the outer seed holds
	err = c.inTree(o, k.Quiet)
	if why, unsupported := errors.AsType[*proctime.UnsupportedError](err); unsupported {
		return c.noTime(clock.String(), why)
	}
	return err
}
