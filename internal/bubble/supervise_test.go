package bubble_test

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

// impatient gives a bubble up soon. The tests that use it wait real time, because what they show is
// that virtual time stands still.
func impatient() bubble.Options { return bubble.Options{Patience: 300 * time.Millisecond} }

func TestTimeIsVirtual(t *testing.T) {
	var took time.Duration
	err := bubble.Run(func() {
		start := time.Now()
		time.Sleep(24 * time.Hour)
		took = time.Since(start)
	}, bubble.Options{})
	if err != nil || took != 24*time.Hour {
		t.Errorf("a day took %s, %v", took, err)
	}
}

// TestStuck ends each bubble that it has abandoned, so that no core burns on.
func TestStuck(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var mu, held sync.Mutex
	var rw sync.RWMutex
	outside := make(chan int)
	mu.Lock()
	rw.RLock()
	tests := map[string]struct {
		cause bubble.Cause
		f     func()
		where string // part of the culprit's function
	}{
		"accept":    {bubble.RealIO, func() { _, _ = listener.Accept() }, "TestStuck"},
		"mutex":     {bubble.Mutex, func() { lock(&mu) }, "bubble_test.lock"},
		"rw mutex":  {bubble.Mutex, func() { lock(&rw) }, "bubble_test.lock"},
		"channel":   {bubble.Outside, func() { <-outside }, "TestStuck"},
		"spin":      {bubble.Spin, func() { spin(&stop) }, "bubble_test.spin"},
		"left spin": {bubble.Spin, func() { go spin(&stop) }, "bubble_test.spin"},
		"livelock":  {bubble.Spin, func() { pingPong(&stop) }, "bubble_test.pingPong"},
		// Nobody is deadlocked here, but the holder sleeps in virtual time, which stands still
		// while somebody waits.
		"mutex held asleep": {bubble.Mutex, func() {
			held.Lock()
			go lock(&held)
			time.Sleep(time.Hour)
			held.Unlock()
		}, "bubble_test.lock"},
	}
	defer func() { // the abandoned goroutines live on until here
		stop.Store(true)
		close(outside)
		mu.Unlock()
		rw.RUnlock()
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Run("side by side", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				err := bubble.Run(test.f, impatient())
				var stuck *bubble.StuckError
				if !errors.As(err, &stuck) || stuck.Cause != test.cause {
					t.Fatalf("got %v, want %s", err, test.cause)
				}
				if !strings.Contains(err.Error(), test.where) ||
					!strings.Contains(err.Error(), "bubble/supervise_test.go:") {
					t.Errorf("it says %q, which does not name %s", err, test.where)
				}
				if len(stuck.Goroutines) == 0 || !strings.Contains(stuck.Culprits[0].Stack, test.where) ||
					stuck.After < impatient().Patience/2 {
					t.Errorf("after %s it carries %+v", stuck.After, stuck.Goroutines)
				}
			})
		}
	})
}

func lock(l sync.Locker) {
	l.Lock()
	l.Unlock() //nolint:staticcheck // taking it is all that matters
}

func spin(stop *atomic.Bool) {
	for !stop.Load() {
		runtime.Gosched()
	}
}

// pingPong keeps two goroutines busy with each other at one instant; each look finds another one
// running.
func pingPong(stop *atomic.Bool) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		defer close(pong)
		for n := range ping {
			pong <- n
		}
	}()
	for !stop.Load() {
		ping <- 1
		<-pong
	}
	close(ping)
}

// TestProgressKeepsABubbleAlive takes real time, because it shows that a busy bubble outlives its
// patience.
func TestProgressKeepsABubbleAlive(t *testing.T) {
	var enough atomic.Bool
	timer := time.AfterFunc(3*impatient().Patience, func() { enough.Store(true) })
	defer timer.Stop()
	var count atomic.Uint64
	o := impatient()
	o.Progress = count.Load
	err := bubble.Run(func() {
		for !enough.Load() {
			count.Add(1)
			runtime.Gosched()
		}
	}, o)
	if err != nil {
		t.Errorf("given up although it made progress: %v", err)
	}
}

// TestGarbageIsNoReasonToGiveUp: short work amid constant collections ends as usual, with little
// patience.
func TestGarbageIsNoReasonToGiveUp(t *testing.T) {
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			runtime.GC()
		}
	}()
	for range 20 {
		err := bubble.Run(func() {
			for range 100 {
				time.Sleep(time.Hour)
			}
		}, impatient())
		if err != nil {
			t.Errorf("got %v", err)
		}
	}
	stop.Store(true)
	<-done
}
