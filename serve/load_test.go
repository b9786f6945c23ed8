package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// These tests look at the whole process, its memory, its goroutines and its descriptors, so none
// of them is parallel.

// descriptors returns how many files and sockets the process has open, or 0 if that cannot be
// seen.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// zeros is an endless body.
type zeros struct{ read atomic.Int64 }

func (z *zeros) Read(b []byte) (int, error) {
	clear(b)
	z.read.Add(int64(len(b)))
	return len(b), nil
}

// TestABodyOfAGibibyte checks that a request of 1 GiB gets the vendor's 413, whether it announces
// its length or not, and that no more of it is held than the vendor would read.
func TestABodyOfAGibibyte(t *testing.T) {
	const size = 1 << 30
	for _, protocol := range protocol.All() {
		for _, announced := range []bool{true, false} {
			o := only()
			o.Providers[0].Protocol = protocol
			r := onLoopback(t, o)
			sent := &zeros{}
			req := r.askOf(t.Context(), t, protocol, func(req *http.Request) {
				req.Body, req.GetBody, req.ContentLength = io.NopCloser(io.LimitReader(sent, size)), nil, -1
				if announced {
					req.ContentLength = size
				}
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			status, text, err := r.do(t, req)
			runtime.ReadMemStats(&after)
			if err != nil || status != http.StatusRequestEntityTooLarge ||
				!strings.Contains(golden(t, protocol.Name(), "error-413"), strings.TrimSpace(text[:20])) {
				t.Fatalf("%s, announced %t: got %d %q, %v", protocol.Name(), announced, status, text, err)
			}
			// All that was ever allocated, not what is held at once: 32 MB in a buffer that grows
			// on its way there, and nothing worth mentioning where the length says it all.
			limit := uint64(256 << 20)
			if announced {
				limit = 4 << 20
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > limit {
				t.Errorf("%s, announced %t: %d MB were allocated, want %d at most", protocol.Name(), announced, got>>20,
					limit>>20)
			}
			if got := sent.read.Load(); got > 128<<20 {
				t.Errorf("%s, announced %t: %d MB were sent, so the answer came late", protocol.Name(), announced,
					got>>20)
			}
		}
	}
}

// TestSlowLoris checks that a client that sends its request byte by byte loses its connection in
// bounded time, with the vendor's 408 if it got as far as the body, and that others are served
// meanwhile.
func TestSlowLoris(t *testing.T) {
	const head = "POST /v1/chat/completions HTTP/1.1\r\nHost: provider.test\r\nAuthorization: Bearer sk-any\r\n"
	const probe = "POST /v1/messages/count_tokens HTTP/1.1\r\nHost: provider.test\r\nContent-Length: 1000000\r\n\r\n"
	tests := []struct {
		name, first, drip string
		protocol          fakeprovider.Protocol
		within            time.Duration
		answer            string
	}{
		{"header", head, "X: y\r\n", protocol.OpenAIChat{}, 10 * time.Second, ""},
		{"body", head + "Content-Length: 1000000\r\n\r\n", "{", protocol.OpenAIChat{}, time.Minute, "HTTP/1.1 408 "},
		{"probe", probe, " ", protocol.AnthropicMessages{}, 5 * time.Second, "HTTP/1.1 408 "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := only()
				o.Providers[0].Protocol = tt.protocol
				r := inMemory(t, o)
				conn, err := r.network.DialContext(t.Context(), "tcp", "primary.test:80")
				if err != nil {
					t.Fatal(err)
				}
				var slow sync.WaitGroup
				defer slow.Wait()
				defer conn.Close()
				began := time.Now()
				slow.Go(func() {
					for text := tt.first; ; text = tt.drip {
						if _, err := conn.Write([]byte(text)); err != nil {
							return
						}
						time.Sleep(1007 * time.Millisecond) // virtual time, off the round deadlines
					}
				})
				other := r.askOf(t.Context(), t, tt.protocol)
				if status, _, err := r.do(t, other); status != http.StatusOK || err != nil {
					t.Errorf("another client got %d, %v", status, err)
				}
				answer, readErr := io.ReadAll(conn)
				if !strings.HasPrefix(string(answer), tt.answer) || (tt.answer == "" && len(answer) > 0) {
					t.Errorf("the slow client got %.80q, %v, want %q", answer, readErr, tt.answer)
				}
				if took := time.Since(began); took > tt.within+2*time.Second || took < tt.within-time.Second {
					t.Errorf("it was dropped after %s, want %s", took, tt.within)
				}
			})
		})
	}
}

