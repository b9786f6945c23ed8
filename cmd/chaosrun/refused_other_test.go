//go:build !linux

package main

// without is not called on this platform.
func without() {}
