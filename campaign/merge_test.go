package campaign_test

import (
	"bytes"
	"encoding/json"
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
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// sharded returns variants with all that makes runs differ: a policy, settings, a file and limits
// that nobody meets.
func sharded() []campaign.Variant {
	return []campaign.Variant{
		{Name: "mine", Factory: newPlain},
		{
			Name: "hurried", Target: "lib", Factory: newPlain, Settings: map[string]string{"retries": "2"},
			SHA256: "5a", Limits: assertions.Limits{"time_to_fallback": time.Nanosecond}, Advice: map[string]string{
				"server-error": "wait for it", "rate-limited": "ask the other one",
			},
			Version: func() string { return "1.2" },
		},
	}
}

// inJSON makes the runs of a plan and returns the report in JSON.
func inJSON(t *testing.T, o campaign.Options, wall time.Duration) string {
	t.Helper()
	return report(t, o, wall, "json")["json"]
}

// report makes the runs of a plan, which take that real time, and returns the report in these
// forms.
func report(t *testing.T, o campaign.Options, wall time.Duration, kinds ...string) map[string]string {
	t.Helper()
	plan, err := campaign.NewPlan(sharded(), o)
	if err != nil {
		t.Fatal(err)
	}
	forms, open := newForms(t, reports.Header{
		Version: "v1", Seed: o.Seed, SDKVersions: map[string]string{"sdk": "v2"}, Plan: plan.Facts(),
	}, kinds)
	result, err := plan.Execute(t.Context(), open.Add)
	if err != nil {
		t.Fatal(err)
	}
	result.Summary.Took(wall)
	return forms(result.Summary)
}

// newForms opens a report of each kind. forms closes it and returns the texts.
func newForms(t *testing.T, header reports.Header, kinds []string) (forms func(reports.Summary) map[string]string,
	open *campaign.Report,
) {
	t.Helper()
	var sinks []campaign.Sink
	texts := map[string]*bytes.Buffer{}
	for _, kind := range kinds {
		texts[kind] = &bytes.Buffer{}
		sinks = append(sinks, campaign.Sink{Kind: kind, Writer: texts[kind]})
	}
	open, err := campaign.OpenReport(sinks, reports.All(), header, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(total reports.Summary) map[string]string {
		if err := open.Close(total); err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for kind, text := range texts {
			all[kind] = text.String()
		}
		return all
	}, open
}

// merged joins reports and returns the result in each form.
func merged(t *testing.T, o campaign.MergeOptions, paths ...string) (map[string]string, *campaign.Result) {
	t.Helper()
	merge, err := campaign.OpenMerge(paths, o)
	if err != nil {
		t.Fatal(err)
	}
	forms, open := newForms(t, merge.Header(), reports.Kinds())
	result, err := merge.Runs(open.Add)
	if err != nil {
		t.Fatal(err)
	}
	return forms(result.Summary), result
}

// written writes a file and returns its path.
func written(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A report that was joined is that of a run without shards, byte for byte, in every form: also
// where there are more shards than runs, and with runs that were skipped, failed or repeated.
func TestMergeIsTheWhole(t *testing.T) {
	t.Parallel()
	const wall = 720_720 * time.Second // all numbers up to 16 divide it
	for name, o := range map[string]campaign.Options{
		"failed timelines": {Tags: "core", Seed: 7},
		"all timelines": {
			Tags: "flagship || rate-limit", Seed: 1, Repeat: 3, Timeline: campaign.KeepAll,
			Limits: assertions.Limits{"time_to_answer": 40 * time.Second},
		},
		"less runs than shards": {Scenarios: []string{"healthy", "heartbeat-only-anthropic"}, Repeat: 2, Seed: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := report(t, o, wall, reports.Kinds()...)
			for n := 1; n <= 16; n++ {
				dir := t.TempDir()
				var paths []string
				for i := 1; i <= n; i++ {
					part := o
					part.Shard = campaign.Shard{Index: i, Of: n}
					paths = append(paths,
						written(t, dir, fmt.Sprintf("%d.json", i), inJSON(t, part, wall/time.Duration(n))))
				}
				slices.Reverse(paths)
				var notes []string
				got, _ := merged(t, campaign.MergeOptions{Note: func(s string) { notes = append(notes, s) }}, paths...)
				for _, kind := range reports.Kinds() {
					if got[kind] != want[kind] {
						t.Errorf("%d shards: %s differs (-want +got)\n%s", n, kind, diffLines(want[kind], got[kind]))
					}
				}
				if len(notes) > 0 {
					t.Errorf("%d shards: judging again says %q", n, notes)
				}
			}
		})
	}
}

// diffLines returns the first lines of a difference.
func diffLines(want, got string) string {
	diff := strings.SplitAfter(cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")), "\n")
	return strings.Join(diff[:min(len(diff), 40)], "")
}

// A report of a whole plan is joined with itself alone: it is written as it was.
func TestMergeOfOne(t *testing.T) {
	t.Parallel()
	want := report(t, campaign.Options{Tags: "core", Seed: 1, Timeline: campaign.KeepAll}, time.Second,
		reports.Kinds()...)
	got, _ := merged(t, campaign.MergeOptions{}, written(t, t.TempDir(), "a.json", want["json"]))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// edit changes a report in JSON.
func edit(t *testing.T, text string, change func(*reports.Report)) string {
	t.Helper()
	var r reports.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	change(&r)
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Shards that do not make up a plan are refused, with the file and what to do.
func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	base := campaign.Options{Scenarios: []string{"healthy", "server-error", "rate-limited"}, Seed: 1} // 6 runs
	shard := func(o campaign.Options, i, n int) string {
		o.Shard = campaign.Shard{Index: i, Of: n}
		return inJSON(t, o, time.Second)
	}
	other := func(change func(*campaign.Options)) string {
		o := base
		change(&o)
		return shard(o, 2, 3)
	}
	first, second, third := shard(base, 1, 3), shard(base, 2, 3), shard(base, 3, 3)
	whole := inJSON(t, base, time.Second)
	for name, c := range map[string]struct {
		second  string // "" for none
		want    string
		missing bool
	}{
		"complete":        {second: second},
		"a missing shard": {want: "missing shard 2/3 of 6 runs: run the same command with --shard 2/3", missing: true},
		"a missing run": {
			second:  edit(t, second, func(r *reports.Report) { r.Runs = r.Runs[1:] }),
			want:    "b.json: it has 1 of the 2 runs of shard 2/3, which was stopped or interrupted: run it again",
			missing: true,
		},
		"a shard that is there twice": {
			second: first, want: "b.json: it is shard 1/3, and so is ",
		},
		"a run that is there twice, and another one is not": {
			second: edit(t, second, func(r *reports.Report) { r.Runs[1] = r.Runs[0] }),
			want:   "the runs are not those of the plan: one is there twice",
		},
		"one run too many": {
			second: edit(t, second, func(r *reports.Report) { r.Add(r.Runs[0]) }),
			want:   "b.json: it has 3 runs, and shard 2/3 has 2",
		},
		"another seed": {
			second: other(func(o *campaign.Options) { o.Seed = 2 }),
			want:   "b.json: its seed is 2, and that of ",
		},
		"another version": {
			second: edit(t, second, func(r *reports.Report) { r.Version = "v9" }),
			want:   "b.json: it was made by version v9",
		},
		"another SDK": {
			second: edit(t, second, func(r *reports.Report) { r.SDKVersions["sdk"] = "v3" }),
			want:   "b.json: its engine used sdk v3",
		},
		"another engine": {
			second: edit(t, second, func(r *reports.Report) { r.Runs[0].TargetVersion = "9.9" }),
			want:   "b.json: it has hurried in version 9.9",
		},
		"another text of a scenario": {
			second: edit(t, second, func(r *reports.Report) { r.Runs[0].SHA256 = "feedbeef00" }),
			want:   "b.json: the text of the scenario healthy is another",
		},
		"another plan": {
			second: other(func(o *campaign.Options) { o.Scenarios = append(o.Scenarios, "overloaded") }),
			want:   "b.json: it is of another plan than ",
		},
		"another limit": {
			second: other(func(o *campaign.Options) { o.Limits = assertions.Limits{"time_to_answer": time.Hour} }),
			want:   "b.json: it is of another plan than ",
		},
		"another cadence": {
			second: other(func(o *campaign.Options) { o.Cadence = campaign.Every(time.Second) }),
			want:   "b.json: its --cadence is 1s, and that of ",
		},
		"another number of shards": {
			second: shard(base, 2, 4), want: "b.json: it is one of 4 shards, and ",
		},
		"a whole report": {
			second: whole, want: "b.json: it is of a whole plan, and ",
		},
		"a report without a plan": {
			second: edit(t, second, func(r *reports.Report) { r.Plan = nil }),
			want:   "b.json: it does not say of which plan it is",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			paths := []string{written(t, dir, "a.json", first), written(t, dir, "c.json", third)}
			if c.second != "" {
				paths = append(paths, written(t, dir, "b.json", c.second))
			}
			_, err := campaign.OpenMerge(paths, campaign.MergeOptions{})
			checkRefusal(t, err, c.want, c.missing)
			partial, err := campaign.OpenMerge(paths, campaign.MergeOptions{Partial: true})
			if c.missing {
				if err != nil || len(partial.Missing()) != 1 || !strings.Contains(partial.Missing()[0], c.want) {
					t.Errorf("--partial says %v, %v", partial, err)
				}
				return
			}
			checkRefusal(t, err, c.want, false)
		})
	}
}

func checkRefusal(t *testing.T, err error, want string, missing bool) {
	t.Helper()
	refused, ok := errors.AsType[*campaign.MergeError](err)
	switch {
	case want == "":
		if err != nil {
			t.Errorf("got %v", err)
		}
	case !ok || !strings.Contains(err.Error(), want) || refused.Missing != missing:
		t.Errorf("got %v, want %q", err, want)
	}
}

// A joined report that is not complete says so when it is read again.
func TestMergePartial(t *testing.T) {
	t.Parallel()
	o := campaign.Options{
		Scenarios: []string{"healthy", "server-error"}, Seed: 1, Shard: campaign.Shard{Index: 1, Of: 2},
	}
	dir := t.TempDir()
	got, result := merged(t, campaign.MergeOptions{Partial: true},
		written(t, dir, "a.json", inJSON(t, o, time.Second)))
	if result.Summary.Runs() != 2 {
		t.Errorf("got %+v", result.Summary)
	}
	_, err := campaign.OpenMerge([]string{written(t, dir, "part.json", got["json"])}, campaign.MergeOptions{})
	checkRefusal(t, err, "part.json: it has 2 of the 4 runs of the plan", true)
}

// Whole reports are joined one after the other, if they can be compared and have nothing in common.
func TestMergeOfSeveralPlans(t *testing.T) {
	t.Parallel()
	one := func(scenario string, seed uint64) string {
		return inJSON(t, campaign.Options{Scenarios: []string{scenario}, Seed: seed}, time.Second)
	}
	first, second := one("healthy", 1), one("server-error", 1)
	bare := func(text string) string {
		return edit(t, text, func(r *reports.Report) { r.Plan = nil })
	}
	for name, c := range map[string]struct{ first, second, want string }{
		"other scenarios":     {first, one("server-error", 1), ""},
		"the same":            {first, first, "b.json: 2 of its runs are in "},
		"another seed":        {first, one("server-error", 2), "b.json: its seed is 2"},
		"without a plan":      {bare(first), bare(one("server-error", 2)), ""},
		"twice, without one":  {bare(first), bare(first), "b.json: 2 of its runs are in "},
		"one without a plan":  {first, bare(one("server-error", 2)), ""},
		"of another release":  {first, edit(t, bare(first), func(r *reports.Report) { release(r, "3") }), ""},
		"interrupted":         {first, edit(t, second, func(r *reports.Report) { r.Runs = nil }), "0 of the 2"},
		"changed by somebody": {first, edit(t, second, func(r *reports.Report) { r.Runs[0].Seed = 9 }), "by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			paths := []string{written(t, dir, "a.json", c.first), written(t, dir, "b.json", c.second)}
			merge, err := campaign.OpenMerge(paths, campaign.MergeOptions{})
			checkRefusal(t, err, c.want, name == "interrupted")
			if err == nil && merge.Header().Plan != nil {
				t.Errorf("it has the plan %+v", merge.Header().Plan)
			}
		})
	}
}

func release(r *reports.Report, version string) {
	for i := range r.Runs {
		r.Runs[i].TargetVersion = version
	}
}

// What was judged by another version is judged again, and said if that changes it.
func TestMergeJudgesAgain(t *testing.T) {
	t.Parallel()
	o := campaign.Options{Scenarios: []string{"server-error", "healthy"}, Seed: 1, Timeline: campaign.KeepAll}
	text := inJSON(t, o, time.Second)
	wrong := edit(t, text, func(r *reports.Report) {
		for i := range r.Runs {
			r.Runs[i].Verdict = assertions.Passed
			r.Runs[i].Expectations = nil
		}
		r.Runs[3].Timeline = nil // what nobody can judge stays
	})
	var notes []string
	got, result := merged(t, campaign.MergeOptions{Note: func(s string) { notes = append(notes, s) }},
		written(t, t.TempDir(), "a.json", wrong))
	want := []string{"server-error / hurried, seed 1: it was passed, and is failed as this version judges it"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if s := result.Summary; s.Failed != 1 || s.Passed != 3 || result.Verdict() != assertions.Failed {
		t.Errorf("got %+v", s)
	}
	if !strings.Contains(got["text"], "limit 1ns") {
		t.Errorf("the limit was not that of the run:\n%s", got["text"])
	}
	unread := edit(t, text, func(r *reports.Report) { r.Runs[0].Source = "scenario: [" })
	notes = nil
	merged(t, campaign.MergeOptions{Note: func(s string) { notes = append(notes, s) }},
		written(t, t.TempDir(), "a.json", unread))
	if len(notes) != 1 || !strings.Contains(notes[0], "server-error / mine, seed 1: not judged again") {
		t.Errorf("got %q", notes)
	}
}

// The baseline is that of the joined runs.
func TestMergeWithBaseline(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := campaign.Options{Scenarios: []string{"server-error", "healthy"}, Seed: 1}
	path := written(t, dir, "a.json", inJSON(t, o, time.Second))
	baseline := filepath.Join(dir, "baseline.txt")
	_, result := merged(t, campaign.MergeOptions{}, path)
	if n, err := result.WriteBaseline(baseline); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, result := merged(t, campaign.MergeOptions{Baseline: baseline}, path); result.Verdict() != assertions.Passed {
		t.Errorf("got %s", result.Verdict())
	}
}

// The facts of a plan do not depend on the shard, and say what the runs say.
func TestFacts(t *testing.T) {
	t.Parallel()
	words := scenarios.Shipped()
	facts := func(o campaign.Options) *reports.Plan {
		o.Vocabulary = words
		plan, err := campaign.NewPlan(sharded(), o)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Facts()
	}
	whole := facts(campaign.Options{Seed: 1})
	part := facts(campaign.Options{Seed: 1, Shard: campaign.Shard{Index: 2, Of: 5}})
	if whole.Shard != "" || part.Shard != "2/5" || whole.SHA256 != part.SHA256 || whole.Runs != part.Runs {
		t.Errorf("got %+v and %+v", whole, part)
	}
	if want := 2 * len(scenarios.Catalogue()); whole.Runs != want {
		t.Errorf("got %d runs, want %d", whole.Runs, want)
	}
	if other := facts(campaign.Options{Seed: 2}); other.SHA256 == whole.SHA256 {
		t.Error("the seed is not in the hash")
	}
}

// A report of the first version of the program, which had no partial runs, no conditions and no
// plan, is read, judged again and written in every form. Its path stands for those of later ones:
// docs/conformance has more.
func TestOldReport(t *testing.T) {
	t.Parallel()
	var notes []string
	o := campaign.MergeOptions{Note: func(s string) { notes = append(notes, s) }}
	got, result := merged(t, o, filepath.Join("testdata", "report-2026-11-23.json"))
	if s := result.Summary; s.Passed != 2 || s.Failed != 1 || s.Wall != timeline.Seconds(61_565_749) || len(notes) > 0 {
		t.Errorf("got %+v, and %q", s, notes)
	}
	for kind, want := range map[string]string{
		"text":  "failed   time_to_fallback (line 27): fallback took 15m8.16s, limit 5m1s",
		"json":  `"time_to_fallback_s": 908.16`,
		"junit": `<testcase name="heartbeat-only"`,
		"html":  "heartbeat-only",
		"otlp":  "hermes-0.13",
	} {
		if !strings.Contains(got[kind], want) {
			t.Errorf("%s does not say %q:\n%s", kind, want, got[kind])
		}
	}
}

// What is not a report of this program, or of a newer version of it, is refused with what to do.
func TestOtherSchemas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"schema": "chaosrun.report/v2", "runs": {}}`: `: its schema is "chaosrun.report/v2", and this version reads ` +
			`"chaosrun.report/v1": install a newer chaosrun`,
		`{"runs": [], "schema": "chaosrun.report/v2"}`: ": install a newer chaosrun",
		`{"schema": "chaosrun.timeline/v1"}`:           ": write the report with --report json=PATH",
		`{}`:                                           `: its schema is ""`,
		`[]`:                                           ":1:2: not a report: want {, got [",
		`{"schema": "chaosrun.report/v1", "runs": 3}`:                ":1:43: not a report: runs: want a list, got 3",
		"{\"schema\": \"chaosrun.report/v1\",\n \"seed\": -1}":       ":2:12: not a report: ",
		"{\"schema\": \"chaosrun.report/v1\"} {}":                    ": not a report: something follows the report",
		`{"schema": "chaosrun.report/v1", "plan": {"shard": "5/4"}}`: `no plan has 0 runs and a shard "5/4"`,
	} {
		_, err := campaign.OpenMerge([]string{written(t, t.TempDir(), "a.json", text)}, campaign.MergeOptions{})
		if !is[*campaign.DataError](err) || !strings.Contains(err.Error(), "a.json"+want) &&
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestFactsOfManySeeds checks that the facts of a plan take no longer for more seeds. It would not
// end if they did.
func TestFactsOfManySeeds(t *testing.T) {
	facts := func(repeat int) *reports.Plan {
		plan, err := campaign.NewPlan(mine(), campaign.Options{Scenarios: []string{"healthy"}, Repeat: repeat})
		if err != nil {
			t.Fatal(err)
		}
		return plan.Facts()
	}
	const many = 1 << 40
	if got := facts(many); got.Runs != many || got.SHA256 == facts(many-1).SHA256 {
		t.Errorf("got %+v", got)
	}
}
