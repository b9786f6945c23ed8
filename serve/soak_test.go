package serve_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

var (
	soakFor  = flag.Duration("soak", 0, "how long TestSoak asks; 0 skips it")
	soakRate = flag.Int("soak-rate", 200, "how many requests TestSoak sends in a second")
)

// soaked is what a process holds, as /metrics says.
type soaked struct{ goroutines, heap, stacks, system, files int64 }

func (s soaked) String() string {
	return fmt.Sprintf("%6d goroutines  %7.1f MB heap  %6.1f MB stacks  %7.1f MB from the system  %5d descriptors",
		s.goroutines, mega(s.heap), mega(s.stacks), mega(s.system), s.files)
}

func mega(bytes int64) float64 { return float64(bytes) / (1 << 20) }

var sample = regexp.MustCompile(`(?m)^(go_[a-z_]+|process_open_fds) (\d+)$`)

// soaks reads /metrics.
func (r *rig) soaks(t *testing.T) soaked {
	t.Helper()
	_, text := r.call(t, http.MethodGet, "/metrics", "")
	found := map[string]int64{}
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		found[m[1]], _ = strconv.ParseInt(m[2], 10, 64) // digits
	}
	s := soaked{
		found["go_goroutines"], found["go_memstats_heap_alloc_bytes"], found["go_memstats_stack_inuse_bytes"],
		found["go_memstats_sys_bytes"], found["process_open_fds"],
	}
	if s.goroutines == 0 || s.heap == 0 || s.stacks == 0 || s.system == 0 {
		t.Fatalf("/metrics does not tell what the process holds:\n%s", text)
	}
	return s
}

// TestMetricsTellWhatTheProcessHolds holds /metrics against what the process can see of itself.
func TestMetricsTellWhatTheProcessHolds(t *testing.T) { //nolint:paralleltest // it looks at the whole process
	r := onLoopback(t, only(fault.Silence{}))
	before := r.soaks(t)
	if open := int64(descriptors()); open > 0 && (before.files < open-2 || before.files > open+2) {
		t.Errorf("/metrics tells of %d descriptors, and %d are open", before.files, open)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const n = 50
	for range n {
		resp, err := r.client.Do(r.ask(ctx, t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
	}
	if after := r.soaks(t); after.goroutines < before.goroutines+n ||
		(before.files > 0 && after.files < before.files+2*n) {
		t.Errorf("with %d requests under way /metrics tells of %s, before of %s", n, after, before)
	}
}

// mixed is what a soak asks for: whole answers, slow ones, errors, connections that break and
// streams that stall until the client goes.
func mixed() []string {
	return []string{
		"healthy", "healthy", "healthy,itl=20ms", "rate-limited,retry_after=1", "server-error", "overloaded",
		"heartbeat-only,every=100ms", "silence",
		"reset-mid-body", "early-end", "malformed-json", "error-after-content", "empty-answer", "latency",
		"thinking-only", "chunk-cut", "huge-event",
	}
}

// TestSoak asks some 200 times a second for mixed faults, for as long as -soak says, and patience
// of a second each. Memory, goroutines and descriptors end where they began: after a warm-up of a
// tenth of the time, in which the rings fill.
func TestSoak(t *testing.T) { //nolint:paralleltest // it looks at the whole process
	if *soakFor == 0 {
		t.Skip("it takes minutes: make soak, or -soak=10m")
	}
	faults := servableMix(t)
	r := onLoopback(t, only(fakeprovider.Healthy{Text: "hello from the primary"}))
	s := &soak{rig: r, faults: faults}
	s.play(t, *soakFor/10)
	began := s.settled(t)
	t.Logf("%8s  %7d requests  %s", "warm", s.asked.Load(), began)
	const looks = 10
	for i := range looks {
		s.play(t, *soakFor*9/10/looks)
		t.Logf("%7d%%  %7d requests  %s", (i+1)*100/looks, s.asked.Load(), r.soaks(t))
	}
	ended := s.settled(t)
	t.Logf("%8s  %7d requests  %s", "end", s.asked.Load(), ended)
	t.Logf("answers by status: %s", s.statuses())
	if ended.goroutines > began.goroutines+5 {
		t.Errorf("it began with %d goroutines and ended with %d", began.goroutines, ended.goroutines)
	}
	if ended.files > began.files+5 {
		t.Errorf("it began with %d descriptors and ended with %d", began.files, ended.files)
	}
	if limit := began.heap + began.heap/4 + 8<<20; ended.heap > limit {
		t.Errorf("it began with %.1f MB of heap and ended with %.1f, limit %.1f", mega(began.heap), mega(ended.heap),
			mega(limit))
	}
	if least := int64(float64(*soakRate) * soakFor.Seconds() / 2); s.asked.Load() < least {
		t.Errorf("only %d requests were sent, want %d at least: the machine is too busy", s.asked.Load(), least)
	}
}

// servableMix returns the mixed faults, each of which has to be known.
func servableMix(t *testing.T) []string {
	t.Helper()
	r := onLoopback(t, only())
	for _, name := range mixed() {
		req := r.ask(t.Context(), t)
		req.Header.Set("X-Chaosrun-Fault", name)
		ctx, cancel := context.WithTimeout(req.Context(), time.Second)
		resp, err := r.client.Do(req.WithContext(ctx))
		if err == nil {
			if resp.StatusCode == http.StatusBadRequest {
				text, _ := io.ReadAll(resp.Body)
				t.Errorf("%s: %s", name, text)
			}
			resp.Body.Close()
		}
		cancel()
	}
	if t.Failed() {
		t.FailNow()
	}
	return mixed()
}

// A soak asks for faults in turn.
type soak struct {
	*rig

	faults []string
	asked  atomic.Int64
	mu     sync.Mutex
	status map[int]int
}

// play asks for that long.
func (s *soak) play(t *testing.T, lasts time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	tick := time.NewTicker(time.Second / time.Duration(*soakRate))
	defer tick.Stop()
	var under sync.WaitGroup
	defer under.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			n := s.asked.Add(1)
			req := s.ask(t.Context(), t)
			req.Header.Set("X-Chaosrun-Fault", s.faults[int(n)%len(s.faults)])
			under.Go(func() { s.one(req) })
		}
	}
}

// one sends a request, reads for a second at most and goes.
func (s *soak) one(req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), time.Second)
	defer cancel()
	status := 0
	if resp, err := s.client.Do(req.WithContext(ctx)); err == nil {
		status = resp.StatusCode
		_, _ = io.Copy(io.Discard, resp.Body) // many of them break
		resp.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == nil {
		s.status = map[int]int{}
	}
	s.status[status]++
}

func (s *soak) statuses() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimPrefix(fmt.Sprint(s.status), "map")
}

// settled waits until nothing is under way, and returns what is held then.
func (s *soak) settled(t *testing.T) soaked {
	t.Helper()
	s.client.CloseIdleConnections()
	until(t, "every exchange is over", func() bool { return s.Open() == 0 })
	last := soaked{}
	until(t, "the goroutines end", func() bool {
		held()
		s.client.CloseIdleConnections()
		was := last
		last = s.soaks(t)
		time.Sleep(200 * time.Millisecond)
		return last.goroutines == was.goroutines && last.files == was.files
	})
	return last
}
