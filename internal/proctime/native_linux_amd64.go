package proctime

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// frame and native select the architecture of this build.
type frame = amd64Frame

func native() abi { return amd64() }

func getFrame(tid int, f *frame) bool {
	return registers(unix.PTRACE_GETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(f), unsafe.Sizeof(*f))
}

func setFrame(tid int, f *frame) {
	registers(unix.PTRACE_SETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(f), unsafe.Sizeof(*f))
}
