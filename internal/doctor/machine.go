package doctor

import (
	"runtime"

	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

// A Machine holds the facts about a machine. An error says why something does not work; nil means
// that it works.
type Machine struct {
	// OS and Arch are those of package runtime, and CPUs is the number of processors of this
	// process.
	OS, Arch string
	CPUs     int
	// Kernel is the release of the kernel, "" if it is not known.
	Kernel string
	// PtraceScope is kernel.yama.ptrace_scope, "" where Yama is not in the kernel.
	PtraceScope string
	// Filtered says that a seccomp filter already restricts this process, as in a container.
	Filtered bool
	// Container names what hints at a container, "" for none.
	Container string
	// Virtual is the result of a trial run in virtual time.
	Virtual error
	// Accounts says why the kernel's account of sleeping threads cannot be read:
	// /proc/PID/schedstat and /proc/PID/syscall.
	Accounts error
	// Descriptors says why a tracer cannot duplicate the descriptors of a process: pidfd_getfd.
	Descriptors error
	// Network says why there is no network namespace for engines.
	Network error
	// QuickAck says why loopback cannot acknowledge at once in such a namespace.
	QuickAck error
}

// Look collects the facts of this machine. It starts some short processes. The program must have
// called [proctime.Main] and [process.Main] first.
func Look() Machine {
	m := Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Virtual: proctime.Supported(),
		Accounts: proctime.Accounts(),
		Network:  process.CanIsolate(), QuickAck: process.CanAcknowledgeAtOnce(),
	}
	m.look()
	return m
}
