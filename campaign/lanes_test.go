package campaign_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// crew are lanes that are goroutines of this test.
type crew struct {
	ended []chan struct{}
	why   string
}

func (c *crew) Ended(variant int) <-chan struct{} { return c.ended[variant] }
func (c *crew) Why(int) string                    { return c.why }

// outsiders are two engines that are taken for ones in other processes, and one of this program
// between them.
func outsiders() []campaign.Variant {
	plainly := func(name string, outside bool) campaign.Variant {
		v := campaign.Variant{Name: name, Factory: newPlain, Outside: outside}
		if outside {
			v.Options = []harness.Option{harness.WithOutside(harness.Outside{})}
		}
		return v
	}
	return []campaign.Variant{plainly("one@a", true), plainly("mine", false), plainly("two@a", true)}
}

// outsidersRun makes the runs of a plan and returns them as strings that hold no time.
func outsidersRun(ctx context.Context, t *testing.T, o campaign.Options) ([]string, *campaign.Result) {
	t.Helper()
	o.Scenarios, o.Repeat, o.Seed = []string{"healthy", "server-error"}, 3, 7
	plan, err := campaign.NewPlan(outsiders(), o)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	result, err := plan.Execute(ctx, func(run reports.Run) error {
		said := []string{run.Label(), run.Verdict.String(), run.Clock, run.Replay}
		for _, c := range run.Calls {
			said = append(said, c.Outcome.String(), c.AnsweredBy)
		}
		for _, e := range run.Expectations {
			if e.Verdict == assertions.Unknown {
				said = append(said, e.Message)
			}
		}
		all = append(all, strings.Join(said, " "))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, result
}

// TestLanes makes the runs of two engines elsewhere, and gets the report of a plan that makes all
// of them itself, also in shards.
func TestLanes(t *testing.T) {
	t.Parallel()
	for _, shard := range []campaign.Shard{{}, {Index: 2, Of: 4}} {
		want, _ := outsidersRun(t.Context(), t, campaign.Options{Shard: shard, Clock: harness.Wall()})
		c := &crew{ended: []chan struct{}{make(chan struct{}), nil, make(chan struct{})}}
		file := filepath.Join(t.TempDir(), "runs.jsonl")
		var lanes sync.WaitGroup
		lanes.Go(func() {
			for _, n := range []int{0, 2} {
				got, _ := outsidersRun(t.Context(), t, campaign.Options{
					Shard: shard, Clock: harness.Wall(), Resume: file, Only: []int{n},
				})
				if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, outsiders()[n].Name) }) {
					t.Errorf("lane %d made %d runs: %q", n, len(got), got)
				}
				close(c.ended[n])
			}
		})
		got, result := outsidersRun(t.Context(), t, campaign.Options{
			Shard: shard, Clock: harness.Wall(), Resume: file, Lanes: c,
		})
		lanes.Wait()
		if diff := cmp.Diff(got, want); diff != "" || result.Interrupted {
			t.Errorf("interrupted %v, (-got +want):\n%s", result.Interrupted, diff)
		}
	}
}

// TestLanesThatEndEarly: what a lane did not make is unknown, with what it said. After an
// interrupt it is missing, and all that was made is reported, whatever its place in the order.
func TestLanesThatEndEarly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "runs.jsonl")
	outsidersRun(t.Context(), t, campaign.Options{Clock: harness.Wall(), Resume: file, Only: []int{2}})
	over := make(chan struct{})
	c := &crew{ended: []chan struct{}{over, nil, over}, why: "the tree is gone"}
	close(over)
	got, result := outsidersRun(t.Context(), t, campaign.Options{Clock: harness.Wall(), Resume: file, Lanes: c})
	if result.Summary.Unknown != 6 || len(got) != 18 ||
		!strings.Contains(got[0], "the harness could not look: the tree is gone") {
		t.Errorf("%d unknown of %q", result.Summary.Unknown, got)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	running := make(chan struct{})
	c = &crew{ended: []chan struct{}{running, nil, over}}
	time.AfterFunc(300*time.Millisecond, func() { interrupt(); close(running) })
	got, result = outsidersRun(ctx, t, campaign.Options{Clock: harness.Wall(), Resume: file, Lanes: c})
	if !result.Interrupted || len(got) < 6 || result.Summary.Unknown != 0 {
		t.Errorf("interrupted %v, and reported %q", result.Interrupted, got)
	}
	n := strings.Count(strings.Join(got, "\n"), "two@a --clock") + strings.Count(strings.Join(got, "\n"), "/ two@a")
	if n < 6 {
		t.Errorf("what was made is not reported: %q", got)
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error("there was no interrupt")
	}
}

// TestLanesOfFixedPorts: engines that need the same addresses share a lane.
func TestLanesOfFixedPorts(t *testing.T) {
	t.Parallel()
	all := []campaign.Variant{
		{Name: "a@x", Outside: true},
		{Name: "mine"},
		{Name: "b@x", Outside: true, Instances: 1},
		{Name: "a@y", Outside: true},
		{Name: "b@y", Outside: true, Instances: 1},
	}
	plan, err := campaign.NewPlan(all, campaign.Options{Scenarios: []string{"healthy"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan.Lanes(), [][]int{{0}, {2, 4}, {3}}); diff != "" {
		t.Error(diff)
	}
}
