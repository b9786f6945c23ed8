// Package proctime runs an unmodified process tree in virtual time.
//
//	launcher ─ptrace─▶ command and everything that it starts
//	    │                 clock reads, timed waits and timers stop for the tracer
//	    └─ one clock: it jumps to the next deadline when every thread sleeps
//
// A seccomp filter traps clock reads and timed waits. The tracer answers the reads, and turns each
// timed wait into an endless one whose deadline it remembers. When all threads sleep and no data is
// in flight between them, the clock jumps to the earliest deadline, and the tracer ends that wait
// with the result of a timeout. The clock also grows with the processor time that the tree uses. It
// never grows with real time, so a loaded machine changes nothing.
//
// It works on Linux on amd64. It also builds for arm64: its decoders are tested under an emulator,
// but the tracer never ran on a real machine. [Supported] makes a trial run on every system.
//
// Programs that exchange data must all be inside the tree: a peer outside of it is in real time.
// [Report] lists what stayed in real time, so that a run's times may be wrong: peers outside,
// programs of another architecture, debuggers, setuid programs, programs that find the vDSO by
// themselves, recvmmsg with a timeout. It cannot see rdtsc, clocks that are read from files such as
// /proc/uptime, the times of files, and TCP's own timers, which have no effect over loopback.
//
// The launcher starts this program again as a stage that installs the filter. Main must therefore
// be called first in main, and first in TestMain of tests that use the package.
package proctime
