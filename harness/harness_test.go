package harness_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/failover/target"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// policy returns a shipped policy.
func policy(tb testing.TB, name string) failover.Policy {
	tb.Helper()
	p, err := failover.FindPolicy(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// ask sends one request to a provider and returns the response, as an engine of a few lines would.
func ask(ctx context.Context, u harness.Upstream) (*http.Response, error) {
	body := `{"model":"` + u.Model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+u.Key)
	req.Header.Set("Content-Type", "application/json")
	return u.HTTPClient.Do(req)
}

// engine is a target that is one function over the primary.
func engine(call func(ctx context.Context, primary harness.Upstream, emit func(harness.Delta)) error) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		return harness.TargetFunc(func(ctx context.Context, _ harness.Request, emit func(harness.Delta)) error {
			return call(ctx, lab.Upstreams()[0], emit)
		})
	}
}

// TestWrongEngines shows what each way to go wrong is called. Those that stop the clock are given up after a little
// real time, which is why this test waits.
func TestWrongEngines(t *testing.T) {
	var stop atomic.Bool
	t.Cleanup(func() { stop.Store(true) })
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tests := []struct {
		name   string
		engine harness.Factory
		says   []string
	}{
		{"panics in its call", engine(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			var m map[string]int
			m["x"] = 1 //nolint:govet,staticcheck // the panic is the point
			return nil
		}), []string{"the engine panicked", "nil map", "harness_test.go:"}},
		{"panics while it is built", func(harness.Lab) harness.Target { panic("no config") }, []string{"the engine panicked: while it was built: no config"}},
		{"asks for a provider that is not there", func(lab harness.Lab) harness.Target { _ = lab.URL("tertiary"); return nil }, []string{`no provider "tertiary"`, "primary, secondary"}},
		{"deadlocks on a channel", engine(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
			if res, err := ask(ctx, u); err == nil {
				_ = res.Body.Close()
			}
			<-make(chan int)
			return nil
		}), []string{"the call never returned", "chan receive", "harness_test.go:"}},
		{"deadlocks on a mutex", engine(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			var mu sync.Mutex
			mu.Lock()
			mu.Lock()
			return nil
		}), []string{"the call never returned", "blocked outside virtual time (mutex)", "harness_test.go:"}},
		{"spins", engine(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			for !stop.Load() {
				runtime.Gosched()
			}
			return nil
		}), []string{"the call never returned", "blocked outside virtual time (spin)", "harness_test.go:"}},
		{"reads a real socket", engine(func(ctx context.Context, _ harness.Upstream, _ func(harness.Delta)) error {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
			if err != nil {
				return err
			}
			_, err = c.Read(make([]byte, 1))
			return err
		}), []string{"the call never returned", "blocked outside virtual time (real I/O)", "harness_test.go:"}},
		{"never returns", engine(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
			if res, err := ask(ctx, u); err == nil {
				_ = res.Body.Close()
			}
			for {
				time.Sleep(time.Second)
			}
		}), []string{"the call never returned", "still running 1m0s after it was cancelled", "sleep", "harness_test.go:"}},
		{"asks in a hot loop", engine(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
			for {
				res, err := ask(ctx, u)
				if err != nil {
					return err
				}
				_ = res.Body.Close()
			}
		}), []string{"a storm of more than 5000 requests"}},
		{"never asks the primary", engine(func(context.Context, harness.Upstream, func(harness.Delta)) error {
			return errors.New("no route")
		}), []string{"never sent a request to primary", "no route"}},
		{"forgets its key", engine(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
			u.Key = ""
			res, err := ask(ctx, u)
			if err != nil {
				return err
			}
			return res.Body.Close()
		}), []string{"primary refused every request", "401"}},
	}
	s := scenarios.OfFault("wrong-engine", fault.RateLimited{}) // answers at once, so that a hot loop is hot
	s.Deadline = time.Hour
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			trial := harness.Conduct(s, tt.engine, harness.WithPatience(500*time.Millisecond))
			wantFailure(t, trial, assertions.PremiseName, tt.says)
		})
	}
}

// wantFailure checks that one finding failed and says all of what it should.
func wantFailure(t *testing.T, trial *harness.Trial, name string, says []string) {
	t.Helper()
	if trial.Verdict() != assertions.Failed {
		t.Fatalf("verdict is %s, want failed: %+v\n%s", trial.Verdict(), trial.Judgement, trial.Timeline)
	}
	for _, r := range trial.Judgement.Results {
		if r.Name != name || r.Verdict != assertions.Failed {
			continue
		}
		for _, what := range says {
			if !strings.Contains(r.Message, what) {
				t.Errorf("%s says %q, which does not speak of %q", name, r.Message, what)
			}
		}
		return
	}
	t.Errorf("no finding %s failed: %+v", name, trial.Judgement.Results)
}

// answer reads the primary's whole answer without an SDK: the canary is enough.
func answer(emit func(harness.Delta)) { emit(harness.Text(fakeprovider.Canary("primary"))) }

