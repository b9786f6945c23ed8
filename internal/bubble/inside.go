package bubble

import "time"

// Inside reports whether the calling goroutine is in virtual time, in any bubble. It checks the
// clock, which costs nanoseconds: a bubble's clock begins at the year 2000 (package
// testing/synctest). It is wrong in a bubble of over twenty years, and on a machine whose clock was
// never set.
func Inside() bool {
	return time.Now().Before(time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC))
}
