//go:build unix

package serve_test

import (
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// TestDescriptorsRunOutAndComeBack takes all descriptors of the process away, and checks that
// providers and the admin API serve again once they are back. The timeline says whose fault it was.
func TestDescriptorsRunOutAndComeBack(t *testing.T) { //nolint:paralleltest // it changes a limit of the whole process
	if descriptors() == 0 {
		t.Skip("how many descriptors are open cannot be seen on this system")
	}
	r := onLoopback(t, only())
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	restore := func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}
	defer restore()
	limited := before
	limited.Cur = uint64(descriptors()) + 20
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limited); err != nil {
		t.Fatal(err)
	}
	// The last descriptors are files, so that there is one for the client's end of a connection and
	// none for the server's. Others of this process may come and go meanwhile.
	var files []*os.File
	take := func() {
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				return
			}
			files = append(files, f)
		}
	}
	var conns []net.Conn
	dial := func(origin string) {
		for {
			if len(files) == 0 {
				t.Fatal("no descriptor is left for a client")
			}
			_ = files[0].Close()
			files = files[1:]
			conn, err := net.Dial("tcp", strings.TrimPrefix(origin, "http://"))
			if errors.Is(err, syscall.EMFILE) { // a server that tries again took it
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
			return
		}
	}
	failed := func() bool {
		return slices.ContainsFunc(r.Timeline().Events, func(e timeline.Event) bool {
			return e.Kind == timeline.HarnessFailed && strings.Contains(e.Text, "too many open files")
		})
	}
	until(t, "the timeline says that descriptors have run out", func() bool {
		if failed() {
			return true
		}
		take()
		dial(r.urls[0])
		time.Sleep(20 * time.Millisecond) // in which it is accepted, or not
		return failed()
	})
	asked := len(conns)
	dial(r.admin)
	time.Sleep(100 * time.Millisecond) // in which accepting fails a few times more
	for _, f := range files {
		_ = f.Close()
	}
	restore()
	for _, conn := range conns {
		_ = conn.Close()
	}
	if status, _, err := r.do(t, r.ask(t.Context(), t)); status != http.StatusOK || err != nil {
		t.Errorf("afterwards a request got %d, %v", status, err)
	}
	if status, _ := r.call(t, http.MethodGet, "/v1/providers", ""); status != http.StatusOK {
		t.Errorf("afterwards the admin API answers %d", status)
	}
	said := 0
	for _, e := range r.Timeline().Events {
		if e.Kind == timeline.HarnessFailed {
			said++
		}
	}
	// Once for each connection at most, however often it is tried; there may be more than one if
	// a descriptor was free meanwhile.
	if said < 1 || said > asked {
		t.Errorf("it is said %d times, for %d connections", said, asked)
	}
}
