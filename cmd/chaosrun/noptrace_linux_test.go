package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// noptrace becomes a command for which ptrace is refused with EPERM, as by kernel.yama.ptrace_scope=3.
func noptrace() {
	runtime.LockOSThread()
	const (
		load, jump, ret = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS, syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, syscall.BPF_RET | syscall.BPF_K
		allow, errno    = 0x7fff0000, 0x00050000 // of linux/seccomp.h
		noNewPrivs      = 38                     // PR_SET_NO_NEW_PRIVS
		setSeccomp      = 22                     // PR_SET_SECCOMP
		filtered        = 2
	)
	code := []syscall.SockFilter{
		{Code: load}, {Code: jump, K: syscall.SYS_PTRACE, Jf: 1}, {Code: ret, K: errno | uint32(syscall.EPERM)}, {Code: ret, K: allow},
	}
	prog := syscall.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); e != 0 {
		fatal(e)
	}
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, setSeccomp, filtered, uintptr(unsafe.Pointer(&prog))); e != 0 {
		fatal(e)
	}
	path, err := exec.LookPath(os.Args[1])
	if err == nil {
		err = syscall.Exec(path, os.Args[1:], os.Environ())
	}
	fatal(err)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "noptrace:", err)
	os.Exit(2)
}
