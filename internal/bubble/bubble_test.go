package bubble_test

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

func TestPanic(t *testing.T) {
	err := bubble.Run(explode, bubble.Options{})
	var panicked *bubble.PanicError
	if !errors.As(err, &panicked) || !errors.Is(err, io.ErrUnexpectedEOF) ||
		!strings.Contains(panicked.Stack, "bubble_test.explode") {
		t.Fatalf("got %v", err)
	}
	want := "panic: unexpected EOF in github.com/chaosrun/chaosrun/internal/bubble_test.explode at " +
		"bubble/bubble_test.go:"
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q, want %q and a line", err, want)
	}
}

func explode() { panic(io.ErrUnexpectedEOF) }

func TestPanicNamesItsOrigin(t *testing.T) {
	tests := map[string]func(){
		"of the runtime": func() {
			some := []int{1}
			some[len(t.Name())]++
		},
		"thrown again": func() {
			defer func() { rethrow(recover()) }()
			panic("first")
		},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			var panicked *bubble.PanicError
			if err := bubble.Run(f, bubble.Options{}); !errors.As(err, &panicked) ||
				!strings.Contains(panicked.Place, "TestPanicNamesItsOrigin") {
				t.Errorf("got %v, want a panic in this test", err)
			}
		})
	}
}

func rethrow(v any) { panic(v) }

func TestPanicComesBeforeWhatItLeftBehind(t *testing.T) {
	err := bubble.Run(func() {
		never := make(chan int)
		go func() { <-never }()
		panic("boom")
	}, bubble.Options{})
	if _, ok := errors.AsType[*bubble.PanicError](err); !ok {
		t.Errorf("got %v, want a PanicError", err)
	}
}

func TestExit(t *testing.T) {
	var exited *bubble.ExitError
	err := bubble.Run(leave, bubble.Options{})
	if !errors.As(err, &exited) || !strings.Contains(exited.Stack, "bubble_test.leave") {
		t.Fatalf("got %v, want an ExitError", err)
	}
	if !strings.Contains(err.Error(), "bubble_test.leave at bubble/bubble_test.go:") {
		t.Errorf("it says %q, which does not name the place", err)
	}
}

func leave() { runtime.Goexit() }

func TestGoroutinesMayExit(t *testing.T) {
	err := bubble.Run(func() {
		done := make(chan struct{})
		go func() { defer close(done); runtime.Goexit() }()
		<-done
	}, bubble.Options{})
	if err != nil {
		t.Errorf("got %v", err)
	}
}

func TestDeadlock(t *testing.T) {
	err := bubble.Run(func() { <-make(chan int) }, bubble.Options{})
	var deadlock *bubble.DeadlockError
	if !errors.As(err, &deadlock) || len(deadlock.Goroutines) != 1 {
		t.Fatalf("got %v, want a DeadlockError of one goroutine", err)
	}
	g := deadlock.Goroutines[0]
	if g.State != "chan receive" || !strings.Contains(g.Func, "TestDeadlock") || g.File != "bubble/bubble_test.go" ||
		g.Line == 0 {
		t.Errorf("it names %+v", g)
	}
}

func TestLeak(t *testing.T) {
	tests := map[string]func(){
		"chan receive": func() { ch := make(chan int); go func() { <-ch }() },
		"sleep": func() {
			go func() {
				for {
					time.Sleep(time.Hour)
				}
			}()
		},
	}
	for state, leak := range tests {
		t.Run(state, func(t *testing.T) {
			err := bubble.Run(leak, bubble.Options{})
			var leaked *bubble.LeakError
			if !errors.As(err, &leaked) || len(leaked.Goroutines) != 1 {
				t.Fatalf("got %v, want a LeakError of one goroutine", err)
			}
			if g := leaked.Goroutines[0]; g.State != state || !strings.Contains(g.Func, "TestLeak") {
				t.Errorf("it names %+v", g)
			}
		})
	}
}

func TestManySideBySide(t *testing.T) {
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for i := range 1000 {
		wg.Go(func() {
			want := time.Duration(i) * time.Second
			var took time.Duration
			err := bubble.Run(func() {
				start := time.Now()
				time.Sleep(want)
				took = time.Since(start)
			}, bubble.Options{Patience: time.Minute})
			if err != nil || took != want {
				wrong.Add(1)
			}
		})
	}
	wg.Wait()
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d of 1000 went wrong", n)
	}
}

func TestFromAPlainBinary(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "run", "./testdata/plain").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, want := string(out), "1h0m0s <nil>\npanic: contained in main.main.func2 at plain/main.go:19\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestInsideGinkgo runs the suite in a process of its own, because Ginkgo runs a suite only once
// per process, and because of the spec that fails: its assertion inside virtual time must end
// neither the process nor the other specs.
func TestInsideGinkgo(t *testing.T) {
	b, err := exec.CommandContext(t.Context(), "go", "test", "./testdata/spec", "-ginkgo.no-color").CombinedOutput()
	out := string(b)
	if err == nil || !strings.Contains(out, "2 Passed | 1 Failed") ||
		!strings.Contains(out, "came back: *bubble.PanicError") {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "spec_test.go:33") {
		t.Errorf("it does not name the failing line\n%s", out)
	}
}

func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := bubble.Run(func() { time.Sleep(time.Hour) }, bubble.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleRun() {
	err := bubble.Run(func() {
		start := time.Now()
		time.Sleep(15 * time.Minute)
		fmt.Println(time.Since(start))
	}, bubble.Options{})
	fmt.Println(err)
	// Output:
	// 15m0s
	// <nil>
}
