//go:build unix

package serve_test

import (
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
	// none for the server's.
	var files []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		files = append(files, f)
	}
	if len(files) < 3 {
		t.Fatalf("only %d files could be opened", len(files))
	}
	var conns []net.Conn
	for i, address := range []string{strings.TrimPrefix(r.urls[0], "http://"), strings.TrimPrefix(r.admin, "http://")} {
		_ = files[i].Close()
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	failed := func() bool {
		return slices.ContainsFunc(r.Timeline().Events, func(e timeline.Event) bool {
			return e.Kind == timeline.HarnessFailed && strings.Contains(e.Text, "too many open files")
		})
	}
	until(t, "the timeline says that descriptors have run out", failed)
	time.Sleep(100 * time.Millisecond) // in which accepting fails a few times more
	for _, f := range files[2:] {
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
	if said != 1 {
		t.Errorf("it is said %d times, want once", said)
	}
}
