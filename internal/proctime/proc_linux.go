//go:build linux && (amd64 || arm64)

package proctime

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A procFile is a file below /proc that is read again and again.
type procFile int

func openProc(parts ...string) procFile {
	return openFile("/proc/" + strings.Join(parts, "/"))
}

func openFile(path string) procFile {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return procFile(fd)
}

// read returns what is in the file now, nothing if it is gone.
func (f procFile) read(buffer []byte) []byte {
	n, err := unix.Pread(int(f), buffer, 0)
	if err != nil || n < 0 {
		return nil
	}
	return buffer[:n]
}

func (f procFile) close() {
	if f >= 0 {
		_ = unix.Close(int(f))
	}
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
	for line := range bytes.Lines(f.read(buffer[:])) {
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
