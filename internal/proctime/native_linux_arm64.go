package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// frame and native select the architecture of this build.
type frame = arm64Frame

func native() abi { return arm64() }

func getFrame(tid int, f *frame) bool {
	return registers(unix.PTRACE_GETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(&f.arm64Registers),
		unsafe.Sizeof(f.arm64Registers)) &&
		registers(unix.PTRACE_GETREGSET, tid, unix.NT_ARM_SYSTEM_CALL, unsafe.Pointer(&f.call), unsafe.Sizeof(f.call))
}

func setFrame(tid int, f *frame) {
	registers(unix.PTRACE_SETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(&f.arm64Registers),
		unsafe.Sizeof(f.arm64Registers))
	registers(unix.PTRACE_SETREGSET, tid, unix.NT_ARM_SYSTEM_CALL, unsafe.Pointer(&f.call), unsafe.Sizeof(f.call))
}
