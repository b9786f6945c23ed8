//go:build !linux

package process

import (
	"fmt"
	"runtime"
)

// Isolate returns ErrNotPermitted: only Linux has network namespaces.
func Isolate() (code int, done bool, err error) {
	return 0, false, fmt.Errorf("%w: %s has no network namespaces", ErrNotPermitted, runtime.GOOS)
}

// CanIsolate returns ErrNotPermitted, for the same reason.
func CanIsolate() error {
	_, _, err := Isolate()
	return err
}

// CanAcknowledgeAtOnce returns ErrNotPermitted, for the same reason.
func CanAcknowledgeAtOnce() error { return CanIsolate() }

func enter() {}
