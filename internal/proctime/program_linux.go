//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// hideVDSO makes a new program ask the kernel for the time, and so the tracer. random fills the
// bytes that the kernel drew for the program; nil leaves them. It returns where the vDSO is, 0 if
// there is none.
func hideVDSO(tid int, random func(at uint64)) (hidden uint64) {
	// The auxiliary vector's entries that matter: AT_NULL, AT_IGNORE, AT_RANDOM and
	// AT_SYSINFO_EHDR.
	const null, ignore, drawn, vdso = 0, 1, 25, 33
	var f frame
	if !getFrame(tid, &f) {
		return 0
	}
	at := f.sp()
	at += 8 * (readWord(tid, at) + 2)
	for readWord(tid, at) != 0 {
		at += 8
	}
	for at += 8; ; at += 16 {
		switch readWord(tid, at) {
		case null:
			return hidden
		case vdso:
			hidden = readWord(tid, at+8)
			writeWords(tid, at, ignore)
		case drawn:
			if random != nil {
				random(readWord(tid, at+8))
			}
		}
	}
}

// seeProgram reports a new program that virtual time does not support.
func (tr *tracer) seeProgram(p *process) {
	info, err := os.Stat("/proc/" + strconv.Itoa(p.pid) + "/exe")
	if err != nil || info.Mode()&os.ModeSetuid == 0 {
		return
	}
	file, ok := info.Sys().(*syscall.Stat_t)
	users := strings.Fields(statusField(p.pid, "Uid")) // real, effective, saved, and that for files
	if ok && len(users) > 1 && users[1] != strconv.Itoa(int(file.Uid)) {
		tr.realTime(p.pid, "is a setuid program, which runs without the rights of its owner here")
	}
}

// lookForVDSO reports a process that has found the vDSO by itself, because it reads real clocks
// there. A page of the vDSO is in memory only after its use, and programs on amd64 use it for
// clocks only. On arm64 some programs return from signal handlers through it, so the check is not
// possible.
func (tr *tracer) lookForVDSO(p *process) {
	p.lookAgain = tr.now + max(firstLook, tr.now-p.born)
	if p.vdso == 0 || runtime.GOARCH == "arm64" {
		return
	}
	pages := procFile{path: "/proc/" + strconv.Itoa(p.pid) + "/pagemap", fd: -1}
	var buffer [8 * vdsoPages]byte
	b, err := pages.readAt(buffer[:], int64(p.vdso/uint64(unix.Getpagesize())*8))
	if err != nil {
		return
	}
	const present = 1 << 63
	for at := 0; at+8 <= len(b); at += 8 {
		if binary.NativeEndian.Uint64(b[at:])&present != 0 {
			tr.realTime(p.pid, "found the vDSO by itself, and reads real clocks there")
			p.vdso = 0
			return
		}
	}
}

const (
	// vdsoPages is the least that a vDSO of amd64 has: its header, and the functions for clocks.
	vdsoPages = 2
	// firstLook is the age of a process at the first look, in virtual time. Further looks follow
	// whenever its age has doubled, and at its end.
	firstLook = 50 * time.Millisecond
)

// leavesProgram sees a process end, or become another program.
func (c *trap) leavesProgram() (waitKind, time.Duration) {
	c.lookForVDSO(c.p)
	return untouched()
}

// foreign sees a call of another architecture, such as one of a 32-bit program.
func (c *trap) foreign() (waitKind, time.Duration) {
	c.realTime(c.p.pid, "makes system calls of another architecture (a 32-bit program?), which stay in real time")
	return untouched()
}

// traces refuses a debugger: a process has one tracer.
func (c *trap) traces() (waitKind, time.Duration) {
	c.realTime(c.p.pid, "was refused to trace a process (ptrace)")
	return c.answer(-int64(unix.EPERM))
}
