//go:build linux && (amd64 || arm64)

package proctime

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// timespecSize is the size of struct timespec and of struct timeval.
const timespecSize = 16

// readMemory copies from the memory of a process. It reports whether all of it could be read.
func readMemory(pid int, from uint64, to []byte) bool {
	return copyMemory(unix.SYS_PROCESS_VM_READV, pid, from, to)
}

// writeMemory copies into the memory of a process. It reports whether all of it could be written.
func writeMemory(pid int, to uint64, from []byte) bool {
	return copyMemory(unix.SYS_PROCESS_VM_WRITEV, pid, to, from)
}

// copyMemory makes a raw call: a tracer must not let the scheduler take its thread away.
func copyMemory(call uintptr, pid int, remote uint64, local []byte) bool {
	if len(local) == 0 {
		return true
	}
	mine := unix.Iovec{Base: &local[0], Len: uint64(len(local))}
	theirs := unix.RemoteIovec{Base: uintptr(remote), Len: len(local)}
	n, _, errno := unix.RawSyscall6(call, uintptr(pid), uintptr(unsafe.Pointer(&mine)), 1,
		uintptr(unsafe.Pointer(&theirs)), 1, 0)
	return errno == 0 && int(n) == len(local)
}

// readWord reads eight bytes, 0 if they cannot be read.
func readWord(pid int, from uint64) uint64 {
	var b [8]byte
	readMemory(pid, from, b[:])
	return binary.NativeEndian.Uint64(b[:])
}

// writeWords writes words of eight bytes. It reports whether all could be written.
func writeWords(pid int, to uint64, words ...int64) bool {
	var b []byte
	for _, w := range words {
		b = binary.NativeEndian.AppendUint64(b, uint64(w))
	}
	return writeMemory(pid, to, b)
}

// readWords reads n words of eight bytes. ok is false if they cannot be read.
func readWords(pid int, from uint64, n int) (words []int64, ok bool) {
	b := make([]byte, 8*n)
	if from == 0 || !readMemory(pid, from, b) {
		return nil, false
	}
	for i := range n {
		words = append(words, int64(binary.NativeEndian.Uint64(b[8*i:])))
	}
	return words, true
}

// readTimespec reads a struct timespec. ok is false if it is missing or invalid.
func readTimespec(pid int, from uint64) (d time.Duration, ok bool) {
	w, ok := readWords(pid, from, 2)
	if !ok || w[0] < 0 || w[1] < 0 || w[1] >= int64(time.Second) {
		return 0, false
	}
	return duration(w[0], w[1]), true
}

// readTimeval reads a struct timeval. ok is false if it is missing or invalid.
func readTimeval(pid int, from uint64) (d time.Duration, ok bool) {
	w, ok := readWords(pid, from, 2)
	if !ok || w[0] < 0 || w[1] < 0 || w[1] >= int64(time.Second/time.Microsecond) {
		return 0, false
	}
	return duration(w[0], w[1]*int64(time.Microsecond)), true
}

// duration returns seconds and nanoseconds as a duration. It is bounded: some programs wait for as
// many seconds as an int has room for.
func duration(s, ns int64) time.Duration {
	if s >= int64(never/time.Second) {
		return never
	}
	return time.Duration(s)*time.Second + time.Duration(ns)
}

func writeTimespec(pid int, to uint64, d time.Duration) bool {
	return writeWords(pid, to, int64(d/time.Second), int64(d%time.Second))
}

func writeTimeval(pid int, to uint64, d time.Duration) bool {
	return writeWords(pid, to, int64(d/time.Second), int64(d%time.Second/time.Microsecond))
}