// idleConnections returns how many connections the machine allows, ten thousand at most. Each
// takes two descriptors, because both ends are in this process.
func idleConnections(t *testing.T) int {
	t.Helper()
	n := 10_000
	if raceDetector || testing.Short() {
		n = 500 // the detector takes ten times the memory for each goroutine
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(uint64(n), (limit.Cur-min(limit.Cur, 400))/2))
}

func TestIdleConnections(t *testing.T) {
	n := idleConnections(t)
	if n < 100 {
		t.Skipf("only %d connections are allowed", n)
	}
	r := onLoopback(t, only(fakeprovider.Healthy{TTFT: time.Millisecond, ITL: time.Millisecond}))
	address := strings.TrimPrefix(r.urls[0], "http://")
	goroutines, files, memory := runtime.NumGoroutine(), descriptors(), held()
	conns := make([]net.Conn, n)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < n; i += 8 {
				conns[i] = idle(t, address)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	if status, _, err := r.do(t, r.ask(t.Context(), t)); status != http.StatusOK || err != nil {
		t.Errorf("beside %d idle connections a request got %d, %v", n, status, err)
	}
	each := (held() - memory) / int64(n)
	t.Logf("%d idle connections hold %d bytes each, both sides", n, each)
	if !raceDetector && each > 32<<10 {
		t.Errorf("an idle connection holds %d bytes, want 32 kB at most", each)
	}
	for _, conn := range conns {
		conn.Close()
	}
	until(t, "the goroutines of the idle connections end",
		func() bool { return runtime.NumGoroutine() < goroutines+n/20+10 })
	until(t, "their descriptors are closed", func() bool { return descriptors() < files+n/20+10 })
}

// idle returns a connection that has sent one request, for a path that no journal keeps, and is
// idle now. TestSlowLoris shows that one without a request is dropped within seconds.
func idle(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	fmt.Fprint(conn, "GET /v1/models HTTP/1.1\r\nHost: provider.test\r\n\r\n")
	if _, err := conn.Read(make([]byte, 4096)); err != nil {
		t.Error(err)
	}
	return conn
}

// held returns the memory in use, in bytes: heap and stacks.
func held() int64 {
	runtime.GC() //nolint:revive // what could be collected is not held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// TestTenThousandRequests checks that ten thousand requests, half of them aborted, leave no
// goroutine and no descriptor behind, and in memory only what the rings hold.
func TestTenThousandRequests(t *testing.T) {
	requests := 10_000
	if raceDetector || testing.Short() {
		requests = 2_000 // the detector makes each ten times as slow
	}
	goroutines, files := runtime.NumGoroutine(), descriptors()
	o := only(fakeprovider.Script{
		fakeprovider.Text{Value: "one two"}, fakeprovider.Wait{For: 3 * time.Millisecond}, fakeprovider.Finish{},
	})
	o.EventLimit, o.JournalLimit = 500, 50
	r := onLoopback(t, o)
	var wg sync.WaitGroup
	queue := make(chan int)
	for range 16 {
		wg.Go(func() {
			for i := range queue {
				ctx, cancel := context.WithCancel(t.Context())
				resp, err := r.client.Do(r.ask(ctx, t))
				if err == nil {
					if i%2 == 0 {
						cancel()
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				cancel()
			}
		})
	}
	for i := range requests {
		queue <- i
	}
	close(queue)
	wg.Wait()
	until(t, "every exchange is over", func() bool { return r.Open() == 0 })
	if got := len(r.Timeline().Events); got > 500 {
		t.Errorf("the timeline holds %d events, want 500 at most", got)
	}
	entries, dropped := r.Journal()
	if len(entries) != 50 || dropped != requests-50 || entries[49].Seq != requests {
		t.Errorf("the journal holds %d requests and let %d go, the last is %d", len(entries), dropped, entries[49].Seq)
	}
	_, metrics := r.call(t, http.MethodGet, "/metrics", "")
	for _, want := range []string{
		fmt.Sprintf("chaosrun_requests_total{provider=\"primary\",fault=\"script\"} %d\n", requests),
		"chaosrun_open_exchanges{provider=\"primary\"} 0\n",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %q:\n%s", want, metrics)
		}
	}
	r.client.CloseIdleConnections()
	r.Close()
	until(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	until(t, "the descriptors are closed", func() bool { return descriptors() <= files+2 })
}

// TestADisconnectInVirtualTime checks that a disconnect is recorded at its very instant, over
// HTTP/1.1 and HTTP/2.
func TestADisconnectInVirtualTime(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			o := only(fault.HeartbeatOnly{})
			if h2 {
				o.TLS, _ = certificate(t, "primary.test")
			}
			r := inMemory(t, o)
			trust(t, r, h2)
			ctx, cancel := context.WithTimeout(t.Context(), 17*time.Minute)
			defer cancel()
			began := time.Now()
			resp, err := r.client.Do(r.ask(ctx, t))
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{false: 1, true: 2}[h2]; resp.ProtoMajor != want {
				t.Errorf("it is HTTP/%d, want %d", resp.ProtoMajor, want)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if took := time.Since(began); took != 17*time.Minute {
				t.Fatalf("the client went after %s", took)
			}
			synctest.Wait()
			entries, _ := r.Journal()
			if entries[0].Ending != timeline.ClientDisconnected.String() ||
				entries[0].EndedAt.Duration() != 17*time.Minute {
				t.Errorf("HTTP/2 %t: recorded %s at %s, want it at 17m", h2, entries[0].Ending, entries[0].EndedAt)
			}
		})
	}
}

// TestADisconnectOnTCP checks how late a disconnect is recorded on TCP. The kernel tells the
// server and the scheduler decides when it looks, so a single one may be late on a busy machine:
// the median may take 100 ms, and the latest a second.
func TestADisconnectOnTCP(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		o := only(fault.Silence{})
		if h2 {
			o.TLS, _ = certificate(t, "127.0.0.1")
		}
		r := onLoopback(t, o)
		trust(t, r, h2)
		const n = 25
		var took []time.Duration
		for i := range n {
			ctx, cancel := context.WithCancel(t.Context())
			resp, err := r.client.Do(r.ask(ctx, t))
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{false: 1, true: 2}[h2]; resp.ProtoMajor != want {
				t.Errorf("it is HTTP/%d, want %d", resp.ProtoMajor, want)
			}
			gone := time.Now()
			cancel()
			resp.Body.Close()
			lane := timeline.ProviderLane("primary", 0, i+1)
			until(t, "the disconnect is recorded",
				func() bool { return slices.Contains(r.kinds(lane), timeline.ClientDisconnected) })
			took = append(took, time.Since(gone))
		}
		slices.Sort(took)
		if took[n/2] > 100*time.Millisecond || took[n-1] > time.Second {
			t.Errorf("HTTP/2 %t: disconnects were recorded after %s to %s, half of them within %s", h2, took[0],
				took[n-1], took[n/2])
		}
	}
}

// TestAClientThatDoesNotRead checks that a client that does not read keeps nothing from ending.
func TestAClientThatDoesNotRead(t *testing.T) {
	flood := fakeprovider.Script{
		fakeprovider.Repeat{Steps: fakeprovider.Script{fakeprovider.Raw{Value: strings.Repeat("x", 1<<16)}}},
	}
	ends := map[string]func(*rig){
		"reset": func(r *rig) { r.Reset() },
		"close": func(r *rig) { r.Close() },
	}
	for name, end := range ends {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, only(flood))
			conn, err := r.network.DialContext(t.Context(), "tcp", "primary.test:80")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var request bytes.Buffer
			if err := r.ask(t.Context(), t).Write(&request); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write(request.Bytes()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour) // virtual time
			if r.Open() != 1 {
				t.Errorf("%d exchanges are under way, want 1", r.Open())
			}
			began := time.Now()
			end(r)
			if took := time.Since(began); took > time.Second || r.Open() != 0 {
				t.Errorf("%s took %s and left %d under way", name, took, r.Open())
			}
		})
	}
}

