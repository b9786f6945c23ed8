package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A frame holds the registers of a stopped thread.
type frame struct{ unix.PtraceRegs }

func (f *frame) number() int64 { return int64(f.Orig_rax) } //nolint:gosec // a bit pattern

// arg returns a pointer to the nth argument of a system call, from 0.
func (f *frame) arg(n int) *uint64 {
	return [...]*uint64{&f.Rdi, &f.Rsi, &f.Rdx, &f.R10, &f.R8, &f.R9}[n]
}

func (f *frame) result() int64     { return int64(f.Rax) } //nolint:gosec // a bit pattern
func (f *frame) setResult(v int64) { f.Rax = uint64(v) }   //nolint:gosec // a bit pattern

// skip makes the system call return v without having been made.
func (f *frame) skip(v int64) {
	f.Orig_rax = ^uint64(0)
	f.setResult(v)
}

// become makes the frame an endless wait for a signal.
func (f *frame) pause() { f.Orig_rax = unix.SYS_PAUSE }

// scratch returns room of a kilobyte below the stack, beyond the red zone.
func (f *frame) scratch() uint64 { return (f.Rsp - 1024) &^ 15 }

// leave returns the registers of the call as it was, with what leaving the kernel changed.
func (f *frame) leave(now *frame) frame {
	out := *f
	out.Rax, out.Rip, out.Rsp, out.Rcx, out.R11, out.Eflags = now.Rax, now.Rip, now.Rsp, now.Rcx, now.R11, now.Eflags
	return out
}

func getFrame(tid int, f *frame) bool {
	return ptrace(unix.PTRACE_GETREGS, tid, 0, uintptr(unsafe.Pointer(&f.PtraceRegs))) == 0
}

func setFrame(tid int, f *frame) {
	ptrace(unix.PTRACE_SETREGS, tid, 0, uintptr(unsafe.Pointer(&f.PtraceRegs)))
}

func ptrace(request, tid int, address, data uintptr) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0)
	return errno
}

// The auxiliary vector's entries that matter: AT_NULL, AT_IGNORE, AT_RANDOM and AT_SYSINFO_EHDR.
const (
	auxNull   = 0
	auxIgnore = 1
	auxRandom = 25
	auxVDSO   = 33
)

// hideVDSO makes a new program ask the kernel for the time, and so the tracer. random fills the
// bytes that the kernel drew for the program; nil leaves them.
func hideVDSO(tid int, random func(at uint64)) {
	var f frame
	if !getFrame(tid, &f) {
		return
	}
	at := f.Rsp
	at += 8 * (readWord(tid, at) + 2)
	for readWord(tid, at) != 0 {
		at += 8
	}
	for at += 8; ; at += 16 {
		switch readWord(tid, at) {
		case auxNull:
			return
		case auxVDSO:
			writeWords(tid, at, auxIgnore)
		case auxRandom:
			if random != nil {
				random(readWord(tid, at+8))
			}
		}
	}
}
