package fault_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestCutInTerminal(t *testing.T) {
	t.Parallel()
	shows(t, fault.CutInTerminal{}, `"finish_reason":"stop"`, `| data: [\r\n`, "unexpected EOF")
	bounds(t, fault.CutInTerminal{})
	undoes(t, fault.CutInTerminal{}, cutInLast)
}

// cutInLast is cutShort, and wants the cut inside the last event.
func cutInLast(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	if !errors.Is(got.Err, io.ErrUnexpectedEOF) {
		t.Errorf("it ended with %v", got.Err)
	}
	if events := strings.SplitAfter(lines(healthy), "\n\n"); len(events) > 2 { // a stream, and its last part is empty
		last := events[len(events)-2]
		if !strings.Contains(lines(got.Body), lines(healthy)[:len(lines(healthy))-len(last)]) {
			t.Error("more than the last event is broken")
		}
	}
	return cutShort(t, got, healthy)
}
