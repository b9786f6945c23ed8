//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// readers sleeps for a quarter of a second beside a thread that reads the clock until it is told
// to stop.
func readers() {
	var over atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		var now unix.Timespec
		for !over.Load() {
			must(unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
		}
	}()
	began := time.Now()
	time.Sleep(time.Second / 4)
	took := time.Since(began)
	over.Store(true)
	<-done
	fmt.Println(took >= time.Second/4 && took < time.Second)
}

// receives receives a byte each 6 s, three times, from a socket whose timeout is 10 s. Nothing in
// between stops for the tracer.
func receives() {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	must(unix.SetsockoptTimeval(pair[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 10}))
	go func() {
		for range 3 {
			time.Sleep(6 * time.Second)
			_, _ = unix.Write(pair[1], []byte{1})
		}
	}()
	runtime.LockOSThread()
	var errs [3]error
	var b [1]byte
	for i := range errs {
		_, errs[i] = unix.Read(pair[0], b[:])
	}
	fmt.Println(errs[0], errs[1], errs[2])
}

// sing sleeps for an hour beside a canary, and prints what it saw.
func sing() {
	before, _ := proctime.Count()
	canary := proctime.StartCanary()
	canary.Play()
	time.Sleep(time.Hour)
	canary.Play()
	song := canary.Stop()
	after, ok := proctime.Count()
	c := after.Since(before)
	//nolint:musttag // its other end is a test, too
	must(json.NewEncoder(os.Stdout).Encode(singing{song, song.Trouble(), ok, c}))
}

type singing struct {
	Song    proctime.Song
	Trouble string
	OK      bool
	Count   proctime.Counters
}
