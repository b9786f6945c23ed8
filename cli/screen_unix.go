//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// isWindow reports whether a file is a terminal.
func isWindow(f *os.File) bool {
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// windowWidth returns the number of columns of a terminal, or 0.
func windowWidth(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
