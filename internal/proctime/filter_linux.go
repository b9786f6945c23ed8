//go:build linux && amd64

package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A program is a seccomp filter under construction.
type program struct{ code []unix.SockFilter }

func (p *program) add(code uint16, k uint32, t, f uint8) {
	p.code = append(p.code, unix.SockFilter{Code: code, Jt: t, Jf: f, K: k})
}

func (p *program) load(offset uintptr) {
	p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, uint32(offset), 0, 0)
}
func (p *program) trace() { p.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_TRACE, 0, 0) }
func (p *program) allow() { p.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ALLOW, 0, 0) }

func (p *program) jump(op uint16, k uint32, t, f uint8) { p.add(unix.BPF_JMP|op|unix.BPF_K, k, t, f) }

// low and high return the offsets of the halves of an argument.
func low(arg int) uintptr  { return unsafe.Offsetof(seccompData{}.args) + 8*uintptr(arg) }
func high(arg int) uintptr { return low(arg) + 4 }

// seccompData is what a filter looks at: struct seccomp_data of linux/seccomp.h.
type seccompData struct {
	nr   int32
	arch uint32
	_    uint64 // the instruction pointer
	args [6]uint64
}

// on adds what is to be done for one system call. Its number is in the accumulator.
func (p *program) on(nr uint32, do func()) {
	at := len(p.code)
	p.jump(unix.BPF_JEQ, nr, 0, 0)
	do()
	p.code[at].Jf = uint8(len(p.code) - at - 1)
}

// unlessNull traps a call whose argument is not NULL.
func (p *program) unlessNull(nr uint32, arg int) {
	p.on(nr, func() { p.notNull(arg) })
}

func (p *program) notNull(arg int) {
	p.load(low(arg))
	p.jump(unix.BPF_JEQ, 0, 0, 3)
	p.load(high(arg))
	p.jump(unix.BPF_JEQ, 0, 0, 1)
	p.allow()
	p.trace()
}

// ifPositive traps a call whose argument is an int above 0.
func (p *program) ifPositive(nr uint32, arg int) {
	p.on(nr, func() {
		p.load(low(arg))
		p.jump(unix.BPF_JEQ, 0, 1, 0)
		p.jump(unix.BPF_JGE, 1<<31, 0, 1)
		p.allow()
		p.trace()
	})
}

// arch is AUDIT_ARCH_X86_64 of linux/audit.h.
const arch = 0xc000003e

// x32 marks the numbers of another calling convention, whose structures differ.
const x32 = 0x40000000

// filter returns the filter: what reads a clock, waits for a time or sets a timer is traced.
// Programs of another architecture are killed, because their system calls have other numbers.
func filter(seeded bool) []unix.SockFilter {
	p := &program{}
	p.load(unsafe.Offsetof(seccompData{}.arch))
	p.jump(unix.BPF_JEQ, arch, 1, 0)
	p.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS), 0, 0)
	p.load(unsafe.Offsetof(seccompData{}.nr))
	p.jump(unix.BPF_JGE, x32, 0, 1)
	p.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS), 0, 0)
	p.on(unix.SYS_CLOCK_GETTIME, func() { // the clocks of the processor stay
		p.load(low(0))
		p.jump(unix.BPF_JGT, unix.CLOCK_BOOTTIME, 2, 0)
		p.jump(unix.BPF_JEQ, unix.CLOCK_PROCESS_CPUTIME_ID, 1, 0)
		p.jump(unix.BPF_JEQ, unix.CLOCK_THREAD_CPUTIME_ID, 0, 1)
		p.allow()
		p.trace()
	})
	p.on(unix.SYS_FUTEX, func() {
		p.load(low(1))
		p.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, futexCommand, 0, 0)
		for i, command := range futexWaits {
			p.jump(unix.BPF_JEQ, command, uint8(len(futexWaits)-i), 0)
		}
		p.allow()
		p.notNull(3)
	})
	if seeded {
		p.on(unix.SYS_GETRANDOM, p.trace)
	}
	for _, nr := range always {
		p.on(nr, p.trace)
	}
	for nr, arg := range timeouts {
		p.ifPositive(nr, arg)
	}
	for nr, arg := range timespecs {
		p.unlessNull(nr, arg)
	}
	p.on(unix.SYS_SETSOCKOPT, func() {
		p.load(low(1))
		p.jump(unix.BPF_JEQ, unix.SOL_SOCKET, 1, 0)
		p.allow()
		p.load(low(2))
		p.jump(unix.BPF_JEQ, unix.SO_RCVTIMEO, 2, 0)
		p.jump(unix.BPF_JEQ, unix.SO_SNDTIMEO, 1, 0)
		p.allow()
		p.trace()
	})
	p.on(unix.SYS_IO_URING_SETUP, func() { // libraries then use epoll
		p.add(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS), 0, 0)
	})
	p.allow()
	return p.code
}

// The commands of futex that can wait for a time: FUTEX_WAIT, FUTEX_WAIT_BITSET and FUTEX_LOCK_PI.
const (
	futexCommand    = 0x7f
	futexWait       = 0
	futexLockPI     = 6
	futexWaitBitset = 9
	futexLockPI2    = 13
	// futexRealtime selects CLOCK_REALTIME for an absolute time.
	futexRealtime = 256
)

//nolint:gochecknoglobals // immutable tables
var (
	futexWaits = []uint32{futexWait, futexWaitBitset, futexLockPI, futexLockPI2}
	// always are trapped whatever their arguments are.
	always = []uint32{
		unix.SYS_GETTIMEOFDAY, unix.SYS_TIME, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_TIMERFD_SETTIME, unix.SYS_TIMERFD_GETTIME,
		unix.SYS_SETITIMER, unix.SYS_GETITIMER, unix.SYS_ALARM, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_GETTIME,
		unix.SYS_TIMER_DELETE, unix.SYS_CONNECT, unix.SYS_LISTEN,
	}
	// timeouts have an int of milliseconds, timespecs a pointer to a structure, in the given argument.
	timeouts  = map[uint32]int{unix.SYS_EPOLL_WAIT: 3, unix.SYS_EPOLL_PWAIT: 3, unix.SYS_POLL: 2}
	timespecs = map[uint32]int{
		unix.SYS_EPOLL_PWAIT2: 3, unix.SYS_PPOLL: 2, unix.SYS_SELECT: 4, unix.SYS_PSELECT6: 4, unix.SYS_RT_SIGTIMEDWAIT: 2,
		unix.SYS_RECVMMSG: 4, unix.SYS_SEMTIMEDOP: 3, unix.SYS_MQ_TIMEDSEND: 4, unix.SYS_MQ_TIMEDRECEIVE: 4,
	}
)
