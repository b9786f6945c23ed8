package harness_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// deafTo skips whatever it is asked.
func deafTo(harness.Lab) harness.Target { return harness.Skip{Reason: "it speaks to nobody"} }

// shipped returns a scenario of the catalogue, without a test around it.
func shipped(name string) scenarios.Scenario {
	s, err := scenarios.Find(name)
	if err != nil {
		panic(err)
	}
	return s
}

// A skipping keeps what a test is told, and ends when it is skipped, as *testing.T does.
type skipping struct {
	told
	skipped string
}

func (s *skipping) Skipf(format string, a ...any) {
	s.skipped = fmt.Sprintf(format, a...)
	runtime.Goexit()
}

// within runs a test that may be skipped, and reports whether it came to its end.
func within(tb *skipping, test func(harness.T)) bool {
	ended := make(chan bool, 1)
	go func() {
		over := false
		defer func() { ended <- over }()
		test(tb)
		over = true
	}()
	return <-ended
}

func TestSkippedRunSkipsTheTest(t *testing.T) {
	t.Parallel()
	const why = "healthy: it speaks to nobody"
	for name, test := range map[string]func(harness.T){
		"Run":   func(tb harness.T) { harness.Run(tb, "healthy", deafTo) },
		"Check": func(tb harness.T) { harness.RunScenario(shipped("healthy"), deafTo).Check(tb) },
	} {
		var tb skipping
		if ended := within(&tb, test); ended || tb.skipped != why || tb.text != "" {
			t.Errorf("%s: ended %v, skipped for %q, said %q", name, ended, tb.skipped, tb.text)
		}
	}
	var tb skipping
	if ended := within(&tb, func(tb harness.T) { harness.Run(tb, "healthy", content).Check(tb) }); !ended ||
		tb.skipped != "" || tb.text != "" {
		t.Errorf("a run that was made: ended %v, skipped for %q, said %q", ended, tb.skipped, tb.text)
	}
	var deaf told
	harness.Run(&deaf, "healthy", deafTo).Check(&deaf)
	if deaf.text != "scenario healthy was skipped, and this test cannot say so: it speaks to nobody" {
		t.Errorf("a test without Skipf said %q", deaf.text)
	}
}

func TestMatchersSayThatARunWasSkipped(t *testing.T) {
	t.Parallel()
	run := harness.RunScenario(shipped("healthy"), deafTo)
	if run.Verdict() != assertions.Skipped || run.Skipped() != "it speaks to nobody" {
		t.Errorf("got %s, %q", run.Verdict(), run.Skipped())
	}
	for _, matcher := range []gomega.OmegaMatcher{
		assertions.HaveAnsweredFrom("primary"), assertions.HaveLeakedNothing(),
		assertions.HaveFallenBackWithin(time.Hour),
	} {
		ok, err := matcher.Match(run)
		var skipped *assertions.SkippedError
		if ok || !errors.As(err, &skipped) || skipped.Reason != run.Skipped() {
			t.Errorf("got %v, %v", ok, err)
		}
	}
}

// The test binary runs itself: with go test -v a skip is a SKIP, one for each scenario.
func TestSkipsInVerboseOutput(t *testing.T) {
	if os.Getenv("CHAOSRUN_TEST_SKIPS") != "" {
		for _, s := range scenarios.Catalogue() {
			t.Run(s.Name, func(t *testing.T) { harness.Run(t, s, deafTo).Check(t) })
		}
		return
	}
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestSkipsInVerboseOutput$", "-test.v")
	child.Env = append(os.Environ(), "CHAOSRUN_TEST_SKIPS=1")
	said, err := child.CombinedOutput()
	skips := regexp.MustCompile(`(?m)^ +skip_test\.go:\d+: (\S+): it speaks to nobody$`).
		FindAllStringSubmatch(string(said), -1)
	var names, want []string
	for _, match := range skips {
		names = append(names, match[1])
	}
	for _, s := range scenarios.Catalogue() {
		want = append(want, s.Name)
	}
	skipped := strings.Count(string(said), "--- SKIP: TestSkipsInVerboseOutput/")
	if err != nil || !slices.Equal(names, want) || skipped != len(want) || strings.Contains(string(said), "--- FAIL") {
		t.Errorf("%v: %d of %d scenarios are skipped\n%s", err, len(names), len(want), said)
	}
}

func TestCheckSaysWhatReplaysTheRun(t *testing.T) {
	t.Parallel()
	restarts := harness.WithRestarts(false)
	for _, tt := range []struct {
		what any
		opts []harness.Option
		want string
	}{
		{
			"heartbeat-only",
			[]harness.Option{harness.WithSeed(7)},
			`harness.Run(t, "heartbeat-only", …, harness.WithSeed(7))`,
		},
		{
			fault.HeartbeatOnly{Every: 90 * time.Second},
			nil,
			`harness.Run(t, fault.HeartbeatOnly{Every: 90 * time.Second}, …, harness.WithSeed(1))`,
		},
		{
			fault.HeartbeatOnly{},
			[]harness.Option{restarts},
			`harness.Run(t, fault.HeartbeatOnly{}, …, harness.WithSeed(1))`,
		},
		{scenarios.OfFault("of mine", fault.HeartbeatOnly{}), nil, `harness.Run(t, scenario, …, harness.WithSeed(1))`},
	} {
		var said told
		harness.Run(&said, tt.what, stubborn, tt.opts...).Check(&said)
		if line := strings.Split(said.text, "\n"); len(line) < 2 || line[1] != "replay: "+tt.want {
			t.Errorf("got %.300q, want %q", said.text, tt.want)
		}
	}
}
