package fault_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestHugeEvent(t *testing.T) {
	t.Parallel()
	shows(t, fault.HugeEvent{}, "| 8000", "xxxx", "data: [DONE]", "whole")
	bounds(t, fault.HugeEvent{})
	undoes(t, fault.HugeEvent{}, hugeOnce)
	refuses(t, fault.HugeEvent{Size: 1<<40 + 1}, "")
}

// hugeOnce takes away one padding of the default size.
func hugeOnce(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	padding := `,"padding":"` + strings.Repeat("x", 64<<10+1) + `"`
	if n := strings.Count(got.Body, padding); n != 1 {
		t.Errorf("%d events are huge, want 1", n)
	}
	return strings.Replace(got.Body, padding, "", 1)
}

// A drainOut is a http.ResponseWriter that counts what is written to it.
type drainOut struct {
	header http.Header
	bytes  int
}

func (d *drainOut) Header() http.Header { return d.header }

func (d *drainOut) WriteHeader(int) {}

func (d *drainOut) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

func (d *drainOut) Flush() {}

// TestAHugeEventTakesNoMemory streams an event of 1 GiB and looks at all that was allocated
// meanwhile.
func TestAHugeEventTakesNoMemory(t *testing.T) {
	const size, most = 1 << 30, 8 << 20
	for _, stream := range []bool{true, false} {
		p := fakeprovider.New(fakeprovider.Options{
			Protocol:  protocol.OpenAIChat{},
			OnRequest: []fakeprovider.Fault{fakeprovider.Together{fault.HugeEvent{Size: size}, fault.CRLF{}}},
			Scale:     1e-6,
		})
		if !stream {
			p.OnRequest(fault.HugeEvent{Size: size})
		}
		w := &drainOut{header: http.Header{}}
		r := rig.Ask(t.Context(), t, "http://provider.test/v1/chat/completions", stream)
		r = httptest.NewRequestWithContext(t.Context(), r.Method, r.URL.String(), r.Body)
		r.Header.Set("Authorization", "Bearer sk-secret")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		p.Close()
		if w.bytes < size {
			t.Errorf("%d bytes were sent, want more than %d", w.bytes, size)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%d bytes were allocated for it, want %d at most", got, most)
		}
	}
}
