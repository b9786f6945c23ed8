package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/targets"
)

// clock parses --clock. An engine in another process has real time, unless this program starts it
// and lives in virtual time together with it.
func (r *runCmd) clock(c console, variants []campaign.Variant) (harness.Clock, error) {
	if r.lanes != nil {
		return harness.Tree(), nil // theirs
	}
	clock, err := harness.ParseClock(cmp.Or(r.Clock, harness.Virtual().String()))
	if err != nil {
		return clock, usage("%v", err)
	}
	outside := slices.ContainsFunc(variants, func(v campaign.Variant) bool { return v.Outside })
	if !outside || clock != harness.Virtual() {
		return clock, nil
	}
	if i := slices.IndexFunc(variants, func(v campaign.Variant) bool { return v.Outside && v.Running }); i >= 0 {
		if r.Clock != "" {
			return clock, usage("--clock virtual: %s runs already, so its time is its own: write --clock wall", variants[i].Name)
		}
		return clock, nil
	}
	why := c.virtualTime()
	switch {
	case why == nil && proctime.Inside():
		return harness.Tree(), nil
	case why == nil:
		r.elsewhere = true
	case r.Clock != "":
		return clock, &exitError{code: ExitUnknown, err: fmt.Errorf("--clock virtual: %w; write --clock wall", why)}
	}
	return clock, nil
}

// virtually runs this command line again in virtual time, with everything that it starts, and
// returns the error with its exit code. quiet leaves out how the time passed.
func (c console) virtually(quiet bool) error {
	return c.tree(proctime.Options{Path: "/proc/self/exe", Command: os.Args}, quiet)
}

// tree runs a command in virtual time.
func (c console) tree(o proctime.Options, quiet bool) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	o.Signals = signals
	code, report, err := proctime.Run(context.WithoutCancel(c.ctx), o)
	if err != nil {
		return &exitError{code: ExitUnknown, err: err}
	}
	if !quiet && code < ExitUsage {
		fmt.Fprintln(c.err, report)
	}
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// virtualTime returns nil if what this process starts can live in virtual time, else the reason.
func (c console) virtualTime() error {
	if !c.ours() {
		return &proctime.UnsupportedError{Reason: "this command line is not that of the process"}
	}
	if proctime.Inside() {
		return nil
	}
	return proctime.Supported() //nolint:wrapcheck // its text is for the user
}

// clock parses --clock. elsewhere says that the command line has to be run again in virtual time.
func (k *execCmd) clock(c console, e *targets.Exec) (elsewhere bool, err error) {
	if k.Clock == harness.Wall().String() {
		return false, nil
	}
	why := c.virtualTime()
	switch {
	case why == nil && proctime.Inside():
		e.Tree = true
	case why == nil:
		return true, nil
	case k.Clock != "":
		return false, &exitError{code: ExitUnknown, err: fmt.Errorf("--clock virtual: %w; write --clock wall", why)}
	}
	return false, nil
}

// clockAlone runs a command in virtual time, without a scenario.
func (k *execCmd) clockAlone(c console, command []string) error {
	if k.Clock == harness.Wall().String() {
		return usage("exec: which scenario? Without one exec is only a virtual clock, which --clock wall is not; see: %s list scenarios", c.Program)
	}
	err := c.tree(proctime.Options{Command: command}, k.Quiet)
	if _, unsupported := errors.AsType[*proctime.UnsupportedError](err); unsupported {
		return &exitError{code: ExitUnknown, err: err}
	}
	return err
}
