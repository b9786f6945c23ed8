//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// repeated makes a child of a call that is made ROUNDS times.
func repeated(call func()) func() {
	return func() {
		for range rounds() {
			call()
		}
	}
}

// readClock reads a clock.
func readClock() {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
}

// nap sleeps for a while that is too long to be over at once.
func nap() { _ = unix.Nanosleep(&unix.Timespec{Nsec: int64(time.Second / 2)}, nil) }

// writable waits with a timeout for what is there already.
func writable() func() {
	one, _ := pipes()
	in := []unix.PollFd{{Fd: int32(one[1]), Events: unix.POLLOUT}}
	return func() { _, _ = unix.Poll(in, 1000) }
}

// BenchmarkCalls measures what a clock read, a sleep with its jump, and a timed wait that is
// fulfilled take in virtual time.
func BenchmarkCalls(b *testing.B) {
	if err := supported(); err != nil {
		b.Skip(err)
	}
	for _, name := range []string{"clock read", "jump", "fulfilled wait"} {
		b.Run(name, func(b *testing.B) {
			var report proctime.Report
			for n := 1; b.Loop(); n++ {
				const rounds = 1000
				var err error
				_, report, err = proctime.Run(b.Context(), proctime.Options{
					Command: []string{"/proc/self/exe", "child", name},
					Env:     append(os.Environ(), fmt.Sprintf("ROUNDS=%d", rounds)),
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n)/rounds, "µs/call")
			}
			b.ReportMetric(float64(report.Jumps), "jumps")
		})
	}
}