// TestLongThingsAreClipped checks that what a client sends may be long, and what is kept of it is
// not.
func TestLongThingsAreClipped(t *testing.T) {
	r := onLoopback(t, only())
	long := strings.Repeat("long", 1<<18)
	req := r.ask(t.Context(), t, func(req *http.Request) {
		req.Body = io.NopCloser(strings.NewReader(strings.Replace(body(long, false), "end", long, 1)))
		req.ContentLength, req.GetBody = -1, nil
		req.URL.RawQuery = "a=" + long[:1<<14]
		for i := range 200 {
			req.Header.Set(fmt.Sprintf("X-Header-%d", i), long[:100])
		}
		req.Header.Set("X-Long", long[:1<<14])
	})
	if status, _, err := r.do(t, req); status != http.StatusOK || err != nil {
		t.Fatalf("got %d, %v", status, err)
	}
	entries, _ := r.Journal()
	e := entries[0]
	if len(e.Model) > 1100 || len(e.Prompt) > 1100 || len(e.Query) > 1100 || len(e.Headers) > 64 {
		t.Errorf("kept are %d of the model, %d of the prompt, %d of the query, %d headers", len(e.Model), len(e.Prompt),
			len(e.Query), len(e.Headers))
	}
	for _, e := range r.Timeline().Events {
		if len(e.Text) > timeline.RingTextLimit+3 {
			t.Errorf("an event has a text of %d bytes", len(e.Text))
		}
	}
}
