// Package proctime runs an unmodified process tree in virtual time.
//
//	launcher ─ptrace─▶ command and everything that it starts
//	    │                 clock reads, timed waits and timers stop for the tracer
//	    └─ one clock: it jumps to the next deadline when every thread sleeps
//
// A seccomp filter traps clock reads and timed waits. The tracer answers the reads, and turns each
// timed wait into an endless one whose deadline it remembers. When all threads sleep and nothing is
// under way between them, the clock goes to the earliest deadline, and that wait is interrupted
// with the result that a timeout has. The clock also grows with the processor time that the tree
// uses, never with real time, so a loaded machine changes nothing.
//
// It works on Linux on amd64. It is built for arm64 too, where its decoders are tested under an
// emulator, and the tracer was never run on a real machine: [Supported] makes a trial run there as
// everywhere.
//
// Everything that exchanges data must be inside the tree: a peer outside of it lives in real time.
// [Report] says what was left in real time, and why a run's times may therefore be wrong: peers
// outside, programs of another architecture, debuggers, setuid programs, programs that find the
// vDSO by themselves, recvmmsg with a timeout. Not seen are rdtsc, clocks that are read from files
// such as /proc/uptime, the times of files, and TCP's own timers, which end nothing over loopback.
//
// The launcher starts this program again as a stage that installs the filter. Main must therefore
// be called first in main, and first in TestMain of tests that use the package.
package proctime
