package bubble

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const dump = `goroutine 7 [chan receive (durable), 3 minutes, locked to thread, synctest bubble 5]:
runtime.gopark(0x1, 0x2)
	/usr/lib/go/src/runtime/proc.go:435 +0xce
...3 frames elided...
engine.(*Engine).wait[...](0xc000010000, {0x1, 0x2})
	/home/u/engine/wait.go:42 +0x1d
created by engine.New in goroutine 1
	/home/u/engine/engine.go:10 +0x2f

goroutine 8 [sync.Mutex.Lock]:
internal/sync.(*Mutex).lockSlow(0xc000012345)
	/usr/lib/go/src/internal/sync/mutex.go:149 +0x15d
created by time.goFunc
	/usr/lib/go/src/time/sleep.go:215 +0x2d

goroutine 9 gp=0xc000 m=nil mp=nil [runnable (scan), synctest bubble 6]:
	goroutine running on other thread; stack unavailable
created by main.main in goroutine 1
	C:/src/app/main.go:3 +0x2d

not a goroutine
`

func TestParse(t *testing.T) {
	want := []Goroutine{
		{
			ID: 7, State: "chan receive", Func: "engine.(*Engine).wait[...]", File: "engine/wait.go", Line: 42,
			bubble: 5, durable: true,
		},
		{ID: 8, State: "sync.Mutex.Lock", Func: "internal/sync.(*Mutex).lockSlow", File: "sync/mutex.go", Line: 149},
		{ID: 9, State: "runnable", Func: "main.main", File: "app/main.go", Line: 3, bubble: 6},
	}
	diff := cmp.Diff(parse(dump), want, cmp.AllowUnexported(Goroutine{}), cmpopts.IgnoreFields(Goroutine{}, "Stack"))
	if diff != "" {
		t.Errorf("parse (-got +want):\n%s", diff)
	}
}

// TestFrames finds the frame of whoever waits, however deep below it the wait is.
func TestFrames(t *testing.T) {
	first := parse(dump)[0]
	diff := cmp.Diff(first.Functions(), []string{"runtime.gopark", "engine.(*Engine).wait[...]", "engine.New"})
	if diff != "" {
		t.Errorf("Functions (-got +want):\n%s", diff)
	}
	if !first.Durable() || parse(dump)[1].Durable() {
		t.Error("the first one waits durably, the second does not")
	}
	starter := first.At(func(function string) bool { return function == "engine.New" })
	if starter.Place() != "[chan receive] in engine.New at engine/engine.go:10" {
		t.Errorf("it was started by %s", starter.Place())
	}
	if nobody := first.At(func(string) bool { return false }); nobody.Place() != first.Place() {
		t.Errorf("without a wanted frame it is %s, want %s", nobody.Place(), first.Place())
	}
}

func TestCause(t *testing.T) {
	tests := map[string]Cause{
		"IO wait": RealIO, "syscall": RealIO, "sync.Mutex.Lock": Mutex, "sync.RWMutex.RLock": Mutex,
		"semacquire": Mutex,
		"chan send":  Outside, "select": Outside, "sync.WaitGroup.Wait": Outside, "running": Spin, "runnable": Spin,
		"GC assist wait": "", "garbage collection": "",
	}
	for state, want := range tests {
		if got := (Goroutine{State: state}).cause(); got != want {
			t.Errorf("%s: got %q, want %q", state, got, want)
		}
	}
	if got := (Goroutine{State: "chan receive", durable: true}).cause(); got != "" {
		t.Errorf("a durable wait: got %q, want none", got)
	}
}

// TestSuspicion: who waits must stay the same from look to look, who spins may take turns.
func TestSuspicion(t *testing.T) {
	look := func(state string, ids ...int) (gs []Goroutine) {
		for _, id := range ids {
			gs = append(gs, Goroutine{ID: id, State: state})
		}
		return gs
	}
	tests := map[string]struct {
		looks [][]Goroutine
		want  int
	}{
		"same waiter": {[][]Goroutine{look("IO wait", 1, 2), look("IO wait", 2, 3), look("IO wait", 2)}, 3},
		"other waiters": {
			[][]Goroutine{look("sync.Mutex.Lock", 1), look("sync.Mutex.Lock", 2), look("sync.Mutex.Lock", 3)}, 1,
		},
		"spinners by turns":  {[][]Goroutine{look("running", 1), look("runnable", 2), look("runnable", 1)}, 3},
		"nothing in between": {[][]Goroutine{look("running", 1), nil, look("running", 1)}, 1},
		"another cause":      {[][]Goroutine{look("running", 1), look("running", 1), look("IO wait", 1)}, 1},
		"nothing in the end": {[][]Goroutine{look("running", 1), look("GC assist wait", 1)}, 0},
		"waiter among others": {
			[][]Goroutine{append(look("running", 7), look("IO wait", 1)...), look("IO wait", 1)}, 2,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var s suspicion
			for _, all := range test.looks {
				s = s.next(all)
			}
			if s.confirmed != test.want {
				t.Errorf("confirmed %d times, want %d", s.confirmed, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(dump)
	f.Add("goroutine 1 [running]:")
	f.Add("goroutine 1 [a, synctest bubble 99999999999999999999]:\n\t:\n\t:9 +0x")
	f.Add(string(debug.Stack()))
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range parse(s) {
			if !strings.Contains(s, g.Stack) || !strings.HasPrefix(g.Stack, "goroutine ") || g.bubble < 0 ||
				g.Line < 0 {
				t.Errorf("%+v", g)
			}
			_, _ = g.Place(), g.cause()
		}
		_ = origin(s)
	})
}
