//go:build linux && (amd64 || arm64)

package proctime

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// never is later than any deadline.
const never = time.Duration(1<<63 - 1)

// A waitKind says what a thread waits in, and so what its timeout returns.
type waitKind uint8

const (
	noWait waitKind = iota
	inSleep
	inFutex
	inPoll    // poll and epoll: 0 is the result of a timeout
	inSelect  // 0, and the sets are empty
	inSignal  // sigtimedwait
	inAgain   // semaphores: EAGAIN
	inQueue   // message queues: ETIMEDOUT
	inReceive // a socket with a receive or send timeout; the call was not trapped
	inConnect // a connect with a send timeout: EINPROGRESS
	atExit    // no wait: only the end of the call is to be seen
)

// ends reports whether the end of the call is seen by the tracer.
func (w waitKind) ends() bool { return w != noWait && w != inReceive }

// A thread is one thread of the tree.
type thread struct {
	tid, pid int
	sched    procFile
	call     procFile
	// wait is the kind of wait, which lasts until deadline. fired says that it was interrupted
	// because the deadline has passed.
	wait     waitKind
	deadline time.Duration
	fired    bool
	// saved holds the registers of the call as the thread made it.
	saved frame
	// then is called at the end of a call with its result, and returns the one that the thread
	// gets, if the wait is atExit. It may be nil.
	then func(result int64) int64
	// rest is called at the end of a wait with what is left of its timeout. It may be nil.
	rest func(left time.Duration)
	// A call that a signal interrupted keeps its deadline if it is made again, from the same place.
	resume         bool
	resumeAt       uint64
	resumeDeadline time.Duration
	// slept is the scheduler's account of the thread at the first look, and received that when it
	// was found in a receive. still says that it was asleep at the first look.
	slept, received [80]byte
	still           bool
}

func newThread(tid int) *thread {
	t := &thread{tid: tid, pid: processOf(tid)}
	t.open()
	return t
}

// open opens the files of the thread. After an exec they are other files.
func (t *thread) open() {
	task := []string{strconv.Itoa(t.pid), "task", strconv.Itoa(t.tid)}
	t.sched = openProc(append(task, "schedstat")...)
	t.call = openProc(append(task, "syscall")...)
	t.still = false
}

func (t *thread) close() {
	t.sched.close()
	t.call.close()
}

// waits reports whether the thread has a deadline to come.
func (t *thread) waits() bool { return t.wait != noWait && t.wait != atExit && !t.fired }

// account returns the scheduler's counts of the thread: its time on a processor, its time in the
// queue, and its number of time slices.
func (t *thread) account() (account [80]byte) {
	var buffer [80]byte
	data, _ := t.sched.read(buffer[:]) // running tells what could not be read
	copy(account[:], data)
	return account
}

// state returns the letter of the thread's state, 'X' if it is gone, 0 if it cannot be read.
func (t *thread) state() byte {
	var buffer [160]byte
	stat := procFile{path: "/proc/" + strconv.Itoa(t.pid) + "/task/" + strconv.Itoa(t.tid) + "/stat", fd: -1}
	data, err := stat.read(buffer[:])
	if gone(err) {
		return 'X'
	}
	if i := bytes.LastIndexByte(data, ')'); i >= 0 && i+2 < len(data) {
		return data[i+2]
	}
	return 0
}

// running reports whether the thread is on a processor or waits for one. The thread's state is not
// enough: a thread is already in state S while it checks what it will wait for. An unreadable
// thread counts as running.
func (t *thread) running() bool {
	var buffer [8]byte
	data, err := t.call.read(buffer[:])
	return err != nil && !gone(err) || len(data) > 0 && data[0] == 'r'
}

// inCall returns the number of the system call that the thread is in, and its first argument.
func (t *thread) inCall() (nr int64, first uint64, ok bool) {
	var buffer [256]byte
	data, _ := t.call.read(buffer[:])
	fields := bytes.Fields(data)
	if len(fields) < 2 {
		return 0, 0, false
	}
	nr, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0, 0, false
	}
	first, err = strconv.ParseUint(string(fields[1]), 0, 64)
	return nr, first, err == nil
}

// Accounts returns nil if the kernel tells a thread that sleeps from one that runs.
func Accounts() error {
	for _, file := range []string{"/proc/self/schedstat", "/proc/self/syscall"} {
		data, err := os.ReadFile(file)
		if err == nil && len(data) == 0 {
			err = fmt.Errorf("%s is empty", file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
