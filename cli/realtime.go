package cli

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/targets"
)

// patience is the longest estimate, in real time, with which runs start without --clock wall.
const patience = time.Minute

// announce prints how long runs in real time take. If that is longer than patience and there is no
// --clock wall, it returns an error instead.
func (r *runCmd) announce(c console, plan *campaign.Plan) error {
	if r.Clock != "" && r.Clock != harness.Wall().String() {
		return nil
	}
	estimate := plan.Estimate()
	switch {
	case estimate.Cells == 0:
	case r.Clock == "" && estimate.AtMost >= patience:
		text := fmt.Sprintf("%s in real time, because virtual time does not work here: %v; nothing was run: add "+
			"--clock wall, or select fewer scenarios", estimate, r.noTree)
		if r.container {
			text += c.elsewhere()
		}
		return &exitError{code: ExitUnknown, err: errors.New(text)}
	case !r.Quiet:
		fmt.Fprintln(c.err, estimate)
	}
	return nil
}

// noTime returns the error for a clock that other processes cannot have here.
func (c console) noTime(clock string, why error) error {
	return &exitError{
		code: ExitUnknown, err: fmt.Errorf("--clock %s: %w; write --clock wall%s", clock, why, c.elsewhere()),
	}
}

// image is the image of the container command. It has Go, which installs chaosrun. What an engine
// needs besides must be added.
const image = "golang:1.26"

// elsewhere says, for an error, where this command line can have virtual time.
func (c console) elsewhere() string {
	return fmt.Sprintf(", or run it in a Linux container that has what the engine needs (%s doctor says more):\n  %s",
		c.Program, containerCommand(c.Args))
}

// containerCommand returns the command that runs the same in a container, on macOS too. Docker's
// default profile permits ptrace, and with SYS_PTRACE all that virtual time needs.
func containerCommand(args []string) string {
	program := "github.com/chaosrun/chaosrun/cmd/chaosrun"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" && !strings.HasSuffix(info.Path, ".test") {
		program = cmp.Or(info.Path, program)
	}
	name := program[strings.LastIndexByte(program, '/')+1:]
	inside := "go install " + program + "@latest && " + targets.CommandLine(slices.Concat([]string{name}, args))
	words := []string{"docker", "run", "--rm", "-it", "--cap-add", "SYS_PTRACE"}
	return targets.CommandLine(words) + ` -v "$PWD":/src -w /src ` +
		targets.CommandLine([]string{image, "sh", "-c", inside})
}
