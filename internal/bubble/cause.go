package bubble

import (
	"slices"
	"strings"
)

// Cause names what blocks virtual time.
type Cause string

const (
	// RealIO is a goroutine that waits for a real socket, file or system call.
	RealIO Cause = "real I/O"
	// Mutex is a goroutine that waits for a mutex: a deadlock, or a mutex whose holder waits for
	// virtual time, which stops while any goroutine waits for a mutex.
	Mutex Cause = "mutex"
	// Outside is a goroutine that waits for a channel or a group that was made outside the bubble.
	Outside Cause = "something from outside"
	// Spin is a goroutine that runs and runs.
	Spin Cause = "spin"
)

// diagnose finds the cause that stops a bubble's clock, and its goroutines; none if the clock can
// go on. If there are several causes, the first in the order of their declaration counts, because a
// running goroutine may poll a waiting one.
func diagnose(all []Goroutine) (Cause, []Goroutine) {
	for _, cause := range []Cause{RealIO, Mutex, Outside, Spin} {
		culprits := slices.DeleteFunc(slices.Clone(all), func(g Goroutine) bool { return g.cause() != cause })
		if len(culprits) > 0 {
			return cause, culprits
		}
	}
	return "", nil
}

// cause says why a goroutine stops virtual time, "" if it does not. States are those of a stack
// dump, from waitReasonStrings in the source of runtime (runtime2.go, Go 1.26).
func (g Goroutine) cause() Cause {
	begins := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(g.State, p) })
	}
	switch {
	case g.durable:
		return ""
	case begins("IO wait", "syscall"):
		return RealIO
	case begins("sync.Mutex", "sync.RWMutex", "semacquire"):
		return Mutex
	case begins("chan ", "select", "sync.WaitGroup", "sync.Cond"):
		return Outside
	case begins("running", "runnable", "preempted", "waiting"):
		return Spin
	}
	return "" // the runtime is at work, on garbage for instance
}
