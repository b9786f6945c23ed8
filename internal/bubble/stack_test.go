package bubble

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const dump = `goroutine 7 [chan receive (durable), 3 minutes, synctest bubble 5]:
runtime.gopark(0x1, 0x2)
	/usr/lib/go/src/runtime/proc.go:435 +0xce
engine.(*Engine).wait(0xc000010000, {0x1, 0x2})
	/home/u/engine/wait.go:42 +0x1d
created by engine.New in goroutine 1
	/home/u/engine/engine.go:10 +0x2f

goroutine 8 [sync.Mutex.Lock]:
internal/sync.(*Mutex).lockSlow(0xc000012345)
	/usr/lib/go/src/internal/sync/mutex.go:149 +0x15d
created by time.goFunc
	/usr/lib/go/src/time/sleep.go:215 +0x2d

not a goroutine
`

func TestParse(t *testing.T) {
	want := []Goroutine{
		{ID: 7, State: "chan receive", Func: "engine.(*Engine).wait", File: "engine/wait.go", Line: 42, bubble: 5, durable: true},
		{ID: 8, State: "sync.Mutex.Lock", Func: "internal/sync.(*Mutex).lockSlow", File: "sync/mutex.go", Line: 149},
	}
	if diff := cmp.Diff(parse(dump), want, cmp.AllowUnexported(Goroutine{}), cmpopts.IgnoreFields(Goroutine{}, "Stack")); diff != "" {
		t.Errorf("parse (-got +want):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(dump)
	f.Add("goroutine 1 [running]:")
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range parse(s) {
			if g.Stack == "" || g.Place() == "" {
				t.Errorf("a goroutine without stack or place: %+v", g)
			}
		}
	})
}
