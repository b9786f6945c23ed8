//go:build !unix

package main

// family is a worker with children, for a test that needs Unix.
func family() {}
