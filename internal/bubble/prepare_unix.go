//go:build unix

package bubble

import "syscall"

// harmless is a signal that ends no process and that the runtime handles in every program, so
// listening to it changes nothing.
const harmless = syscall.SIGURG
