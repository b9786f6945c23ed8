//go:build !(linux && (amd64 || arm64))

package proctime

import (
	"context"
	"runtime"
)

// Main returns at once on this platform.
func Main() {}

// Run returns an *UnsupportedError on this platform.
func Run(context.Context, Options) (int, Report, error) {
	return 0, Report{}, Supported()
}

// Inside returns false on this platform.
func Inside() bool { return false }

// Pace returns 0 on this platform.
func Pace() float64 { return 0 }

// Left returns nothing on this platform.
func Left() []string { return nil }

// Count returns false on this platform.
func Count() (Counters, bool) { return Counters{}, false }

// A Canary does nothing on this platform.
type Canary struct{}

// StartCanary returns a canary that does nothing.
func StartCanary() *Canary { return &Canary{} }

// Play does nothing.
func (*Canary) Play() {}

// Stop returns an empty Song.
func (*Canary) Stop() Song { return Song{} }

// Accounts returns nil: there is nothing to read on this platform.
func Accounts() error { return nil }

// Supported returns an *UnsupportedError on this platform.
func Supported() error {
	return &UnsupportedError{
		Reason: "it needs Linux on amd64 or arm64, and this is " + runtime.GOOS + "/" + runtime.GOARCH,
	}
}
