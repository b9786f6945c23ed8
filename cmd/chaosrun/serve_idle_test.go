//go:build linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Ten thousand clients that have asked once and wait cost a process of its own its sockets, some
// memory, and nobody else's service.
func TestServeTenThousandIdleConnections(t *testing.T) {
	const n, limit = 10_000, 32 << 10 // bytes for each, as package serve holds them
	if testing.Short() {
		t.Skip("ten thousand connections are no short test")
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if files.Cur < n+200 {
		t.Skipf("this machine allows %d descriptors; each connection takes one on either side", files.Cur)
	}
	s := start(t, "primary=healthy,itl=1ms,ttft=1ms")
	before := s.resident(t)
	address := strings.TrimSuffix(strings.TrimPrefix(s.env["OPENAI_BASE_URL"], "http://"), "/v1")
	conns := make([]net.Conn, n)
	t.Cleanup(func() {
		for _, conn := range conns {
			if conn != nil {
				conn.Close()
			}
		}
	})
	var wg sync.WaitGroup
	const workers = 8
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < n && !t.Failed(); i += workers {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				conns[i] = conn
				fmt.Fprint(conn, "GET /v1/models HTTP/1.1\r\nHost: provider.test\r\n\r\n")
				if _, err := conn.Read(make([]byte, 4096)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if resp := s.ask(t, http.DefaultClient, "m"); resp.StatusCode != http.StatusOK {
		t.Errorf("beside %d idle connections a request got %d", n, resp.StatusCode)
	}
	each := (s.resident(t) - before) / n
	t.Logf("an idle connection takes %d bytes", each)
	if !raceDetector && each > limit {
		t.Errorf("an idle connection takes %d bytes, want %d at most", each, limit)
	}
}

// resident is the process's memory, in bytes.
func (s *served) resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	kilobytes := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if kilobytes == nil {
		t.Fatalf("the process's memory is not in %s", status)
	}
	n, err := strconv.Atoi(string(kilobytes[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}
