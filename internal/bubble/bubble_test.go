package bubble_test

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

// impatient gives a bubble up soon. The tests that use it wait real time, because what they show is that
// virtual time stands still.
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

func TestPanic(t *testing.T) {
	err := bubble.Run(func() { panic("boom") }, bubble.Options{})
	var panicked *bubble.PanicError
	if !errors.As(err, &panicked) || panicked.Value != "boom" || !strings.Contains(panicked.Stack, "TestPanic") {
		t.Errorf("got %v", err)
	}
}

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
	if err := bubble.Run(runtime.Goexit, bubble.Options{}); !errors.As(err, &exited) {
		t.Errorf("got %v, want an ExitError", err)
	}
}

func TestDeadlock(t *testing.T) {
	err := bubble.Run(func() { <-make(chan int) }, bubble.Options{})
	var deadlock *bubble.DeadlockError
	if !errors.As(err, &deadlock) || len(deadlock.Goroutines) != 1 {
		t.Fatalf("got %v, want a DeadlockError of one goroutine", err)
	}
	g := deadlock.Goroutines[0]
	if g.State != "chan receive" || !strings.Contains(g.Func, "TestDeadlock") || g.File != "bubble/bubble_test.go" || g.Line == 0 {
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

func TestStuck(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var mu sync.Mutex
	tests := map[bubble.Cause]func(){
		bubble.RealIO: func() { _, _ = listener.Accept() },
		bubble.Mutex: func() {
			mu.Lock()
			mu.Lock()
			mu.Unlock() //nolint:staticcheck // never reached, and that is the point
		},
		bubble.Spin: func() {
			for !stop.Load() {
				runtime.Gosched()
			}
		},
	}
	for cause, block := range tests {
		t.Run(string(cause), func(t *testing.T) {
			err := bubble.Run(block, impatient())
			var stuck *bubble.StuckError
			if !errors.As(err, &stuck) || stuck.Cause != cause {
				t.Fatalf("got %v, want %s", err, cause)
			}
			if !strings.Contains(err.Error(), "TestStuck") || !strings.Contains(err.Error(), "bubble_test.go:") || stuck.After < impatient().Patience {
				t.Errorf("it says %q after %s", err, stuck.After)
			}
		})
	}
	// The abandoned goroutines live on; these are let go.
	stop.Store(true)
	mu.Unlock()
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
}

func TestProgressKeepsABubbleAlive(t *testing.T) {
	// Real time, because what is shown is that a busy bubble outlives its patience.
	var count atomic.Uint64
	end := time.Now().Add(4 * impatient().Patience)
	o := impatient()
	o.Progress = count.Load
	err := bubble.Run(func() {
		for count.Add(1); count.Load()%1000 != 0 || !past(end); count.Add(1) {
			runtime.Gosched()
		}
	}, o)
	if err != nil {
		t.Errorf("given up although it made progress: %v", err)
	}
}

// past asks the wall clock, which a bubble hides, by the age of a process-wide monotonic base.
func past(end time.Time) bool { return wallNow().After(end) }

func TestNested(t *testing.T) {
	var inner error
	if err := bubble.Run(func() { inner = bubble.Run(func() {}, bubble.Options{}) }, bubble.Options{}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(inner, bubble.ErrNested) {
		t.Errorf("got %v, want ErrNested", inner)
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
	if got, want := string(out), "1h0m0s <nil>\npanic: contained\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInsideGinkgo(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "bubble")
}

var _ = ginkgo.Describe("a bubble inside a spec", func() {
	ginkgo.It("has virtual time", func() {
		start := time.Now()
		gomega.Expect(bubble.Run(func() { time.Sleep(time.Hour) }, bubble.Options{})).To(gomega.Succeed())
		gomega.Expect(time.Since(start)).To(gomega.BeNumerically("<", time.Hour))
	})
	ginkgo.It("brings a failing assertion back as an error", func() {
		err := bubble.Run(func() {
			g := gomega.NewGomega(func(string, ...int) { runtime.Goexit() })
			g.Expect(1).To(gomega.Equal(2))
		}, bubble.Options{})
		gomega.Expect(err).To(gomega.BeAssignableToTypeOf(&bubble.ExitError{}))
	})
})

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
