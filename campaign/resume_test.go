package campaign_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/reports"
)

// counting returns a plain engine and how many were built.
func counting() (campaign.Variant, *atomic.Int64) {
	built := new(atomic.Int64)
	return campaign.Variant{Name: "mine", Factory: func(lab harness.Lab) harness.Target {
		built.Add(1)
		return newPlain(lab)
	}}, built
}

// resumed makes the runs of a plan one by one, and returns them as a report has them. stop ends it
// after so many; 0 is never.
func resumed(t *testing.T, v campaign.Variant, o campaign.Options, stop int) []string {
	t.Helper()
	o.Parallel = 1
	plan, err := campaign.NewPlan([]campaign.Variant{v}, o)
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	var all []string
	_, err = plan.Execute(t.Context(), func(run reports.Run) error {
		data, err := json.MarshalIndent(run, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
		if len(all) == stop {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return all
}

func TestResume(t *testing.T) {
	t.Parallel()
	o := campaign.Options{
		Scenarios: []string{"healthy", "server-error", "mid-stream-drop"}, Repeat: 3, Timeline: campaign.KeepAll,
	}
	v, built := counting()
	want := resumed(t, v, o, 0)
	o.Resume = filepath.Join(t.TempDir(), "runs.jsonl")
	resumed(t, v, o, 4)
	built.Store(0)
	plan, err := campaign.NewPlan([]campaign.Variant{v}, o)
	if err != nil {
		t.Fatal(err)
	}
	made := plan.Estimate().Taken
	if diff := cmp.Diff(resumed(t, v, o, 0), want); diff != "" {
		t.Error(diff)
	}
	if made < 4 || int(built.Load()) != len(want)-made {
		t.Errorf("%d runs were made before, and %d of %d now", made, built.Load(), len(want))
	}
	built.Store(0)
	if diff := cmp.Diff(resumed(t, v, o, 0), want); diff != "" || built.Load() != 0 {
		t.Errorf("%d runs were made again: %s", built.Load(), diff)
	}

	// Two programs may share a file, as shards do: neither loses a line of the other.
	both := o
	both.Resume = filepath.Join(t.TempDir(), "both.jsonl")
	half := func(index int) campaign.Options {
		o := both
		o.Shard = campaign.Shard{Index: index, Of: 2}
		return o
	}
	late, err := campaign.NewPlan([]campaign.Variant{v}, half(2))
	if err != nil {
		t.Fatal(err)
	}
	resumed(t, v, half(1), 0)
	if _, err := late.Execute(t.Context(), func(reports.Run) error { return nil }); err != nil {
		t.Fatal(err)
	}
	built.Store(0)
	if diff := cmp.Diff(resumed(t, v, both, 0), want); diff != "" || built.Load() != 0 {
		t.Errorf("%d runs of two shards were lost: %s", built.Load(), diff)
	}

	// A last line that is torn is made again, and no other.
	data, err := os.ReadFile(o.Resume)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Resume, data[:len(data)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(resumed(t, v, o, 0), want); diff != "" || built.Load() != 1 {
		t.Errorf("%d runs were made again, want 1: %s", built.Load(), diff)
	}
	if again, err := os.ReadFile(o.Resume); err != nil || !bytes.Equal(again, data) {
		t.Errorf("the file is not what it was before it was torn: %v", err)
	}

	// A line that is wrong is not passed over.
	lines := strings.SplitAfter(string(data), "\n")
	lines[1] = "{}\n"
	if err := os.WriteFile(o.Resume, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.NewPlan([]campaign.Variant{v}, o); !is[*campaign.DataError](err) ||
		!strings.Contains(err.Error(), "runs.jsonl:2:1: ") {
		t.Errorf("a wrong line: %v", err)
	}
}

func TestResumeTakesOverTheSameRunOnly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "runs.jsonl")
	base := campaign.Options{Scenarios: []string{"heartbeat-only"}, Resume: file}
	builds := func(change func(*campaign.Variant, *campaign.Options)) (built int) {
		v, n := counting()
		v.Factory = func(lab harness.Lab) harness.Target { n.Add(1); return harnesstest.Plain(lab) }
		o := base
		change(&v, &o)
		resumed(t, v, o, 0)
		return int(n.Load())
	}
	if n := builds(func(*campaign.Variant, *campaign.Options) {}); n != 4 {
		t.Errorf("a run and the search for the shortest timer built %d engines, want 4", n)
	}
	for name, c := range map[string]struct {
		change func(*campaign.Variant, *campaign.Options)
		want   int
	}{
		"nothing":          {func(*campaign.Variant, *campaign.Options) {}, 0},
		"what reports say": {func(_ *campaign.Variant, o *campaign.Options) { o.Timeline = campaign.KeepNone }, 0},
		"the seed":         {func(_ *campaign.Variant, o *campaign.Options) { o.Seed = 9 }, 1}, // the timer is known
		"a limit": {func(_ *campaign.Variant, o *campaign.Options) {
			o.Limits = assertions.Limits{"time_to_fallback": time.Second}
		}, 1},
		"a target's limit": {func(v *campaign.Variant, _ *campaign.Options) {
			v.Limits = assertions.Limits{"time_to_fallback": time.Minute}
		}, 1},
		"the cadence": {func(_ *campaign.Variant, o *campaign.Options) { o.Cadence = campaign.AsWritten() }, 1},
		"a setting": {
			func(v *campaign.Variant, _ *campaign.Options) { v.Settings = map[string]string{"retries": "2"} }, 4,
		},
		"the version": {
			func(v *campaign.Variant, _ *campaign.Options) { v.Version = func() string { return "2" } }, 4,
		},
		"the target's file": {func(v *campaign.Variant, _ *campaign.Options) { v.SHA256 = "abc" }, 4},
		"the engine":        {func(v *campaign.Variant, _ *campaign.Options) { v.Name = "yours" }, 4},
	} {
		if n := builds(c.change); n != c.want {
			t.Errorf("with another of %s, %d engines were built, want %d", name, n, c.want)
		}
	}
}

// killedEnv makes the test binary a program that makes runs until it is killed.
const killedEnv = "CHAOSRUN_TEST_RESUME"

// TestResumeAfterKill kills a program in the middle of its runs, and goes on where it was.
func TestResumeAfterKill(t *testing.T) {
	o := campaign.Options{Scenarios: []string{"healthy"}, Repeat: 200, Resume: os.Getenv(killedEnv)}
	if o.Resume != "" {
		v, _ := counting()
		factory := v.Factory
		v.Factory = func(lab harness.Lab) harness.Target {
			if lab.Seed() == 20 {
				_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
			}
			return factory(lab)
		}
		resumed(t, v, o, 0)
		return
	}
	o.Resume = filepath.Join(t.TempDir(), "runs.jsonl")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self, "-test.run=^TestResumeAfterKill$")
	program.Env = append(os.Environ(), killedEnv+"="+o.Resume)
	if _, err := program.StdinPipe(); err != nil { // nothing is written, and nothing closes it
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for lines := 0; lines < 20; time.Sleep(10 * time.Millisecond) { // seeds 0 to 19
		data, _ := os.ReadFile(o.Resume) // it is made with the first run
		if lines = bytes.Count(data, []byte("\n")); time.Now().After(deadline) {
			t.Fatalf("only %d runs were made", lines)
		}
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed
	data, err := os.ReadFile(o.Resume)
	if err != nil {
		t.Fatal(err)
	}
	made := bytes.Count(data, []byte("\n"))
	v, built := counting()
	if runs := resumed(t, v, o, 0); len(runs) != 200 || made == 200 || int(built.Load()) != 200-made {
		t.Errorf("%d of %d runs were made again, and %d were made before", built.Load(), len(runs), made)
	}
}

// TestResumeLooksAgain: a run that could not be looked at is made again, and then taken over.
func TestResumeLooksAgain(t *testing.T) {
	t.Parallel()
	installed, made := false, 0
	v := campaign.Variant{Name: "e", Factory: func(lab harness.Lab) harness.Target {
		made++
		if !installed {
			return harness.CannotLook{Reason: "it is not installed"}
		}
		return newPlain(lab)
	}}
	file := filepath.Join(t.TempDir(), "runs.jsonl")
	for i, want := range []assertions.Verdict{assertions.Unknown, assertions.Passed, assertions.Passed} {
		plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
			Scenarios: []string{"healthy"}, Resume: file,
		})
		if err != nil {
			t.Fatal(err)
		}
		installed = i > 0
		_, err = plan.Execute(t.Context(), func(run reports.Run) error {
			if run.Verdict != want {
				t.Errorf("the %d. time it is %s, want %s", i+1, run.Verdict, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if made != 2 {
		t.Errorf("the engine was made %d times", made)
	}
}
