// Package overlay writes a build overlay for the Go toolchain. With it, a goroutine that waits for
// a mutex counts as blocked in virtual time.
//
//	runtime2.go of the installed Go ─▶ Patch ─▶ a copy and overlay.json ─▶ go test -overlay=…
//
// testing/synctest does not count such a goroutine, so an engine that holds a mutex across a wait
// stops virtual time. The overlay changes three lines in a table of package runtime. It does not
// change the installation, and has an effect only with the flag.
//
// With the overlay, a mutex that is held outside of a bubble counts too: a bubble that waits for
// another one's mutex may be found deadlocked. Run the scenarios one at a time: -parallel 1.
package overlay
