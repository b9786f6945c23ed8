//go:build !linux

package process

import "syscall"

// Child returns the attributes of a child of this program: none here, so that it does not die with
// it.
func Child() *syscall.SysProcAttr { return nil }
