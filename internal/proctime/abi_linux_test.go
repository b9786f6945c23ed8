//go:build linux && (amd64 || arm64)

package proctime

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// machines are both architectures, whatever this test was built for.
func machines() map[string]abi { return map[string]abi{"amd64": amd64(), "arm64": arm64()} }

// TestABINumbers compares the table of this machine with that of package unix.
func TestABINumbers(t *testing.T) {
	machine := native()
	fields := reflect.ValueOf(machine.numbers)
	known := kernelNumbers()
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Name
		want, there := known[name]
		if got := uint32(fields.Field(i).Uint()); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
		if !there && fields.Field(i).Uint() != 0 {
			t.Errorf("%s is not compared with anything", name)
		}
	}
}

// interpret runs a seccomp filter as linux/net/core/filter.c does, for what filters of this
// package use.
func interpret(t *testing.T, code []unix.SockFilter, data seccompData) uint32 {
	t.Helper()
	words := unsafe.Slice((*uint32)(unsafe.Pointer(&data)), unsafe.Sizeof(data)/4)
	var a uint32
	for at := 0; at < len(code); at++ {
		in := code[at]
		met := false
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = words[in.K/4]
			continue
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= in.K
			continue
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			met = a == in.K
		case unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K:
			met = a > in.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			met = a >= in.K
		default:
			t.Fatalf("instruction %d is unknown: %+v", at, in)
		}
		if met {
			at += int(in.Jt)
		} else {
			at += int(in.Jf)
		}
	}
	t.Fatal("the filter has no end")
	return 0
}