func TestLeaks(t *testing.T) {
	hanging := scenarios.OfFault("leak", fakeprovider.Script{fakeprovider.Text{}, fakeprovider.Finish{Reason: "stop"}, fakeprovider.End{How: fakeprovider.Hang}})
	healthy := scenarios.OfFault("leak", fakeprovider.Healthy{})
	tests := []struct {
		name     string
		scenario scenarios.Scenario
		engine   harness.Factory
		says     []string
	}{
		{"a stream that is never closed", hanging, engine(func(_ context.Context, u harness.Upstream, emit func(harness.Delta)) error {
			_, err := ask(context.WithoutCancel(context.Background()), u)
			answer(emit)
			return err
		}), []string{"request 1 of primary is still open"}},
		{"a body that is never read", healthy, engine(func(_ context.Context, u harness.Upstream, emit func(harness.Delta)) error {
			_, err := ask(context.Background(), u)
			time.Sleep(time.Minute)
			answer(emit)
			return err
		}), []string{"connection", "to primary.test:80"}},
		{"a goroutine", healthy, engine(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
			go func() { select {} }()
			res, err := ask(ctx, u)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, res.Body)
			answer(emit)
			return errors.Join(err, res.Body.Close())
		}), []string{"goroutine [select (no cases)]", "TestLeaks"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantFailure(t, harness.Conduct(tt.scenario, tt.engine), assertions.NoLeaks{}.Name(), tt.says)
		})
	}
}

// TestOthersStillRun shows that an engine that never comes back does not take the process with it.
func TestOthersStillRun(t *testing.T) {
	stuck := engine(func(context.Context, harness.Upstream, func(harness.Delta)) error {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
		return nil
	})
	if v := harness.Conduct(scenarios.OfFault("stuck", fakeprovider.Healthy{}), stuck, harness.WithPatience(200*time.Millisecond)).Verdict(); v != assertions.Failed {
		t.Errorf("the stuck engine's verdict is %s", v)
	}
	harness.Run(t, "heartbeat-only", target.Factory(policy(t, "recommended"))).Check(t)
}

func TestSkip(t *testing.T) {
	trial := harness.Run(t, "healthy", func(harness.Lab) harness.Target { return harness.Skip{Reason: "speaks no HTTP"} })
	if trial.Verdict() != assertions.Skipped || trial.Skipped != "speaks no HTTP" {
		t.Errorf("got %s: %q", trial.Verdict(), trial.Skipped)
	}
	trial.Check(t) // reports nothing
}

// TestCut shows that what an engine returns after the deadline is no answer.
func TestCut(t *testing.T) {
	s := scenarios.OfFault("cut", fault.HeartbeatOnly{})
	s.Deadline = time.Minute
	trial := harness.Conduct(s, engine(func(ctx context.Context, u harness.Upstream, emit func(harness.Delta)) error {
		res, err := ask(ctx, u)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		answer(emit)
		return res.Body.Close()
	}))
	if outcome, _ := trial.Timeline.Outcome(1); outcome != timeline.Hung {
		t.Errorf("outcome is %s, want hung\n%s", outcome, trial.Timeline)
	}
}

// recorder is a test that is being watched.
type recorder struct {
	errors []string
	failed bool
}

func (*recorder) Helper() {}
func (r *recorder) Errorf(format string, a ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, a...))
}
func (r *recorder) FailNow() { r.failed = true }

func TestCheckTellsWhatHappened(t *testing.T) {
	var tb recorder
	harness.Run(&tb, "heartbeat-only", target.Factory(policy(t, "hermes-0.13")), harness.WithSeed(7)).Check(&tb)
	if tb.failed || len(tb.errors) != 1 {
		t.Fatalf("got %d errors, FailNow %v", len(tb.errors), tb.failed)
	}
	for _, want := range []string{"heartbeat-only", "seed 7", "time_to_fallback", "limit 5m1s", "heartbeat-sent", "client-disconnected"} {
		if !strings.Contains(tb.errors[0], want) {
			t.Errorf("the report does not speak of %q:\n%s", want, tb.errors[0])
		}
	}
}

func TestRunRefusesWhatIsNoScenario(t *testing.T) {
	for what, says := range map[any]string{
		"heartbeat-onlx": `did you mean "heartbeat-only"?`,
		42:               "got int",
	} {
		var tb recorder
		if trial := harness.Run(&tb, what, target.Factory(policy(t, "recommended"))); trial != nil {
			t.Errorf("%v was run", what)
		}
		if !tb.failed || len(tb.errors) != 1 || !strings.Contains(tb.errors[0], says) {
			t.Errorf("%v: got %q, want %q", what, tb.errors, says)
		}
	}
	var tb recorder
	harness.Run(&tb, scenarios.Scenario{Name: "empty"}, target.Factory(policy(t, "recommended")))
	if !tb.failed {
		t.Error("an empty scenario was run")
	}
}

func TestASingleFaultIsAScenario(t *testing.T) {
	trial := harness.Run(t, fault.RateLimited{RetryAfter: "86400"}, target.Factory(policy(t, "recommended")))
	trial.Check(t)
	if got := trial.Timeline.Measures(1).Attempts["secondary"]; got != 1 {
		t.Errorf("the fallback received %d requests, want 1", got)
	}
}

