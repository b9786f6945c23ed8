//go:build !linux

package main

// noptrace is for Linux only.
func noptrace() {}
