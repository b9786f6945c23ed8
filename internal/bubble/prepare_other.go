//go:build !unix

package bubble

import "syscall"

// harmless is a signal that cannot be caught: to listen to it changes nothing.
const harmless = syscall.SIGKILL