const (
	traced  = unix.SECCOMP_RET_TRACE
	allowed = unix.SECCOMP_RET_ALLOW
	refused = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// TestABIFilter asks both filters about each kind of call. A call that an architecture does not
// have is that of number 0, which is none of ours.
func TestABIFilter(t *testing.T) {
	const address, high32 = 0x7fff_0000_1000, 1 << 32
	minus := func(n int) uint64 { return uint64(uint32(int32(-n))) }
	for name, machine := range machines() {
		n := machine.numbers
		code, all := filter(&machine, false), rules(&n, false)
		for _, c := range []struct {
			what string
			nr   uint32
			args [6]uint64
			want uint32
		}{
			{"a clock", n.clockGettime, [6]uint64{unix.CLOCK_MONOTONIC, address}, traced},
			{"the time since boot", n.clockGettime, [6]uint64{unix.CLOCK_BOOTTIME, address}, traced},
			{"the processor's time", n.clockGettime, [6]uint64{unix.CLOCK_PROCESS_CPUTIME_ID, address}, allowed},
			{"a process's time", n.clockGettime, [6]uint64{minus(6), address}, allowed},
			{"futex, which waits for ever", n.futex, [6]uint64{address, futexWait | 128, 0, 0}, allowed},
			{"futex, which waits", n.futex, [6]uint64{address, futexWait | 128, 0, address}, traced},
			{"futex, a pointer with low bits of 0", n.futex, [6]uint64{address, futexWaitBitset, 0, high32}, traced},
			{"futex, which wakes", n.futex, [6]uint64{address, 1 | 128, 1, address}, allowed},
			{"PI futex", n.futex, [6]uint64{address, futexLockPI, 0, address}, traced},
			{"epoll_wait without a wait", n.epollWait, [6]uint64{3, address, 1, 0}, allowed},
			{"epoll_wait for ever", n.epollWait, [6]uint64{3, address, 1, minus(1)}, allowed},
			{"epoll_wait", n.epollWait, [6]uint64{3, address, 1, 5}, traced},
			{"epoll_pwait", n.epollPwait, [6]uint64{3, address, 1, 5}, traced},
			{"poll", n.poll, [6]uint64{address, 1, 1}, traced},
			{"ppoll for ever", n.ppoll, [6]uint64{address, 1, 0}, allowed},
			{"ppoll", n.ppoll, [6]uint64{address, 1, address}, traced},
			{"select", n.selects, [6]uint64{1, address, 0, 0, address}, traced},
			{"pselect6", n.pselect6, [6]uint64{1, address, 0, 0, address}, traced},
			{"nanosleep", n.nanosleep, [6]uint64{address}, traced},
			{"alarm", n.alarm, [6]uint64{1}, traced},
			{"SO_RCVTIMEO", n.setsockopt, [6]uint64{3, unix.SOL_SOCKET, unix.SO_RCVTIMEO}, traced},
			{"SO_REUSEADDR", n.setsockopt, [6]uint64{3, unix.SOL_SOCKET, unix.SO_REUSEADDR}, allowed},
			{
				"an option of TCP with that number", n.setsockopt,
				[6]uint64{3, unix.IPPROTO_TCP, unix.SO_RCVTIMEO},
				allowed,
			},
			{"io_uring", n.ioUringSetup, [6]uint64{8, address}, refused},
			{"getrandom", n.getrandom, [6]uint64{address, 16}, allowed},
			{"the clock of TAI", n.clockGettime, [6]uint64{unix.CLOCK_TAI, address}, traced},
			{"futex, which waits and requeues", n.futex, [6]uint64{address, futexWaitRequeuePI, 0, address}, traced},
			{"futex_waitv for ever", n.futexWaitv, [6]uint64{address, 1, 0, 0}, allowed},
			{"futex_waitv", n.futexWaitv, [6]uint64{address, 1, 0, address}, traced},
			{"io_pgetevents", n.ioPgetevents, [6]uint64{1, 1, 1, address, address}, traced},
			{"the end", n.exitGroup, [6]uint64{}, traced},
			{"another call", 1000, [6]uint64{}, allowed},
		} {
			if c.nr == 0 {
				continue
			}
			got := interpret(t, code, seccompData{nr: int32(c.nr), arch: machine.audit, args: c.args})
			if rule := got & unix.SECCOMP_RET_DATA; got&unix.SECCOMP_RET_ACTION_FULL == traced &&
				(rule == 0 || all[rule-1].nr != c.nr) {
				t.Errorf("%s: %s: the stop brings rule %d", name, c.what, rule)
			} else if c.want == traced {
				got &= unix.SECCOMP_RET_ACTION_FULL
			}
			if got != c.want {
				t.Errorf("%s: %s: got %#x, want %#x", name, c.what, got, c.want)
			}
		}
		for what, data := range map[string]seccompData{
			"another architecture": {nr: int32(n.nanosleep), arch: machine.audit ^ 1},
			"x32":                  {nr: int32(x32 | n.nanosleep), arch: machine.audit},
		} {
			if got := interpret(t, code, data); got != traced {
				t.Errorf("%s: %s: got %#x, want a stop without a rule", name, what, got)
			}
		}
		seeded := interpret(t, filter(&machine, true), seccompData{nr: int32(n.getrandom), arch: machine.audit})
		if seeded&unix.SECCOMP_RET_ACTION_FULL != traced {
			t.Errorf("%s: getrandom with a seed: got %#x", name, seeded)
		}
	}
}

// TestABIRules sees that each rule stops some call, so that no later one hides behind one before
// it.
func TestABIRules(t *testing.T) {
	x86 := amd64()
	for name, machine := range machines() {
		seen := map[uint32]bool{}
		for _, r := range rules(&machine.numbers, true) {
			if seen[r.nr] {
				t.Errorf("%s: number %d has two rules", name, r.nr)
			}
			seen[r.nr] = true
			if r.answer == nil && r.nr != machine.ioUringSetup {
				t.Errorf("%s: nobody answers number %d", name, r.nr)
			}
		}
		// poll, select, epoll_wait, alarm, time
		missing := map[string]int{"amd64": 0, "arm64": 5}[name]
		if len(seen) != len(rules(&x86.numbers, true))-missing {
			t.Errorf("%s: got %d rules", name, len(seen))
		}
	}
}

// A view is what the tracer needs of registers.
type view interface {
	number() int64
	arg(n int) *uint64
	result() int64
	skip(v int64)
	pause()
	pc() uint64
	sp() uint64
	fail(v int64, word func(at uint64) uint32) bool
}

// TestABIRegisters fills registers with their own offsets, and reads them as system calls.
func TestABIRegisters(t *testing.T) {
	x := &amd64Frame{rax: 80, call: 120, rdi: 112, rsi: 104, rdx: 96, r10: 56, r8: 72, r9: 64, rip: 128, rsp: 152}
	words := unsafe.Slice((*uint64)(unsafe.Pointer(x)), unsafe.Sizeof(*x)/8)
	for i, v := range words { // struct user_regs_struct has 27 words
		if v != 0 && v != uint64(8*i) {
			t.Errorf("amd64: the word at %d is that of %d", 8*i, v)
		}
	}
	if len(words) != 27 {
		t.Errorf("amd64: got %d words", len(words))
	}
	a := &arm64Frame{call: 101}
	a.stack, a.at = 152, 128
	for i := range a.x {
		a.x[i] = uint64(i)
	}
	if size := unsafe.Sizeof(a.arm64Registers); size != 34*8 { // struct user_pt_regs
		t.Errorf("arm64: got %d bytes", size)
	}
	describe := func(f view) string {
		return fmt.Sprint(f.number(), *f.arg(0), *f.arg(1), *f.arg(2), *f.arg(3), *f.arg(4), *f.arg(5), f.result(),
			f.pc(), f.sp())
	}
	if got, want := describe(x), "120 112 104 96 56 72 64 80 128 152"; got != want {
		t.Errorf("amd64: got %s, want %s", got, want)
	}
	if got, want := describe(a), "101 0 1 2 3 4 5 0 128 152"; got != want {
		t.Errorf("arm64: got %s, want %s", got, want)
	}
	for name, f := range map[string]view{"amd64": x, "arm64": a} {
		f.skip(-11)
		if f.number() != -1 || f.result() != -11 {
			t.Errorf("%s: got number %d and result %d of a call that is skipped", name, f.number(), f.result())
		}
	}
	x.pause()
	a.pause()
	if x.number() != unixPause || a.number() != unixPpoll || a.x[0]|a.x[1]|a.x[2]|a.x[3]|a.x[4] != 0 {
		t.Errorf("got numbers %d and %d of a pause", x.number(), a.number())
	}
}

// The numbers of pause on amd64, and of ppoll on arm64.
const (
	unixPause = 34
	unixPpoll = 73
)

// TestABILeave looks at the registers of a call that becomes itself again.
func TestABILeave(t *testing.T) {
	x, now := amd64Frame{call: 35, rdi: 1, r10: 2, rip: 3},
		amd64Frame{call: 34, rax: 9, rip: 10, rcx: 11, r11: 12, flags: 13, rsp: 14}
	if got, want := x.leave(&now),
		(amd64Frame{call: 35, rdi: 1, r10: 2, rax: 9, rip: 10, rcx: 11, r11: 12, flags: 13, rsp: 14}); got != want {
		t.Errorf("amd64: got %+v, want %+v", got, want)
	}
	var a, then, want arm64Frame
	a.call, then.call, want.call = 101, 73, 101
	for i := range a.x {
		a.x[i], want.x[i] = uint64(i+1), uint64(i+1)
	}
	then.x[0], then.stack, then.at, then.state = 9, 10, 11, 12
	want.x[0], want.stack, want.at, want.state = 9, 10, 11, 12
	if got := a.leave(&then); got != want {
		t.Errorf("arm64: got %+v, want %+v", got, want)
	}
}

// TestABIFail: amd64 decides after the stop whether a call is made again, and arm64
// has gone back to its instruction already.
func TestABIFail(t *testing.T) {
	const restart, again = -512, -11
	noWord := func(uint64) uint32 { return 0 }
	x := &amd64Frame{call: 0, rax: 5}
	if x.fail(again, noWord) || x.result() != 5 {
		t.Error("amd64: a call that has ended is to keep its result")
	}
	x.setResult(restart)
	if !x.fail(again, noWord) || x.result() != again || x.number() != -1 {
		t.Errorf("amd64: got %d of call %d", x.result(), x.number())
	}
	a := &arm64Frame{call: -1}
	a.x[0], a.at = 3, 0x1000
	if a.fail(again, noWord) || a.result() != 3 {
		t.Error("arm64: a call that has ended is to keep its result")
	}
	if !a.fail(again, func(at uint64) uint32 { return map[uint64]uint32{0x1000: 0xd4000001}[at] }) ||
		a.result() != again || a.pc() != 0x1004 {
		t.Errorf("arm64: got %d at %#x", a.result(), a.pc())
	}
}
