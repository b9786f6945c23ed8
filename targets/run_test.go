package targets

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// stalls is a scenario that takes a second: a primary that sends heartbeats alone, and a fallback.
const stalls = `
scenario: stalls
deadline: 10s
providers:
  - {name: primary, on_request: [{heartbeat-only: {every: 100ms}}]}
  - {name: secondary, on_request: [healthy]}
limits: {time_to_fallback: 2s}
expect: [time_to_fallback, {answer: {from: secondary}}]
`

func parseScenario(t *testing.T, text string) scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load("stalls.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parseTarget(t *testing.T, text string) *Target {
	t.Helper()
	target, err := Load(scenarios.Shipped(), "x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func parseTargetFile(t *testing.T, path string) *Target {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	target, err := Load(scenarios.Shipped(), path, data)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// runVariant makes one run over the wall clock.
func runVariant(t *testing.T, target *Target, o Options, scenario string) *harness.Trial {
	t.Helper()
	variants, err := target.Variants(o)
	if err != nil || len(variants) != 1 {
		t.Fatalf("got %d variants, %v", len(variants), err)
	}
	return harness.RunScenario(parseScenario(t, scenario), variants[0].Factory,
		append(variants[0].Options, harness.WithClock(harness.Wall()))...)
}

// runningGateway is the target of a gateway that runs already, whose upstreams are at two ports.
func runningGateway(t *testing.T, c chat) (target *Target, resets *atomic.Int64) {
	t.Helper()
	ports := []string{freePort(t), freePort(t)}
	for _, port := range ports {
		c.upstreams = append(c.upstreams, "http://127.0.0.1:"+port+"/v1")
	}
	resets = &atomic.Int64{}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/reset" {
			resets.Add(1)
			return
		}
		c.ServeHTTP(w, r)
	}))
	t.Cleanup(gateway.Close)
	return parseTarget(t, fmt.Sprintf(`
target: running
kind: gateway
upstreams: [{listen: "127.0.0.1:%s"}, {listen: "127.0.0.1:%s"}]
call: {base_url: "%s/v1", model: primary, key: sk-any}
between_runs: {post: /reset}
limits: {call: 3s}
`, ports[0], ports[1], gateway.URL)), resets
}

// A gateway that runs already is judged, and reset between two runs. It takes real time, up to the
// 3 s at which the call of the wrong gateway is cut.
func TestARunningGateway(t *testing.T) {
	t.Parallel()
	good, resets := runningGateway(t, chat{patience: 500 * time.Millisecond})
	variants, err := good.Variants(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		run := harness.RunScenario(parseScenario(t, stalls), variants[0].Factory,
			append(variants[0].Options, harness.WithClock(harness.Wall()))...)
		if run.Verdict() != assertions.Passed {
			t.Errorf("run %d of the right gateway: %s %+v\n%s", i+1, run.Verdict(), run.Judgement, run.Timeline)
		}
		if got := resets.Load(); got != int64(i) {
			t.Errorf("there were %d resets after run %d", got, i+1)
		}
	}
	bad, _ := runningGateway(t, chat{})
	if run := runVariant(t, bad, Options{}, stalls); run.Verdict() != assertions.Failed {
		t.Errorf("a gateway without a watchdog: %s %+v\n%s", run.Verdict(), run.Judgement, run.Timeline)
	}
}

// What a target cannot be told of is skipped, and what cannot be started is unknown, each with its
// reason. No run takes time.
func TestRunsThatAreNotMade(t *testing.T) {
	one := "scenario: one\nproviders: [{name: primary, on_request: [healthy]}]\nexpect: [answer]\n"
	three := strings.Replace(stalls, "limits:", "  - {name: third, on_request: [healthy]}\nlimits:", 1)
	fixed := `
target: x
kind: gateway
upstreams: [{listen: "127.0.0.1:0"}, {listen: "127.0.0.1:0"}]
start: {command: [nowhere-to-be-found]}
call: {base_url: "{{url}}", key: "${NOT_SET_ANYWHERE}"}
`
	named := `
target: x
kind: gateway
start: {command: [gw, "{{upstream.%s.url}}"]}
call: {base_url: "{{url}}"}
`
	for _, tt := range []struct{ target, scenario, skipped string }{
		{fixed, one, "the target has 2 upstreams, but the scenario has 1"},
		{fixed, three, "it has 3 providers, and the target has addresses for 2"},
		{fmt.Sprintf(named, "2"), three, "the target names 2 upstreams, but the scenario has 3"},
		{fmt.Sprintf(named, "4"), three, "the target names 4 upstreams, but the scenario has 3"},
		{
			fmt.Sprintf(named, "fourth"), three,
			"the target names the provider fourth, but the scenario has none of that name",
		},
	} {
		if run := runVariant(t, parseTarget(t, tt.target), Options{}, tt.scenario); run.Skipped() != tt.skipped {
			t.Errorf("got %q (%+v), want %q", run.Skipped(), run.Judgement, tt.skipped)
		}
	}
}
