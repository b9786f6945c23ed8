//go:build linux && (amd64 || arm64)

package proctime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// held reports whether this process is in a tree with a living tracer.
func held() bool {
	_, _, errno := unix.Syscall(unix.SYS_GETITIMER, leftRequest, 0, 0)
	return Inside() && errno == 0
}

// runHeld runs a command inside of an existing tree, with that tree's clock, because a process
// cannot have two tracers. Processes that the command leaves running end with the tree.
func runHeld(ctx context.Context, o Options) (int, Report, error) {
	if o.Seeded || o.FreeCPU {
		return 0, Report{}, errors.New("proctime: a tree inside of a tree uses the outer one's seeds and clock")
	}
	began := time.Now()
	cmd := exec.CommandContext(ctx, cmp.Or(o.Path, o.Command[0]))
	cmd.Args, cmd.Dir, cmd.Env = o.Command, o.Dir, o.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files(o)
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(cmd.Stderr, "chaosrun: virtual time: %v\n", err)
		return exitNotFound, Report{}, nil
	}
	passed, over := make(chan struct{}), make(chan struct{})
	go pass(o.Signals, cmd.Process, over, passed)
	_ = cmd.Wait() // the state says how it ended
	close(over)
	<-passed
	took := time.Since(began)
	code := cmd.ProcessState.ExitCode()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return code, Report{Virtual: took, Real: took, Jumped: took}, ctx.Err()
}
