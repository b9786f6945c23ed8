//go:build linux && (amd64 || arm64)

package proctime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// probeLimit bounds a trial run, which takes some milliseconds.
const probeLimit = 10 * time.Second

// Supported returns nil if this machine permits virtual time, else an *UnsupportedError. It makes a
// trial run of some milliseconds, unless this process already is in virtual time.
func Supported() error {
	if held() {
		return nil
	}
	if scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); err == nil &&
		strings.TrimSpace(string(scope)) == "3" {
		return &UnsupportedError{Reason: "the system forbids ptrace (kernel.yama.ptrace_scope is 3)"}
	}
	if err := Accounts(); err != nil {
		return &UnsupportedError{Reason: "the kernel does not show when all threads sleep: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	code, report, err := Run(ctx, Options{Command: []string{"/proc/self/exe"}, Env: []string{probeVariable + "=1"}})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &UnsupportedError{Reason: "a trial sleep of " + probeTime.String() + " did not end"}
	case errors.As(err, new(*UnsupportedError)):
		return err
	case err != nil:
		return &UnsupportedError{Reason: "a trial run failed: " + err.Error()}
	case code != 0 || report.Virtual < probeTime:
		return &UnsupportedError{Reason: fmt.Sprintf("a trial sleep of %s ended with exit code %d after %s", probeTime,
			code, report.Virtual)}
	}
	return nil
}

// Run runs a command and everything that it starts in virtual time, until the command has ended. It
// returns the command's exit code, 128 and the signal if a signal ended it. What the command leaves
// running is killed. If ctx ends, the whole tree is killed. The error is an *UnsupportedError if
// this machine does not permit it. Inside of a tree the command has that tree's clock.
func Run(ctx context.Context, o Options) (int, Report, error) {
	if !prepared.Load() {
		return 0, Report{}, errors.New("proctime: Main was not called first in main")
	}
	if len(o.Command) == 0 {
		return 0, Report{}, errors.New("proctime: Options.Command is empty")
	}
	if held() {
		return runHeld(ctx, o)
	}
	type result struct {
		code   int
		report Report
		err    error
	}
	done := make(chan result, 1)
	onFreshThread(func() {
		code, report, err := run(ctx, o)
		done <- result{code, report, err}
	})
	r := <-done
	return r.code, r.report, r.err
}

// onFreshThread runs do on a thread that has started no process. A tracer waits for all children of
// its thread, and would hide the end of other children from their waiters. The thread ends with do.
func onFreshThread(do func()) {
	started := make(chan struct{})
	var try func()
	try = func() {
		runtime.LockOSThread()
		if hasChildren() {
			go try() // this thread stays taken until another one was found
			<-started
			runtime.UnlockOSThread()
			return
		}
		close(started)
		do()
	}
	go try()
}

// hasChildren reports whether this thread has a child that was not waited for.
func hasChildren() bool {
	const options = unix.WEXITED | unix.WSTOPPED | unix.WNOHANG | unix.WNOWAIT | unix.WALL | unix.WNOTHREAD
	var info [128]byte
	_, _, errno := unix.RawSyscall6(unix.SYS_WAITID, unix.P_ALL, 0, uintptr(unsafe.Pointer(&info)), options, 0, 0)
	return errno != unix.ECHILD
}

func run(ctx context.Context, o Options) (int, Report, error) {
	if !o.Spread {
		pin()
	}
	started := time.Now()
	if err := accounts(); err != nil {
		return 0, Report{}, err
	}
	tr := newTracer(o)
	defer tr.close()
	stage, release, err := startStage(ctx, o)
	if err != nil {
		return 0, Report{}, err
	}
	tr.root = stage.Pid
	if err := tr.seize(); err != nil {
		_ = stage.Kill()
		_, _ = stage.Wait()
		release()
		return 0, Report{}, err
	}
	sharp()
	release()
	passed, over := make(chan struct{}), make(chan struct{})
	go pass(o.Signals, stage, over, passed)
	err = tr.loop(ctx)
	close(over)
	<-passed
	tr.follow()
	tr.report.Virtual, tr.report.Real = tr.now, time.Since(started)
	return tr.code, tr.report, err
}

