//go:build !unix

package cli

import "os"

// isWindow reports whether a file is a terminal.
func isWindow(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// windowWidth returns 0: the default width is in effect.
func windowWidth(*os.File) int { return 0 }
