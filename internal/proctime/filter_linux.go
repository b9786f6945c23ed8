//go:build linux && (amd64 || arm64)

package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A program is a seccomp filter under construction.
type program struct {
	code []unix.SockFilter
	// rule is the number that a stop reports. 0 means no rule.
	rule uint32
}

func (p *program) add(code uint16, k uint32, t, f uint8) {
	p.code = append(p.code, unix.SockFilter{Code: code, Jt: t, Jf: f, K: k})
}

func (p *program) load(offset uintptr) {
	p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, uint32(offset), 0, 0)
}

func (p *program) give(action uint32) { p.add(unix.BPF_RET|unix.BPF_K, action, 0, 0) }

func (p *program) trace() { p.give(unix.SECCOMP_RET_TRACE | p.rule) }
func (p *program) allow() { p.give(unix.SECCOMP_RET_ALLOW) }

// refuse answers as a kernel that does not have the call.
func (p *program) refuse() { p.give(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)) }

func (p *program) jump(op uint16, k uint32, t, f uint8) { p.add(unix.BPF_JMP|op|unix.BPF_K, k, t, f) }

// low and high return the offsets of the halves of an argument.
func low(arg int) uintptr  { return unsafe.Offsetof(seccompData{}.args) + 8*uintptr(arg) }
func high(arg int) uintptr { return low(arg) + 4 }

// seccompData is the input of a filter: struct seccomp_data of linux/seccomp.h.
type seccompData struct {
	nr   int32
	arch uint32
	_    uint64 // the instruction pointer
	args [6]uint64
}

// on adds the action for one system call, whose number is in the accumulator.
func (p *program) on(nr uint32, do func(*program)) {
	at := len(p.code)
	p.jump(unix.BPF_JEQ, nr, 0, 0)
	do(p)
	p.code[at].Jf = uint8(len(p.code) - at - 1)
}

// x32 marks the numbers of another calling convention of amd64, whose structures differ. No number
// of another architecture is as high.
const x32 = 0x40000000

// filter returns the filter, which traces calls that read a clock, wait for a time or set a timer.
// A stop reports the position of its rule, counted from 1, or 0 for a call of another architecture.
// Such calls have other numbers and structures, so the tracer can only report them.
func filter(a *abi, seeded bool) []unix.SockFilter {
	p := &program{}
	p.load(unsafe.Offsetof(seccompData{}.arch))
	p.jump(unix.BPF_JEQ, a.audit, 1, 0)
	p.trace()
	p.load(unsafe.Offsetof(seccompData{}.nr))
	p.jump(unix.BPF_JGE, x32, 0, 1)
	p.trace()
	for i, r := range rules(&a.numbers, seeded) {
		p.rule = uint32(i) + 1
		p.on(r.nr, r.when)
	}
	p.allow()
	return p.code
}
