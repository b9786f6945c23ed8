//go:build linux && (amd64 || arm64)

package proctime

import (
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// seize takes hold of every thread of the stage.
func (tr *tracer) seize() error {
	const options = unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
		unix.PTRACE_O_TRACEVFORK |
		unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD
	// A thread that is seized reports the threads that it starts. Look again until there is no new
	// one.
	for seized := map[int]bool{}; ; {
		tasks, err := os.ReadDir("/proc/" + strconv.Itoa(tr.root) + "/task")
		if err != nil {
			return fmt.Errorf("proctime: %w", err)
		}
		before := len(seized)
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || seized[tid] {
				continue
			}
			seized[tid] = true
			errno := ptrace(unix.PTRACE_SEIZE, tid, 0, options)
			switch {
			case errno == unix.EPERM && tr.threads[tid] == nil && tid == tr.root, errno == unix.ENOSYS:
				return &UnsupportedError{Reason: "the system forbids ptrace: " + errno.Error()}
			case errno == 0:
				tr.thread(tid)
			}
		}
		if len(seized) == before {
			return nil
		}
	}
}

// eventMessage returns the number that comes with an event.
func eventMessage(tid int) (int, bool) {
	var n uint64
	errno := ptrace(unix.PTRACE_GETEVENTMSG, tid, 0, uintptr(unsafe.Pointer(&n)))
	return int(n), errno == 0
}
