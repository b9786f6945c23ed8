package proctime

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Options describe a tree to run in virtual time.
type Options struct {
	// Command is the program and its arguments. A program without a slash is looked up in the PATH
	// of Env.
	Command []string
	// Path is the file of the program. Default: the one that Command's first word names.
	Path string
	// Dir is the working directory. Default: that of this process.
	Dir string
	// Env is the environment. Default: that of this process.
	Env []string
	// Stdin, Stdout and Stderr are the command's files. Default: those of this process.
	Stdin, Stdout, Stderr *os.File
	// Signals are passed on to the command, which then has a session of its own. Default: what a
	// terminal sends reaches it anyway, and nothing else is passed on.
	Signals <-chan os.Signal
	// FreeCPU makes processor time cost no virtual time. Default: a second costs a second.
	FreeCPU bool
	// Speed lets the clock pass that many times as fast as real time, without jumps and whatever
	// the processor does. Default: 0, a clock that jumps.
	Speed float64
	// Careless lets the clock jump after each stop, without a look at the threads. It exists for
	// tests that show what a false jump does.
	Careless bool
	// Seeded derives getrandom, and the kernel's random bytes of a new program, from Seed. Runs of
	// programs with one thread then repeat exactly. Default: they are random.
	Seeded bool
	Seed   uint64
	// Spread lets the tree use all processors. Default: tracer and tree share one, which makes a
	// trap three times as fast.
	Spread bool
	// Trace receives a line for each jump. Default: nothing is written.
	Trace *os.File

	// without are guards that a test switches off, to see that something goes wrong then.
	without guards
}

// guards are the rules by which the tracer knows that a whole tree sleeps and no data is in flight
// in it. Without any one of them it would jump too early.
type guards uint8

const (
	// guardTwice: no thread used the processor between two looks.
	guardTwice guards = 1 << iota
	// guardRunning: a thread in state S may be on a processor still.
	guardRunning
	// guardDeaths: those that died are reported before the jump, because their parents wake up.
	guardDeaths
	// guardBacklog: no packet waits.
	guardBacklog
	// guardTCP: no data is held back.
	guardTCP
)

// keeps reports whether a guard is in force.
func (o *Options) keeps(guard guards) bool { return o.without&guard == 0 }

// A Report says how a tree's time passed.
type Report struct {
	// Virtual is the time that passed for the tree: the jumps and the processor time. Real is the
	// time that passed for everybody else.
	Virtual, Jumped, CPU, Real time.Duration
	// Jumps counts the jumps, Looks the looks at the threads before them, and Busy the looks that
	// found one awake. Held counts the looks that found data in flight in TCP.
	Jumps, Looks, Busy, Held int
	// Traps counts the stops for the tracer, Reads those for a clock, and Waits those for a timed
	// wait. Late counts the waits that ended while a thread was busy.
	Traps, Reads, Waits, Late int
	// QuickAck says that TCP over loopback acknowledged at once, so that it held nothing back.
	QuickAck bool
	// RealTime says what was left in real time, once per program and reason.
	RealTime []string
	// Outside says which peers outside of the tree were connected to.
	Outside []string
}

// String describes the report in one line.
func (r Report) String() string {
	s := fmt.Sprintf("virtual %s (jumps %s, processor %s) in %s: %d jumps, %d traps (%d clock reads, %d waits), %d "+
		"looks (%d busy, %d held by TCP), %d late",
		r.Virtual.Round(time.Microsecond), r.Jumped.Round(time.Microsecond), r.CPU.Round(time.Microsecond),
		r.Real.Round(time.Millisecond),
		r.Jumps, r.Traps, r.Reads, r.Waits, r.Looks, r.Busy, r.Held, r.Late)
	if left := slices.Concat(r.RealTime, r.Outside); len(left) > 0 {
		s += "; " + strings.Join(left, "; ")
	}
	return s
}

// An UnsupportedError says why virtual time is not to be had on this machine.
type UnsupportedError struct{ Reason string }

// Error returns the reason.
func (e *UnsupportedError) Error() string {
	return "virtual time for processes is not available: " + e.Reason
}
