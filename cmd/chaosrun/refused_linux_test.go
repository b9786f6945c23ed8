package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// without runs a command on a system that refuses something: without ptrace COMMAND ARG…
//
//	ptrace      as kernel.yama.ptrace_scope=3 does
//	namespaces  network and user namespaces, as GitHub's default runner does to who is not root
//
// The refusal is a seccomp filter, and so the command's own, with all that it starts.
func without() {
	if len(os.Args) < 3 {
		stop("usage: without ptrace|namespaces COMMAND ARG…")
	}
	var code []syscall.SockFilter
	switch os.Args[1] {
	case "ptrace":
		code = refusal(syscall.SYS_PTRACE, 0)
	case "namespaces":
		const flags = syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER
		code = append(refusal(syscall.SYS_CLONE, flags), refusal(syscall.SYS_UNSHARE, flags)...)
	default:
		stop("without what?", os.Args[1])
	}
	code = append(code, syscall.SockFilter{Code: syscall.BPF_RET | syscall.BPF_K, K: allow})
	path, err := exec.LookPath(os.Args[2])
	if err != nil {
		stop(err)
	}
	runtime.LockOSThread()
	prog := syscall.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	for _, a := range [][3]uintptr{{noNewPrivs, 1, 0}, {setSeccomp, modeFilter, uintptr(unsafe.Pointer(&prog))}} {
		if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, a[0], a[1], a[2], 0, 0, 0); errno != 0 {
			stop("prctl:", errno)
		}
	}
	stop(syscall.Exec(path, os.Args[2:], os.Environ()))
}

func stop(why ...any) {
	fmt.Fprintln(os.Stderr, why...)
	os.Exit(125) //nolint:revive // it is a command of its own
}

// Of linux/prctl.h and linux/seccomp.h.
const (
	noNewPrivs = 38
	setSeccomp = 22
	modeFilter = 2
	refuse     = 0x50000
	allow      = 0x7fff0000
)

// refusal answers a system call with EPERM, if flags is 0 or its first argument has one of them.
func refusal(nr, flags uint32) []syscall.SockFilter {
	const load, jump = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, syscall.BPF_JMP | syscall.BPF_K
	const number, firstArgument = 0, 16 // offsets in struct seccomp_data
	eperm := syscall.SockFilter{Code: syscall.BPF_RET | syscall.BPF_K, K: refuse | uint32(syscall.EPERM)}
	if flags == 0 {
		return []syscall.SockFilter{{Code: load, K: number}, {Code: jump | syscall.BPF_JEQ, K: nr, Jf: 1}, eperm}
	}
	return []syscall.SockFilter{
		{Code: load, K: number},
		{Code: jump | syscall.BPF_JEQ, K: nr, Jf: 3},
		{Code: load, K: firstArgument},
		{Code: jump | syscall.BPF_JSET, K: flags, Jf: 1},
		eperm,
	}
}
