//go:build linux && (amd64 || arm64)

package proctime

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stageVariable marks the process that installs the filter and becomes the command.
const stageVariable = "CHAOSRUN_PROCTIME_STAGE"

// treeVariable is set for every process of a tree.
const treeVariable = "CHAOSRUN_VIRTUAL_TIME"

// stagePipe is the descriptor whose end of file signals that the tracer is ready.
const stagePipe = 3

// Exit codes of a stage that cannot become the command, as shells have them.
const (
	exitStage    = 70
	exitNotFound = 127
)

// probeVariable marks a program that only sleeps for probeTime, to see whether it takes none.
const (
	probeVariable = "CHAOSRUN_PROCTIME_PROBE"
	probeTime     = 15 * time.Minute
)

// prepared says that Main was called. Without it the stage would be the whole program once more.
//
//nolint:gochecknoglobals // a fact about the process
var prepared atomic.Bool

// Main becomes the command of a tree and does not return, if this process was started as a stage.
// Otherwise it returns.
func Main() {
	prepared.Store(true)
	seed, ok := os.LookupEnv(stageVariable)
	if !ok {
		if os.Getenv(probeVariable) != "" {
			time.Sleep(probeTime)
			os.Exit(0)
		}
		return
	}
	runtime.LockOSThread()
	if err := os.Unsetenv(stageVariable); err != nil {
		fail(exitStage, err)
	}
	if err := become(os.Args[1], os.Args[2:], seed == "seeded"); err != nil {
		fail(exitStage, err)
	}
}

func fail(code int, err error) {
	fmt.Fprintf(os.Stderr, "chaosrun: virtual time: %v\n", err)
	os.Exit(code)
}

// become waits for the tracer, installs the filter and executes the command.
func become(path string, command []string, seeded bool) error {
	path, err := exec.LookPath(path)
	if err != nil {
		fail(exitNotFound, err)
	}
	var one [1]byte
	if _, err := unix.Read(stagePipe, one[:]); err != nil {
		return fmt.Errorf("wait for the tracer: %w", err)
	}
	if err := unix.Close(stagePipe); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	machine := native()
	code := filter(&machine, seeded)
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	// TSYNC: the thread that executes the command need not be this one.
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return fmt.Errorf("execute %s: %w", path, unix.Exec(path, command, os.Environ()))
}
