//go:build linux && (amd64 || arm64)

package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// amd64Frame holds the registers of a stopped thread as struct user_regs_struct of sys/user.h does.
type amd64Frame struct {
	r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi uint64

	call, rip, cs, flags, rsp, ss, fsBase, gsBase, ds, es, fs, gs uint64
}

func (f *amd64Frame) number() int64 { return int64(f.call) }

// arg returns a pointer to the nth argument of a system call, from 0.
func (f *amd64Frame) arg(n int) *uint64 {
	return [...]*uint64{&f.rdi, &f.rsi, &f.rdx, &f.r10, &f.r8, &f.r9}[n]
}

func (f *amd64Frame) result() int64     { return int64(f.rax) }
func (f *amd64Frame) setResult(v int64) { f.rax = uint64(v) }

// skip makes the system call return v without having been made.
func (f *amd64Frame) skip(v int64) {
	f.call = ^uint64(0)
	f.setResult(v)
}

// pause makes the frame an endless wait for a signal.
func (f *amd64Frame) pause() { f.call = uint64(amd64().pause) }

func (f *amd64Frame) pc() uint64 { return f.rip }
func (f *amd64Frame) sp() uint64 { return f.rsp }

// leave returns the registers of the call as it was, with what leaving the kernel changed.
func (f *amd64Frame) leave(now *amd64Frame) amd64Frame {
	out := *f
	out.rax, out.rip, out.rsp, out.rcx, out.r11, out.flags = now.rax, now.rip, now.rsp, now.rcx, now.r11, now.flags
	return out
}

// fail makes a call that was interrupted return v, instead of being made again. It returns false if
// there is no such call. The kernel decides after this stop whether it is made again.
func (f *amd64Frame) fail(v int64, _ func(at uint64) uint32) bool {
	if f.number() < 0 || !restarts(f.result()) {
		return false
	}
	f.skip(v)
	return true
}

// arm64Frame holds the registers of a stopped thread as struct user_pt_regs of asm/ptrace.h does,
// and the number of its system call, which is a register set of its own.
type arm64Frame struct {
	arm64Registers

	call int32
}

type arm64Registers struct {
	x                [31]uint64
	stack, at, state uint64
}

func (f *arm64Frame) number() int64     { return int64(f.call) }
func (f *arm64Frame) arg(n int) *uint64 { return &f.x[n] }
func (f *arm64Frame) result() int64     { return int64(f.x[0]) }
func (f *arm64Frame) setResult(v int64) { f.x[0] = uint64(v) }

func (f *arm64Frame) skip(v int64) {
	f.call = -1
	f.setResult(v)
}

// pause is ppoll without descriptors and without a timeout: there is no call of that name.
func (f *arm64Frame) pause() {
	f.call = int32(arm64().ppoll)
	for i := range 5 {
		f.x[i] = 0
	}
}

func (f *arm64Frame) pc() uint64 { return f.at }
func (f *arm64Frame) sp() uint64 { return f.stack }

func (f *arm64Frame) leave(now *arm64Frame) arm64Frame {
	out := *f
	out.x[0], out.stack, out.at, out.state = now.x[0], now.stack, now.at, now.state
	return out
}

// fail: here the kernel has decided already, and gone back to the instruction that makes the call.
func (f *arm64Frame) fail(v int64, word func(at uint64) uint32) bool {
	const svc, size = 0xd4000001, 4 // svc #0, and the size of an instruction
	if word(f.at) != svc {
		return false
	}
	f.at += size
	f.skip(v)
	return true
}

// restarts reports whether a result says that a system call was interrupted and may be made again:
// ERESTARTSYS to ERESTART_RESTARTBLOCK.
func restarts(result int64) bool { return result <= -512 && result >= -516 }

func ptrace(request, tid int, address, data uintptr) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0)
	return errno
}

// registers reads or writes a register set: NT_PRSTATUS and others of linux/elf.h.
func registers(request, tid int, set uintptr, at unsafe.Pointer, size uintptr) bool {
	v := unix.Iovec{Base: (*byte)(at), Len: uint64(size)}
	return ptrace(request, tid, set, uintptr(unsafe.Pointer(&v))) == 0
}
