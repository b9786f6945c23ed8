// Package bubble runs a function in virtual time, from any program: a plain binary, go test or
// Ginkgo.
//
//	err := bubble.Run(func() {
//		time.Sleep(15 * time.Minute) // takes no time
//	}, bubble.Options{})
//
// What goes wrong inside comes back as an error that names the place, and the process lives on:
//
//	PanicError     f panicked
//	ExitError      f called runtime.Goexit, as a failing t.FailNow does
//	DeadlockError  every goroutine is blocked for ever, and f is among them
//	LeakError      f returned, and goroutines that it started are blocked for ever
//	StuckError     something blocks outside virtual time: a mutex, a spin, real I/O
//
// The first four come at once; a StuckError costs the wall time of Options.Patience, because that
// nothing happens can only be seen by waiting. Its goroutines cannot be ended by anybody and live
// on, as do those of a deadlock or a leak.
//
// # Limits
//
// A panic in a goroutine that f started cannot be contained by anybody: it ends the process.
//
// Virtual time goes on only while every goroutine is blocked durably, in the sense of
// testing/synctest, and waiting for a mutex is not. So a mutex held across a sleep, while another
// goroutine wants it, is a StuckError of cause Mutex like a deadlock: nothing tells the two apart
// from outside, unless the program was built with the overlay of package internal/overlay, where
// such a wait counts. The same goes for a channel that was made outside of f.
//
// # How it works
//
// It stands on testing/synctest, whose Test wants a *testing.T and, as of Go 1.26, uses it only for
// what a test would: a zero one will do as long as f keeps its panics to itself, which Run sees to.
// TestFromAPlainBinary and the specs beside it show on every supported Go version that this still
// holds. Should it ever stop, testing.Main called from main hands out a real *testing.T;
// testing.RunTests would silently run nothing. Beyond that it reads the bubble's number and the
// word "durable" from the headers of runtime.Stack, which TestStuck and TestLeak hold to.
package bubble
