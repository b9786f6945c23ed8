//go:build linux && (amd64 || arm64)

package proctime

// An abi holds the facts about an architecture that a filter needs.
type abi struct {
	// audit is its AUDIT_ARCH of linux/audit.h.
	audit uint32
	numbers
}

// numbers are those of system calls, from asm/unistd_64.h and asm-generic/unistd.h. 0 stands for a
// call that an architecture does not have; the calls that do have number 0 are of no interest here.
type numbers struct {
	clockGettime, gettimeofday, time, nanosleep, clockNanosleep, futex, futexWaitv, futexWait, epollWait, epollPwait,
	epollPwait2, poll, ppoll, selects, pselect6, rtSigtimedwait, recvmmsg, semtimedop, mqTimedsend, mqTimedreceive,
	ioGetevents, ioPgetevents, setsockopt, getsockopt, listen, connect, getrandom, timerfdSettime, timerfdGettime,
	setitimer, getitimer, alarm, timerCreate, timerSettime, timerGettime, timerDelete, pause, ioUringSetup, sysinfo,
	times, ptrace, exitGroup, execve, execveat, clockSettime, settimeofday, adjtimex, clockAdjtime uint32
}

func amd64() abi {
	return abi{audit: 0xc000003e, numbers: numbers{
		clockGettime: 228, gettimeofday: 96, time: 201, nanosleep: 35, clockNanosleep: 230, futex: 202, futexWaitv: 449,
		futexWait: 455, epollWait: 232, epollPwait: 281, epollPwait2: 441, poll: 7, ppoll: 271, selects: 23,
		pselect6:       270,
		rtSigtimedwait: 128, recvmmsg: 299, semtimedop: 220, mqTimedsend: 242, mqTimedreceive: 243, ioGetevents: 208,
		ioPgetevents: 333, setsockopt: 54, getsockopt: 55, listen: 50, connect: 42, getrandom: 318, timerfdSettime: 286,
		timerfdGettime: 287, setitimer: 38, getitimer: 36, alarm: 37, timerCreate: 222, timerSettime: 223,
		timerGettime: 224,
		timerDelete:  226, pause: 34, ioUringSetup: 425, sysinfo: 99, times: 100, ptrace: 101, exitGroup: 231,
		execve:   59,
		execveat: 322, clockSettime: 227, settimeofday: 164, adjtimex: 159, clockAdjtime: 305,
	}}
}

func arm64() abi {
	return abi{audit: 0xc00000b7, numbers: numbers{
		clockGettime: 113, gettimeofday: 169, nanosleep: 101, clockNanosleep: 115, futex: 98, futexWaitv: 449,
		futexWait: 455, epollPwait: 22, epollPwait2: 441, ppoll: 73, pselect6: 72, rtSigtimedwait: 137, recvmmsg: 243,
		semtimedop: 192, mqTimedsend: 182, mqTimedreceive: 183, ioGetevents: 4, ioPgetevents: 292, setsockopt: 208,
		getsockopt: 209, listen: 201, connect: 203, getrandom: 278, timerfdSettime: 86, timerfdGettime: 87,
		setitimer: 103,
		getitimer: 102, timerCreate: 107, timerSettime: 110, timerGettime: 108, timerDelete: 111, ioUringSetup: 425,
		sysinfo: 179, times: 153, ptrace: 117, exitGroup: 94, execve: 221, execveat: 281, clockSettime: 112,
		settimeofday: 170, adjtimex: 171, clockAdjtime: 266,
	}}
}
