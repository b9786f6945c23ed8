package bubble_test

import (
	"os"
	"time"
)

// wallNow is the wall's time, also inside a bubble, where package time shows another: the date that the file
// system gives to a file written now.
func wallNow() time.Time {
	f, err := os.CreateTemp("", "wall")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.Remove(f.Name()); _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	return info.ModTime()
}
