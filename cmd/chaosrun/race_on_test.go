//go:build race

package main

// The detector takes ten times the memory for each goroutine.
const raceDetector = true
