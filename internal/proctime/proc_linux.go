//go:build linux && (amd64 || arm64)

package proctime

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A procFile is a file below /proc that is read again and again.
type procFile struct {
	path string
	// fd is -1 if it is opened for each look, because this process may not have as many files.
	fd int
}

// spareFiles is how many descriptors are left for others.
const spareFiles = 128

func openProc(parts ...string) procFile {
	return openFile("/proc/" + strings.Join(parts, "/"))
}

func openFile(path string) procFile {
	f := procFile{path: path, fd: -1}
	fd, err := f.open()
	if err != nil {
		return f
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err == nil && uint64(fd)+spareFiles > limit.Cur {
		_ = unix.Close(fd)
		return f
	}
	f.fd = fd
	return f
}

func (f procFile) open() (int, error) {
	return unix.Open(f.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// read returns the current content of the file. The error says why it could not be read.
func (f procFile) read(buffer []byte) ([]byte, error) { return f.readAt(buffer, 0) }

func (f procFile) readAt(buffer []byte, at int64) ([]byte, error) {
	fd := f.fd
	if fd < 0 {
		var err error
		if fd, err = f.open(); err != nil {
			return nil, err
		}
		defer unix.Close(fd) //nolint:errcheck // nothing was written
	}
	n, err := unix.Pread(fd, buffer, at)
	if err != nil || n < 0 {
		return nil, err
	}
	return buffer[:n], nil
}

func (f procFile) close() {
	if f.fd >= 0 {
		_ = unix.Close(f.fd)
	}
}

// gone reports whether an error says that a thread or a process has ended.
func gone(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }

// accounts returns nil if the kernel provides what this package needs of each thread: its system
// call, and whether it has run.
func accounts() error {
	var buffer [80]byte
	self := procFile{path: "/proc/thread-self/schedstat", fd: -1}
	account, err := self.read(buffer[:])
	if first, _, _ := bytes.Cut(account, []byte(" ")); err != nil || bytes.Equal(first, []byte("0")) {
		return &UnsupportedError{Reason: "the kernel keeps no account of threads (CONFIG_SCHEDSTATS)"}
	}
	self.path = "/proc/thread-self/syscall"
	if _, err := self.read(buffer[:]); err != nil {
		return &UnsupportedError{Reason: "the kernel does not say what a thread waits in: " + err.Error()}
	}
	return nil
}

// statusField returns a field of /proc/PID/status, "" if it cannot be read.
func statusField(pid int, name string) string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return ""
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"+name+":"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(bytes.TrimSpace(line))
}

// processOf returns the process of a thread.
func processOf(tid int) int {
	if pid, err := strconv.Atoi(statusField(tid, "Tgid")); err == nil {
		return pid
	}
	return tid
}

// handles reports whether a process has a handler for a signal.
func handles(tid int, signal unix.Signal) bool {
	mask, err := strconv.ParseUint(statusField(tid, "SigCgt"), 16, 64)
	return err != nil || mask>>(uint(signal)-1)&1 == 1
}

// nameOf returns the name of a process, for people.
func nameOf(pid int) string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return "a process"
	}
	return strings.TrimSpace(string(data))
}

// backlog returns the number of packets that wait on any interface: the twelfth column.
func (f procFile) backlog() int {
	const column = 11
	var buffer [16384]byte
	total := 0
	data, _ := f.read(buffer[:]) // there is none without a network
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) <= column {
			continue
		}
		n, err := strconv.ParseUint(string(fields[column]), 16, 32)
		if err == nil {
			total += int(n)
		}
	}
	return total
}
