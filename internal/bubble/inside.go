package bubble

import "time"

// Inside reports whether the calling goroutine is in virtual time, in whichever bubble. It asks the
// clock, which costs nanoseconds: that of a bubble begins at the year 2000 (package
// testing/synctest). A bubble of over twenty years is taken for the outside, and so is, the other
// way round, a machine whose clock was never set for a bubble.
func Inside() bool {
	return time.Now().Before(time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC))
}
