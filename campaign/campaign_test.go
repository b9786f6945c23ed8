package campaign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

func mine() []campaign.Variant { return []campaign.Variant{{Name: "mine", Factory: newPlain}} }

func newPlan(t *testing.T, o campaign.Options) *campaign.Plan {
	t.Helper()
	plan, err := campaign.NewPlan(mine(), o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// labels returns the labels of a plan's jobs, in order.
func labels(p *campaign.Plan) []string {
	var all []string
	for j := range p.Jobs() {
		all = append(all, fmt.Sprintf("%s/%d", j.Scenario.Name, j.Seed))
	}
	return all
}

func TestSelect(t *testing.T) {
	words := scenarios.Shipped()
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file,
		[]byte("scenario: own\nproviders: [{name: p, on_request: [healthy]}]\nexpect: [no_leaks]\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("scenario: wrong\nexpct: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"a name", []string{"healthy"}, []string{"healthy"}},
		{"a name twice", []string{"healthy", "healthy"}, []string{"healthy"}},
		{"a glob and a name of it", []string{"rate-limited*", "rate-limited"}, nil},
		{"a file", []string{file, "healthy"}, []string{"own", "healthy"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := campaign.Select(words, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range found {
				names = append(names, s.Name)
			}
			if tt.want == nil {
				if slices.Index(names, "rate-limited") < 0 ||
					len(names) != len(slices.Compact(slices.Sorted(slices.Values(names)))) {
					t.Errorf("got %v", names)
				}
				return
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	for _, arg := range []string{"x*", "[", "missing.yaml"} {
		if _, err := campaign.Select(words, []string{arg}); !is[*campaign.UsageError](err) {
			t.Errorf("%s: got %v, want a usage error", arg, err)
		}
	}
	if _, err := campaign.Select(words, []string{"healty"}); !is[*scenarios.UnknownError](err) {
		t.Errorf("got %v, want an unknown scenario", err)
	}
	_, err := campaign.Select(words, []string{wrong, wrong})
	if problems, ok := errors.AsType[strictyaml.Problems](err); !ok || len(problems) < 4 {
		t.Errorf("got %v, want the problems of both files", err)
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// A plan has every scenario with every variant and every seed. Its shards partition it.
func TestShardsAreAPartition(t *testing.T) {
	o := campaign.Options{Scenarios: []string{"healthy", "rate-limited", "no-response"}, Repeat: 7, Seed: 10}
	all := labels(newPlan(t, o))
	if len(all) != 21 || newPlan(t, o).Len() != 21 || all[0] != "healthy/10" || all[20] != "no-response/16" {
		t.Fatalf("got %v", all)
	}
	for of := 1; of <= 23; of++ {
		var together []string
		for i := 1; i <= of; i++ {
			o.Shard = campaign.Shard{Index: i, Of: of}
			p := newPlan(t, o)
			part := labels(p)
			if len(part) != p.Len() {
				t.Errorf("shard %d/%d: Len is %d, and there are %d jobs", i, of, p.Len(), len(part))
			}
			together = append(together, part...)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(together))); diff != "" {
			t.Errorf("%d shards (-want +got)\n%s", of, diff)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	words := scenarios.Shipped()
	_, limit := campaign.ParseLimits(words, []string{"time_to_fallbak=3s"})
	_, shard := campaign.ParseShard("5/4")
	_, sink := campaign.ParseSinks([]string{"junit=-", "text=-"}, reports.All())
	_, tags := campaign.FilterTags(nil, "(a")
	_, known := campaign.NewPlan(mine(), campaign.Options{Baseline: "missing.txt"})
	_, negative := campaign.NewPlan(mine(), campaign.Options{Repeat: -1})
	_, limits := campaign.NewPlan(mine(), campaign.Options{Limits: assertions.Limits{"time_to_fallbak": 1}})
	for want, err := range map[string]error{
		`limit "time_to_fallbak=3s": no such measure (did you mean "time_to_fallback"?)`: limit,
		`shard "5/4": write I/N`:                    shard,
		"only one report can go to standard output": sink,
		`tags "(a"`:                tags,
		"missing.txt":              known,
		"repeat must be 1 or more": negative,
		`limit "time_to_fallbak"`:  limits,
	} {
		usage, ok := errors.AsType[*campaign.UsageError](err)
		if !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a usage error with %s", err, want)
			continue
		}
		if usage.Option != "" && !strings.HasPrefix(usage.Text("--"+usage.Option), "--"+usage.Option) {
			t.Errorf("as a flag: %s", usage.Text("--"+usage.Option))
		}
	}
}

// ran executes a plan. It returns the Result and one line per run.
func ran(t *testing.T, o campaign.Options) (*campaign.Result, []string) {
	t.Helper()
	var got []string
	result, err := newPlan(t, o).Execute(t.Context(), func(run reports.Run) error {
		got = append(got, fmt.Sprintf("%s/%d %s", run.Scenario, run.Seed, run.Verdict))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return result, got
}

func TestRunsComeInTheOrderOfThePlan(t *testing.T) {
	o := campaign.Options{
		Scenarios: []string{"heartbeat-only", "healthy", "heartbeat-only-anthropic"}, Repeat: 20, Seed: 1, Parallel: 8,
	}
	result, got := ran(t, o)
	var want []string
	for _, l := range labels(newPlan(t, o)) {
		verdict := map[string]string{
			"heartbeat-only": "failed", "healthy": "passed", "heartbeat-only-anthropic": "skipped",
		}
		name, _, _ := strings.Cut(l, "/")
		want = append(want, l+" "+verdict[name])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s := result.Summary
	if s.Passed != 20 || s.Failed != 20 || s.Skipped != 20 || len(result.Failures) != 20 ||
		result.Verdict() != assertions.Failed {
		t.Errorf("got %+v", result)
	}
	if f := result.Failures[3]; f.Seed != 4 || f.Replay != "chaosrun run heartbeat-only --seed 4" || f.Timeline != nil {
		t.Errorf("got the failure %+v", f)
	}
}

func TestFailFast(t *testing.T) {
	o := campaign.Options{Scenarios: []string{"healthy", "heartbeat-only", "rate-limited"}, FailFast: true, Parallel: 4}
	result, got := ran(t, o)
	if diff := cmp.Diff([]string{"healthy/0 passed", "heartbeat-only/0 failed"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if result.Interrupted || result.Summary.Runs() != 2 {
		t.Errorf("got %+v", result)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	result, err := newPlan(t, campaign.Options{Scenarios: []string{"healthy"}, Repeat: 1000, Parallel: 2}).Execute(ctx,
		func(reports.Run) error {
			if n++; n == 3 {
				cancel()
			}
			return nil
		})
	if err != nil || !result.Interrupted || n < 3 || n > 100 || result.Summary.Passed != n {
		t.Errorf("got %+v, %v after %d runs", result, err, n)
	}
}

func TestAReportThatCannotBeWrittenEndsTheCampaign(t *testing.T) {
	n := 0
	_, err := newPlan(t, campaign.Options{Scenarios: []string{"healthy"}, Repeat: 1000}).Execute(t.Context(),
		func(reports.Run) error {
			n++
			return os.ErrClosed
		})
	if !errors.Is(err, os.ErrClosed) || n != 1 {
		t.Errorf("got %v after %d runs", err, n)
	}
}

// A failure of the baseline does not fail the plan. A fixed one and a new failure do.
func TestBaseline(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known.txt")
	if err := os.WriteFile(known, []byte("# bugs\nheartbeat-only / mine # waits for ever\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fixed := filepath.Join(t.TempDir(), "fixed.txt")
	if err := os.WriteFile(fixed, []byte("heartbeat-only / mine\nhealthy / mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		scenarios []string
		known     string
		want      assertions.Verdict
		fixed     int
	}{
		{"it fails as it is known to", []string{"heartbeat-only", "healthy"}, known, assertions.Passed, 0},
		{"another one fails", []string{"heartbeat-only", "heartbeat-only-small"}, known, assertions.Failed, 0},
		{"one passes", []string{"heartbeat-only", "healthy"}, fixed, assertions.Failed, 1},
		{"none is known", []string{"heartbeat-only"}, "", assertions.Failed, 0},
		{"nothing could run", []string{"heartbeat-only-anthropic"}, "", assertions.Unknown, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result, _ := ran(t, campaign.Options{Scenarios: tt.scenarios, Baseline: tt.known})
			if result.Verdict() != tt.want || len(result.Fixed) != tt.fixed {
				t.Errorf("got %s and %q, want %s and %d", result.Verdict(), result.Fixed, tt.want, tt.fixed)
			}
		})
	}
}

func TestSlowest(t *testing.T) {
	var worst time.Duration
	var seed uint64
	result, err := newPlan(t, campaign.Options{Scenarios: []string{"rate-limited"}, Repeat: 5, Seed: 3}).
		Execute(t.Context(), func(run reports.Run) error {
			if took := run.Calls[0].Measures.TimeToFallback; took != nil && took.Duration() > worst {
				worst, seed = took.Duration(), run.Seed
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if s := result.Slowest; len(s) != 1 || s[0].TimeToFallback.Duration() != worst || s[0].Seed != seed ||
		s[0].Label != "rate-limited / mine" {
		t.Errorf("got %+v, want seed %d with %s", result.Slowest, seed, worst)
	}
}

// An older report stays until a new one is written. A Writer receives what a file would.
func TestReports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	sinks := []campaign.Sink{{Kind: "json", Path: file}, {Kind: "text", Writer: &text}}
	report, err := campaign.OpenReport(sinks, reports.All(), reports.Header{Version: "v1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := newPlan(t, campaign.Options{Scenarios: []string{"healthy"}}).Execute(t.Context(), report.Add)
	if err != nil {
		t.Fatal(err)
	}
	if before, err := os.ReadFile(file); err != nil || string(before) != "old" {
		t.Errorf("before the end it is %q, %v", before, err)
	}
	if err := report.Close(result.Summary); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(after), `"scenario": "healthy"`) {
		t.Errorf("after it is %q, %v", after, err)
	}
	if !strings.HasPrefix(text.String(), "passed   healthy / mine") {
		t.Errorf("got %q", &text)
	}
}

func TestTargets(t *testing.T) {
	targets := campaign.Targets{{Name: "mine", Factory: newPlain}, {Name: "other", Factory: newPlain}}
	all, err := targets.Choose(nil, nil)
	if err != nil || len(all) != 1 || all[0].Name != "mine" || all[0].Arguments != nil {
		t.Errorf("got %+v, %v", all, err)
	}
	all, err = targets.Choose([]string{"other", "other", "mine"}, nil)
	if err != nil || len(all) != 2 || strings.Join(all[0].Arguments, " ") != "--target other" {
		t.Errorf("got %+v, %v", all, err)
	}
	for want, args := range map[string][2][]string{
		`did you mean "other"`: {{"othr"}, nil},
		"has no policies":      {nil, {"p"}},
	} {
		if _, err := targets.Choose(args[0], args[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// What a variant keeps between runs is released once, after all of them.
func TestRelease(t *testing.T) {
	runs, released := 0, 0
	v := mine()
	v[0].Factory = func(lab harness.Lab) harness.Target {
		runs += 1 - released // a run after it would be missing
		return newPlain(lab)
	}
	v[0].Release = func() { released++ }
	execute(t, v, campaign.Options{Scenarios: []string{"healthy", "server-error"}, Parallel: 1})
	if runs != 2 || released != 1 {
		t.Errorf("released %d times, after %d runs", released, runs)
	}
}
