package harness

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// named is a test by its name.
type named struct {
	*testing.T
	name string
}

func (n named) Name() string { return n.name }

func TestReplay(t *testing.T) {
	shipped, err := scenarios.Find("heartbeat-only")
	if err != nil {
		t.Fatal(err)
	}
	changed, own := shipped, shipped
	changed.SHA256 = strings.Repeat("0", 64)
	own.SHA256, own.Name = "", "mine"
	of := func(f fakeprovider.Fault) scenarios.Scenario { return scenarios.OfFault(faultPrefix+"x", f) }
	two := of(fault.Silence{})
	two.Providers[0].OnRequest = append(two.Providers[0].OnRequest, fakeprovider.Healthy{})
	for _, tt := range []struct {
		name     string
		scenario scenarios.Scenario
		clock    Clock
		test     string
		want     string
	}{
		{"shipped", shipped, Virtual(), "", `harness.Run(t, "heartbeat-only", …, harness.WithSeed(7))`},
		{"changed", changed, Virtual(), "", "harness.Run(t, scenario, …, harness.WithSeed(7))"},
		{"one's own", own, Virtual(), "", "harness.Run(t, scenario, …, harness.WithSeed(7))"},
		{
			"a fault", of(fault.HeartbeatOnly{Every: time.Minute}), Virtual(), "",
			"harness.Run(t, fault.HeartbeatOnly{Every: 1 * time.Minute}, …, harness.WithSeed(7))",
		},
		{"two faults", two, Virtual(), "", "harness.Run(t, scenario, …, harness.WithSeed(7))"},
		{
			"on the wall", own, Wall(), "",
			"harness.Run(t, scenario, …, harness.WithSeed(7), harness.WithClock(harness.Wall()))",
		},
		{
			"faster", own, Accelerated(2.5), "",
			"harness.Run(t, scenario, …, harness.WithSeed(7), harness.WithClock(harness.Accelerated(2.5)))",
		},
		{
			"in a test", own, Virtual(), "TestA/b's",
			`harness.Run(t, scenario, …, harness.WithSeed(7)), as in go test -run '^TestA$/^b'\''s$'`,
		},
		{"in a spec", own, Virtual(), "a call that hangs", "harness.Run(t, scenario, …, harness.WithSeed(7))"},
	} {
		trial := &Trial{
			Scenario: tt.scenario, Timeline: timeline.Timeline{Run: timeline.Run{Seed: 7, Clock: tt.clock.String()}},
		}
		if got := trial.replay(named{t, tt.test}); got != "replay: "+tt.want {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// A literal is Go, without the fields that are zero.
func TestLiteral(t *testing.T) {
	type inner struct{ N int }
	type outer struct {
		A    string
		B    *inner
		C    []inner
		D    any
		E    func()
		F    time.Duration
		G    bool
		H    [2]int
		hide int
	}
	for want, v := range map[string]any{
		"harness.outer{}":          outer{hide: 3},
		`harness.outer{A: "a\"b"}`: outer{A: `a"b`},
		"harness.outer{B: new(harness.inner{N: 7}), C: []harness.inner{harness.inner{N: 1}, harness.inner{}}}": outer{
			B: &inner{7}, C: []inner{{1}, {}},
		},
		"harness.outer{D: harness.inner{N: 2}, F: 90 * time.Second, G: true, H: [2]int{0, 5}}": outer{
			D: inner{2}, F: 90 * time.Second, G: true, H: [2]int{0, 5},
		},
		"harness.outer{E: …}":                     outer{E: func() {}},
		"[]interface {}{nil, nil, 1.5, new(nil)}": []any{nil, (*inner)(nil), 1.5, new(any)},
	} {
		if got := literal(reflect.ValueOf(v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := literal(reflect.Value{}); got != "nil" {
		t.Errorf("nothing is %s", got)
	}
	for want, d := range map[string]time.Duration{
		"2 * time.Hour": 2 * time.Hour, "61 * time.Minute": 61 * time.Minute, "3601 * time.Second": 3601 * time.Second,
		"1 * time.Millisecond":    time.Millisecond,
		"1001 * time.Microsecond": 1001 * time.Microsecond, "1 * time.Nanosecond": 1,
	} {
		if got := durationLiteral(d); got != want {
			t.Errorf("%s is %s, want %s", d, got, want)
		}
	}
}

// A failure has at most twelve findings, each of at most 600 bytes, and none that passed.
func TestComplaints(t *testing.T) {
	trial := func(n int, message string) *Trial {
		trial := &Trial{Judgement: assertions.Judgement{Verdict: assertions.Unknown}}
		for i := range n {
			verdict := assertions.Failed
			if i%2 == 1 {
				verdict = assertions.Partial
			}
			trial.Judgement.Results = append(trial.Judgement.Results,
				assertions.Result{Name: "x", Finding: assertions.Finding{Verdict: verdict, Message: message}},
				assertions.Result{Name: "y", Finding: assertions.Finding{Verdict: assertions.Passed, Message: "fine"}})
		}
		return trial
	}
	for n, want := range map[int]string{12: "partial: x: a b", 13: "and 2 more", 20: "and 9 more"} {
		said := trial(n, "a\n  b").complaints()
		if len(said) != 12 || said[0] != "failed: x: a b" || said[1] != "partial: x: a b" || said[11] != want {
			t.Errorf("%d findings: got %q", n, said)
		}
	}
	if diff := cmp.Diff(trial(0, "").complaints(), []string{"unknown: the scenario expects nothing"}); diff != "" {
		t.Errorf("none (-got +want):\n%s", diff)
	}
	for message, want := range map[string]string{
		strings.Repeat("x", checkWidth):         strings.Repeat("x", checkWidth),
		strings.Repeat("x", checkWidth+1):       strings.Repeat("x", checkWidth) + "…",
		strings.Repeat("x", checkWidth-1) + "ü": strings.Repeat("x", checkWidth-1) + "…",
	} {
		if got := trial(1, message).complaints()[0]; got != "failed: x: "+want {
			t.Errorf("%d bytes: got %q", len(message), got)
		}
	}
	if got := fileName("a/b\\c:d*e?f\"g<h>i|j k\x1fl\nm-n"); got != "a-b-c-d-e-f-g-h-i-j-k-l-m-n" {
		t.Errorf("got %q", got)
	}
}

// Whose code a function is says its path: the harness's own is not the engine's.
func TestIsEngine(t *testing.T) {
	for function, want := range map[string]bool{
		"example.com/a/b.(*T).f": true, "main.main": true, "main.(*T).f.func1": true, "net/http.(*Client).do": false,
		"time.Sleep": false, "strings.Cut": false,
		module + "/harness.(*stage).play": false, module + "/harness/gateway.x": false,
		module + "/harness/harnesstest.Plain": true,
		module + "/failover.(*Engine).Call":   true, module + "/timelines.x": true,
		module + "/fakeprovider/fault.x": false, "golang.org/x/net/http2.f": true,
	} {
		if got := isEngine(function); got != want {
			t.Errorf("%s: %v", function, got)
		}
	}
}

// A mutex that nobody holds is no reason to make a run again, and neither is anything else. Places
// are named once, the first three of them.
func TestHeldUp(t *testing.T) {
	for _, err := range []error{
		nil, &bubble.DeadlockError{}, &bubble.StuckError{Cause: bubble.Mutex}, &bubble.StuckError{Cause: bubble.Spin},
	} {
		if heldUp(err) {
			t.Errorf("%v: nobody holds a mutex", err)
		}
	}
	places := placesOf([]bubble.Goroutine{
		{Stack: "goroutine 1 [select]:\na.b/c.d()\n\t/d.go:4 +0x1\n"},
		{Stack: "goroutine 2 [select]:\na.b/c.a()\n\t/a.go:1 +0x1\n"},
		{Stack: "goroutine 3 [select]:\na.b/c.a()\n\t/a.go:1 +0x1\n"},
		{Stack: "goroutine 4 [select]:\na.b/c.b()\n\t/b.go:2 +0x1\n"},
		{Stack: "goroutine 5 [select]:\na.b/c.c()\n\t/c.go:3 +0x1\n"},
	})
	if strings.Count(places, " or ") != 2 || strings.Contains(places, "d.go") || strings.Count(places, "a.go") != 1 {
		t.Errorf("got %q, want the first three places, each once", places)
	}
}
