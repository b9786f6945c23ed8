//go:build linux && (amd64 || arm64)

package proctime

import (
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// leftRequest is the number of a timer that no kernel has: the tracer answers with what was
	// left in real time.
	leftRequest = 0x6c656674
	// leftRoom bounds that answer, in bytes.
	leftRoom = 1 << 12
)

// Inside reports whether this process is in virtual time.
func Inside() bool { return os.Getenv(treeVariable) != "" }

// treeName is the value of treeVariable: how many times as fast as real time the clock passes, 0
// for one that jumps.
func treeName(speed float64) string { return strconv.FormatFloat(speed, 'g', -1, 64) }

// Pace returns how many times as fast as real time the clock of this process's tree passes, or 0 if
// it jumps. It is 0 outside of a tree.
func Pace() float64 {
	speed, _ := strconv.ParseFloat(os.Getenv(treeVariable), 64) // 0 outside of a tree
	return speed
}

// Left returns what stayed in real time, and the connected peers outside of the tree, since the
// last call. It is empty outside of a tree. It may be called from any goroutine.
func Left() []string {
	buffer := make([]byte, leftRoom)
	n, _, errno := unix.Syscall(unix.SYS_GETITIMER, leftRequest, uintptr(unsafe.Pointer(&buffer[0])), leftRoom)
	if errno != 0 || n == 0 || n > leftRoom {
		return nil
	}
	return strings.Split(string(buffer[:n]), "\n")
}

// tellLeft answers Left. A question without room for an answer only asks whether there is a tracer.
func (c *trap) tellLeft() (waitKind, time.Duration) {
	if *c.f.arg(2) == 0 {
		return c.answer(0)
	}
	text := strings.Join(append(c.fresh, ""), "\n")
	text = strings.TrimSuffix(text[:min(len(text), leftRoom)], "\n")
	c.fresh = nil
	if text != "" && !writeMemory(c.t.tid, *c.f.arg(1), []byte(text)) {
		return c.answer(-int64(unix.EFAULT))
	}
	return c.answer(int64(len(text)))
}