const (
	// shortest and longest bound the pause between two looks at a tree in which nothing happens.
	shortest = 20 * time.Microsecond
	longest  = time.Millisecond
	// spins is how often the tracer asks again before it pauses: a stop often follows at once.
	spins = 50
	// longYield is longer than a thread of the tree usually runs before it stops for the tracer.
	// crowdTime is the tracer's pause instead of yielding, after another program ran for longer.
	longYield = 500 * time.Microsecond
	crowdTime = 20 * time.Millisecond
)

// errLost reports that the tree is gone, and that the end of the command was not seen.
var errLost = errors.New("proctime: the command was lost")

// loop traces until the command has ended.
func (tr *tracer) loop(ctx context.Context) error {
	defer tr.kill()
	pause := shortest
	for ctx.Err() == nil {
		ended, some := tr.collect()
		if ended {
			return tr.end()
		}
		if some {
			pause = shortest
			if tr.o.Careless {
				tr.jump()
			}
			if tr.due() { // a thread that stops all the time must not keep the others asleep
				tr.overdue()
			}
			continue
		}
		if tr.o.Speed > 0 {
			pause = tr.keepUp(pause)
			continue
		}
		if !tr.quiet() {
			tr.overdue()
		} else if ended, some = tr.deaths(); ended {
			return tr.end()
		} else if some || tr.jump() {
			pause = shortest
			continue
		}
		nap(pause)
		pause = min(longest, pause*2)
	}
	return ctx.Err()
}

// deaths collects once more before a jump, so that a parent hears of a child's death first.
func (tr *tracer) deaths() (ended, some bool) {
	if !tr.o.keeps(guardDeaths) {
		return false, false
	}
	return tr.collect()
}

// end returns an error unless the command's end was seen.
func (tr *tracer) end() error {
	if tr.threads[tr.root] != nil {
		return errLost
	}
	return nil
}

// collect handles the stops that have been reported. some says that there were any.
func (tr *tracer) collect() (ended, some bool) {
	for range spins {
		for {
			var status unix.WaitStatus
			tid, errno := wait(&status)
			if errno == unix.ECHILD {
				return true, some
			}
			if tid <= 0 {
				break
			}
			some = true
			if tr.handle(tid, status) {
				return true, true
			}
		}
		if some || !tr.yields() {
			break
		}
	}
	return false, some
}

// yields gives the processor to another thread, and reports whether yielding again is worthwhile. A
// busy thread of another program keeps the processor for some milliseconds each time.
func (tr *tracer) yields() bool {
	before := time.Now()
	if before.Before(tr.crowded) {
		return false
	}
	_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	if after := time.Now(); after.Sub(before) > longYield {
		tr.crowded = after.Add(crowdTime)
		return false
	}
	return true
}

// wait asks for the next stop of this thread's tracees, without waiting.
func wait(status *unix.WaitStatus) (int, unix.Errno) {
	const options = unix.WALL | unix.WNOHANG | unix.WNOTHREAD
	for {
		tid, _, errno := unix.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(status)), options, 0, 0,
			0)
		if errno != unix.EINTR {
			return int(tid), errno
		}
	}
}

func nap(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// forget drops a process that is gone, with threads whose end was not seen.
func (tr *tracer) forget(pid int) {
	for _, t := range slices.Clone(tr.order) {
		if t.pid == pid && t.tid != pid {
			tr.drop(t.tid)
		}
	}
	tr.drop(pid)
	delete(tr.processes, pid)
}

// kill ends the rest of the tree, and waits for it.
func (tr *tracer) kill() {
	for len(tr.threads) > 0 {
		for pid := range tr.processes {
			if errors.Is(unix.Kill(pid, unix.SIGKILL), unix.ESRCH) {
				tr.forget(pid)
			}
		}
		var status unix.WaitStatus
		tid, errno := wait(&status)
		switch {
		case errno == unix.ECHILD:
			return
		case tid > 0 && (status.Exited() || status.Signaled()):
			tr.drop(tid)
		case tid == 0:
			nap(shortest)
		}
	}
}
