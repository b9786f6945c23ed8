package harness_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// The variables of this test binary when it is the command of a tree: its clock, and a peer
// outside.
const (
	treeClock = "HARNESS_TREE"
	treePeer  = "HARNESS_PEER"
)

func TestMain(m *testing.M) {
	proctime.Main()
	if clock := os.Getenv(treeClock); clock != "" {
		playInTree(clock)
		return
	}
	m.Run()
}

// A seen is what a run in a tree printed.
type seen struct {
	Clock   string              `json:"clock"`
	Verdict assertions.Verdict  `json:"verdict"`
	Results []assertions.Result `json:"results"`
	Run     timeline.Run        `json:"run"`
}

// playInTree runs a scenario with a silence of some minutes, and prints the trial.
func playInTree(clock string) {
	s, err := scenarios.Find("silence-after-headers")
	if err != nil {
		panic(err)
	}
	parsed, err := harness.ParseClock(clock)
	if err != nil {
		panic(err)
	}
	tree := harness.Tree()
	if parsed.Pace() > 0 {
		tree = harness.TreeAt(parsed.Pace())
	}
	factory := func(lab harness.Lab) harness.Target {
		engine := harnesstest.Plain(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			if peer := os.Getenv(treePeer); peer != "" {
				if c, err := net.Dial("tcp", peer); err == nil {
					_ = c.Close()
				}
			}
			return engine.Call(ctx, req, emit)
		})
	}
	trial := harness.RunScenario(s, factory, harness.WithClock(tree))
	out := seen{
		Clock: trial.Timeline.Run.Clock, Verdict: trial.Verdict(), Results: trial.Judgement.Results,
		Run: trial.Timeline.Run,
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil { //nolint:musttag // the other end is this file
		panic(err)
	}
}

// inTree runs playInTree in a tree.
func inTree(t *testing.T, clock string, o proctime.Options, env ...string) seen {
	t.Helper()
	if err := proctime.Supported(); err != nil {
		t.Skip(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	o.Command, o.Stdout = []string{"/proc/self/exe"}, w
	o.Env = append(append(os.Environ(), treeClock+"="+clock), env...)
	var out bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); _, _ = io.Copy(&out, r) }()
	code, report, err := proctime.Run(t.Context(), o)
	_ = w.Close()
	<-read
	if err != nil || code != 0 {
		t.Fatalf("got exit code %d, %v: %s\n%s", code, err, report, out.String())
	}
	var got seen
	if err := json.Unmarshal(out.Bytes(), &got); err != nil { //nolint:musttag // the other end is this file
		t.Fatalf("%v in %s", err, out.String())
	}
	t.Logf("%s\n%+v", report, got.Run.Evidence)
	return got
}

func TestATreeSaysHowItKnows(t *testing.T) {
	for clock, o := range map[string]proctime.Options{"virtual": {}, "x100": {Speed: 100}} {
		t.Run(clock, func(t *testing.T) {
			got := inTree(t, clock, o)
			e := got.Run.Evidence
			if got.Clock != clock || e == nil {
				t.Fatalf("got the clock %s with the evidence %v", got.Clock, e)
			}
			rounds := 20
			if clock != "virtual" {
				rounds = 10 // a second is 10 ms there, and a busy machine takes some of them
			}
			if got.Results[0].Name == assertions.PremiseName || len(e.Left) > 0 || e.CanaryLate > 0 ||
				e.CanaryRounds < rounds {
				t.Errorf("got %+v of %+v", got.Results, e)
			}
			if (e.Jumps > 0) != (clock == "virtual") || e.CPU <= 0 || len(e.CallsCPU) != 1 || e.CallsCPU[0] <= 0 ||
				e.CallsCPU[0] > e.CPU {
				t.Errorf("got %+v", e)
			}
			if e.Passed.Duration() < 40*time.Second || e.Passed < e.CPU {
				t.Errorf("got %s of which %s are processor time, but the engine gives up after more than 40 s",
					e.Passed, e.CPU)
			}
		})
	}
}

// clockFailed checks that a run is unknown because of its clock.
func clockFailed(t *testing.T, got seen, says string) {
	t.Helper()
	if len(got.Results) != 1 || got.Verdict != assertions.Unknown {
		t.Fatalf("got %s: %+v", got.Verdict, got.Results)
	}
	if r := got.Results[0]; r.Name != assertions.PremiseName || !r.Clock ||
		!strings.Contains(r.Message, "the clock did not hold: ") || !strings.Contains(r.Message, says) {
		t.Errorf("got %+v, want one that says %q", r, says)
	}
}

// TestAFalseJumpMakesTheRunUnknown runs without the looks before a jump. Whether a wrong jump
// meets a round of the canary is chance: it does in most runs, so one of twenty has to show it.
func TestAFalseJumpMakesTheRunUnknown(t *testing.T) {
	const tries = 20
	for range tries {
		got := inTree(t, "virtual", proctime.Options{Careless: true})
		if got.Run.Evidence.CanaryLate > 0 {
			clockFailed(t, got, "while data was under way")
			return
		}
	}
	t.Errorf("the canary was late in none of %d runs", tries)
}

func TestAPeerOutsideMakesTheRunUnknown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := inTree(t, "virtual", proctime.Options{}, treePeer+"="+l.Addr().String())
	clockFailed(t, got, "on which no process of the tree listens")
	if len(got.Run.Evidence.Left) != 1 {
		t.Errorf("got %+v", got.Run.Evidence)
	}
}
