// Package bubble runs a function in virtual time, from any program: a plain binary, go test or
// Ginkgo.
//
//	err := bubble.Run(func() {
//		time.Sleep(15 * time.Minute) // takes no time
//	}, bubble.Options{})
//
// An error inside the bubble becomes a value of one of these types, which name the place. The
// process lives on:
//
//	PanicError     f panicked
//	ExitError      f called runtime.Goexit, as a failing t.FailNow does
//	DeadlockError  every goroutine is blocked forever, and f is among them
//	LeakError      f returned, and goroutines that it started are blocked forever
//	StuckError     something blocks outside virtual time: a mutex, a spin, real I/O
//
// The first four come at once. A [StuckError] takes the wall time of [Options.Patience], because
// only waiting shows that nothing happens. Its goroutines cannot be ended, and live on, as do those
// of a deadlock or a leak.
//
// # Limits
//
// A panic in a goroutine that f started ends the process. Nothing can contain it.
//
// Virtual time goes on only while every goroutine is durably blocked, in the sense of
// testing/synctest. A wait for a mutex is not durable. So a mutex held across a sleep, while
// another goroutine wants it, is a [StuckError] of cause [Mutex]. A deadlock looks the same from
// outside. With the overlay of package internal/overlay such a wait counts as durable. The same
// applies to a channel that was made outside of f.
//
// # How it works
//
// Run uses synctest.Test with a zero *testing.T. As of Go 1.26 that works as long as f contains its
// panics, which Run ensures. TestFromAPlainBinary and the specs beside it check this on every
// supported Go version. If it ever stops working, testing.Main called from main provides a real
// *testing.T; testing.RunTests would silently run nothing. Run also reads the bubble's number and
// the word "durable" from the headers of runtime.Stack, which TestStuck and TestLeak check.
package bubble
