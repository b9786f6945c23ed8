// Package bubble runs a function in virtual time, from any program: a plain binary, go test or Ginkgo.
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
// A panic in a goroutine that f started cannot be contained by anybody: it ends the process.
//
// It stands on testing/synctest, whose Test wants a *testing.T and, as of Go 1.26, uses it only for what a test
// would: a zero one will do as long as f keeps its panics to itself. TestFromAPlainBinary shows on every supported Go
// version that this still holds. Should it ever stop, testing.Main called from main hands out a real *testing.T.
package bubble
