package serve

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"

	"github.com/chaosrun/chaosrun/timeline"
)

// counters are the numbers of /metrics. A reset does not change them, as Prometheus wants it.
// They are safe for concurrent use.
type counters struct {
	mu          sync.Mutex
	requests    map[served]uint64
	open        map[string]int
	disconnects map[string]uint64
	refused     map[string]uint64 // by the guard; "" is the admin API
}

// served is a provider and the fault that a request got.
type served struct{ provider, fault string }

func newCounters() *counters {
	return &counters{
		requests: map[served]uint64{}, open: map[string]int{}, disconnects: map[string]uint64{},
		refused: map[string]uint64{},
	}
}

// foreign counts a request that the guard has refused.
func (c *counters) foreign(provider string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[provider]++
}

func (c *counters) begin(provider, fault string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[served{provider, fault}]++
	c.open[provider]++
}

func (c *counters) end(provider string, ending timeline.Kind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[provider]--
	if ending == timeline.ClientDisconnected {
		c.disconnects[provider]++
	}
}

func (c *counters) underWay() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, open := range c.open {
		n += open
	}
	return n
}

// received returns how many requests a provider received, and how many of them are under way.
func (c *counters) received(provider string) (requests uint64, open int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s, n := range c.requests {
		if s.provider == provider {
			requests += n
		}
	}
	return requests, c.open[provider]
}

// write writes the counters of all providers in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
func (c *counters) write(w io.Writer, providers []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	family := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	family("chaosrun_requests_total", "counter", "Requests received, by provider and by the fault that they got.")
	for _, s := range slices.SortedFunc(maps.Keys(c.requests), func(a, b served) int {
		return cmp.Or(cmp.Compare(a.provider, b.provider), cmp.Compare(a.fault, b.fault))
	}) {
		fmt.Fprintf(&b, "chaosrun_requests_total{provider=%s,fault=%s} %d\n", label(s.provider), label(s.fault),
			c.requests[s])
	}
	family("chaosrun_open_exchanges", "gauge", "Exchanges under way, by provider.")
	for _, p := range providers {
		fmt.Fprintf(&b, "chaosrun_open_exchanges{provider=%s} %d\n", label(p), c.open[p])
	}
	family("chaosrun_client_disconnects_total", "counter", "Exchanges that the client broke off, by provider.")
	for _, p := range providers {
		fmt.Fprintf(&b, "chaosrun_client_disconnects_total{provider=%s} %d\n", label(p), c.disconnects[p])
	}
	family("chaosrun_foreign_requests_total", "counter",
		"Requests of web pages that were refused, by provider; the admin API has none.")
	for _, p := range append([]string{""}, providers...) {
		fmt.Fprintf(&b, "chaosrun_foreign_requests_total{provider=%s} %d\n", label(p), c.refused[p])
	}
	writeProcess(&b, family)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeProcess writes what the whole process holds, in the names of Prometheus' own client for Go.
func writeProcess(b *strings.Builder, family func(name, kind, help string)) {
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(samples)
	for i, gauge := range [][2]string{
		{"go_goroutines", "Goroutines that exist."},
		{"go_memstats_heap_alloc_bytes", "Memory in use on the heap, and what has not been collected yet."},
		{"go_memstats_stack_inuse_bytes", "Memory in use for stacks."},
		{"go_memstats_sys_bytes", "Memory taken from the system."},
	} {
		family(gauge[0], "gauge", gauge[1])
		fmt.Fprintf(b, "%s %d\n", gauge[0], samples[i].Value.Uint64())
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		family("process_open_fds", "gauge", "Open files and sockets.")
		fmt.Fprintf(b, "process_open_fds %d\n", len(open))
	}
}

// label returns a label's value, quoted.
func label(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
