//go:build linux && (amd64 || arm64)

package proctime

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pass passes signals on to a process until it is over.
func pass(signals <-chan os.Signal, to *os.Process, over <-chan struct{}, passed chan<- struct{}) {
	defer close(passed)
	for {
		select {
		case signal := <-signals:
			_ = to.Signal(signal)
		case <-over:
			return
		}
	}
}

// pin binds this thread, and so the tree, to the processor that it is on.
func pin() {
	var cpu uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
		return
	}
	var set unix.CPUSet
	set.Set(int(cpu))
	_ = unix.SchedSetaffinity(0, &set) // without it a trap takes longer
}

// startStage starts the process that becomes the command when release is called.
func startStage(ctx context.Context, o Options) (stage *os.Process, release func(), err error) {
	wait, ready, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer wait.Close() //nolint:errcheck // it was not written to
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/proc/self/exe",
		append([]string{cmp.Or(o.Path, o.Command[0])}, o.Command...)...)
	cmd.Dir, cmd.Env, cmd.ExtraFiles = o.Dir, o.Env, []*os.File{wait}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	mode := "random"
	if o.Seeded {
		mode = "seeded"
	}
	cmd.Env = append(slices.Clip(cmd.Env), stageVariable+"="+mode, treeVariable+"="+treeName(o.Speed))
	if o.Signals != nil { // a terminal's interrupt reaches us alone, and is passed on once
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files(o)
	if err := cmd.Start(); err != nil {
		_ = ready.Close()
		return nil, nil, fmt.Errorf("proctime: %w", err)
	}
	return cmd.Process, func() { _ = ready.Close() }, nil
}

// files returns the files of a command.
func files(o Options) (in, out, err *os.File) {
	or := func(f, other *os.File) *os.File {
		if f == nil {
			return other
		}
		return f
	}
	return or(o.Stdin, os.Stdin), or(o.Stdout, os.Stdout), or(o.Stderr, os.Stderr)
}