// TestOneSeedOneTimeline runs one seed a thousand times: lane by lane the timelines are the same to the byte.
func TestOneSeedOneTimeline(t *testing.T) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		t.Fatal(err)
	}
	lanes := func(seed uint64) map[string]string {
		trial := harness.Conduct(s, target.Factory(policy(t, "hermes-0.13")), harness.WithSeed(seed))
		told := map[string]string{}
		for name, events := range trial.Timeline.Lanes() {
			told[name] = timeline.Timeline{Events: events}.String()
		}
		return told
	}
	want := lanes(1)
	for range 1000 {
		got := lanes(1)
		if len(got) != len(want) {
			t.Fatalf("%d lanes, want %d", len(got), len(want))
		}
		for name := range want {
			if got[name] != want[name] {
				t.Fatalf("lane %s differs\n%s\nwant\n%s", name, got[name], want[name])
			}
		}
	}
}

// TestAnotherSeedDiffersOnlyInChance compares two seeds: the same things happen in the same order, and nothing moves by
// more than the jitter that was drawn before it.
func TestAnotherSeedDiffersOnlyInChance(t *testing.T) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		t.Fatal(err)
	}
	run := func(seed uint64) map[string][]timeline.Event {
		return harness.Conduct(s, target.Factory(policy(t, "hermes-0.13")), harness.WithSeed(seed)).Timeline.Lanes()
	}
	one, two := run(1), run(2)
	// Two backoffs of [2,3) and [4,6) s, and up to 9 ms of phase for each of the four requests.
	const most = 3*time.Second + 4*9*time.Millisecond
	moved := false
	for lane, events := range one {
		if lane == timeline.EngineLane {
			continue // its texts show the waits that were drawn
		}
		if len(events) != len(two[lane]) {
			t.Fatalf("lane %s has %d events with one seed and %d with another", lane, len(events), len(two[lane]))
		}
		for i, e := range events {
			other := two[lane][i]
			if e.Kind != other.Kind || e.Text != other.Text || e.Count != other.Count {
				t.Errorf("lane %s, event %d: %s %q ×%d with one seed, %s %q ×%d with another", lane, i, e.Kind, e.Text, e.Count, other.Kind, other.Text, other.Count)
			}
			if d := (e.At - other.At).Abs(); d > most {
				t.Errorf("lane %s, event %d moved by %s, which is more than all jitter together", lane, i, d)
			}
			moved = moved || e.At != other.At
		}
	}
	if !moved {
		t.Error("two seeds drew the same jitter")
	}
}

// TestClocksAgree runs one scenario in virtual time and sixty times faster than the wall over loopback TCP, which takes
// some real seconds: the verdict and the attempts are the same.
func TestClocksAgree(t *testing.T) {
	for _, name := range []string{"healthy", "mid-stream-drop", "heartbeat-only-tight"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtual := harness.Run(t, name, target.Factory(policy(t, "recommended")))
			fast := harness.Run(t, name, target.Factory(policy(t, "recommended")), harness.WithClock(harness.Accelerated(60)),
				// The wall's own delays are magnified sixty times, so only the virtual run is held against the times.
				harness.WithLimits(assertions.Limits{"time_to_fallback": 5 * time.Minute, "time_to_first_content": 5 * time.Minute, "time_to_answer": 5 * time.Minute}))
			virtual.Check(t)
			got, want := fast.Timeline.Measures(1).Attempts, virtual.Timeline.Measures(1).Attempts
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("attempts at x60 %v, in virtual time %v", got, want)
			}
			if a, b := outcome(fast), outcome(virtual); a != b {
				t.Errorf("outcome at x60 %s, in virtual time %s\n%s", a, b, fast.Timeline)
			}
		})
	}
}

func outcome(t *harness.Trial) string {
	o, from := t.Timeline.Outcome(1)
	return o.String() + " " + from
}

func TestParseClock(t *testing.T) {
	for _, good := range []string{"virtual", "wall", "x60", "x1.5"} {
		c, err := harness.ParseClock(good)
		if err != nil || c.String() != good {
			t.Errorf("%q came back as %q, %v", good, c, err)
		}
	}
	for _, bad := range []string{"", "x", "x0", "x-3", "x1001", "xNaN", "slow"} {
		if _, err := harness.ParseClock(bad); err == nil || !strings.Contains(err.Error(), "x60") {
			t.Errorf("%q gave %v, want an error with an example", bad, err)
		}
	}
}

// BenchmarkRun is one whole run of the flagship: fifteen minutes of hang, built, played and judged.
func BenchmarkRun(b *testing.B) {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		b.Fatal(err)
	}
	p := policy(b, "hermes-0.13")
	b.ReportAllocs()
	for b.Loop() {
		if harness.Conduct(s, target.Factory(p)).Verdict() != assertions.Failed {
			b.Fatal("the bug is gone")
		}
	}
}
