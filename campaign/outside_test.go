package campaign_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// A crowd counts how many calls are under way at once.
type crowd struct {
	mu        sync.Mutex
	now, most int
	full      chan struct{}
}

// crowds returns an engine in another process, as far as a plan can tell, whose calls return as
// soon as size of them are under way at once. The first size calls must be, and the others see
// them.
func crowds(size int) (campaign.Variant, *crowd) {
	c := &crowd{full: make(chan struct{})}
	call := func(ctx context.Context, _ harness.Request, _ func(harness.Delta)) error {
		c.mu.Lock()
		c.now++
		c.most = max(c.most, c.now)
		if c.now == size {
			select {
			case <-c.full:
			default:
				close(c.full)
			}
		}
		c.mu.Unlock()
		defer func() {
			c.mu.Lock()
			c.now--
			c.mu.Unlock()
		}()
		select {
		case <-c.full:
			return errors.New("enough")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return campaign.Variant{
		Name: "crowd", Outside: true, CallLimit: time.Minute,
		Options: []harness.Option{harness.WithOutside(harness.Outside{})},
		Factory: func(harness.Lab) harness.Target { return harness.TargetFunc(call) },
	}, c
}

func TestEnginesInProcessesRunSideBySide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		instances, parallel, want int
	}{
		"as many as usual":            {0, 0, 8},
		"as many as are asked for":    {0, 3, 3},
		"as many as there may be":     {2, 0, 2},
		"one, with a port of its own": {1, 5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, crowd := crowds(c.want)
			v.Instances = c.instances
			plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
				Scenarios: []string{"healthy"}, Repeat: 12, Seed: 5, Parallel: c.parallel,
			})
			if err != nil {
				t.Fatal(err)
			}
			var seeds []uint64
			result, err := plan.Execute(t.Context(), func(run reports.Run) error {
				seeds = append(seeds, run.Seed)
				if run.Clock != "wall" {
					t.Errorf("the clock is %s", run.Clock)
				}
				return nil
			})
			if err != nil || result.Summary.Runs() != 12 || crowd.most != c.want {
				t.Errorf("%d of %d were under way at once, want %d: %v", crowd.most, result.Summary.Runs(), c.want, err)
			}
			if diff := cmp.Diff(seeds, []uint64{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}); diff != "" {
				t.Errorf("the runs are not in order: %s", diff)
			}
		})
	}
}

func TestInterruptDropsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	v, _ := crowds(1_000_000) // no call returns by itself
	plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{Scenarios: []string{"healthy"}, Repeat: 20})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	result, err := plan.Execute(ctx, func(reports.Run) error { return nil })
	if err != nil || !result.Interrupted || result.Summary.Runs() != 0 {
		t.Errorf("interrupted %v, with %d runs: %v", result.Interrupted, result.Summary.Runs(), err)
	}
	if took := time.Since(start); took > 20*time.Second { // a call takes a minute
		t.Errorf("it took %s", took)
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	outside := func(instances int) campaign.Variant {
		v, _ := crowds(1)
		v.Instances, v.CallLimit = instances, 25*time.Second
		v.Options = append(v.Options, harness.WithProtocols("openai-chat"))
		return v
	}
	for name, c := range map[string]struct {
		variants []campaign.Variant
		options  campaign.Options
		want     string
	}{
		"three rounds of eight": {
			[]campaign.Variant{outside(0)},
			campaign.Options{Scenarios: []string{"healthy"}, Repeat: 24},
			"24 cells, 8 side by side: at most 1m30s",
		},
		"one by one": {
			[]campaign.Variant{outside(1)},
			campaign.Options{Scenarios: []string{"healthy"}, Repeat: 4},
			"4 cells: at most 2m0s",
		},
		"a shard": {
			[]campaign.Variant{outside(1)},
			campaign.Options{Scenarios: []string{"healthy"}, Repeat: 4, Shard: campaign.Shard{Index: 1, Of: 4}},
			"1 cell: at most 30s",
		},
		"two engines": {
			[]campaign.Variant{outside(1), outside(2)},
			campaign.Options{Scenarios: []string{"healthy"}, Repeat: 4},
			"8 cells, 2 side by side: at most 2m0s",
		},
		"the pauses too": {
			[]campaign.Variant{outside(0)},
			campaign.Options{Scenarios: []string{"primary-returns"}, Cadence: campaign.AsWritten()},
			"1 cell: at most 15m55s",
		},
		"what is skipped not": {
			[]campaign.Variant{outside(0)},
			campaign.Options{Scenarios: []string{"*-gemini", "healthy"}},
			"1 cell: at most 30s",
		},
		"the search for timers": {
			[]campaign.Variant{outside(0)},
			campaign.Options{Scenarios: []string{"heartbeat-only"}},
			"1 cell: at most 1m0s",
		},
		"no search if it is not needed": {
			[]campaign.Variant{outside(0)},
			campaign.Options{Scenarios: []string{"heartbeat-only"}, Cadence: campaign.AsWritten()},
			"1 cell: at most 30s",
		},
		"virtual time": {mine(), campaign.Options{Scenarios: []string{"healthy"}}, "0 cells: at most 0s"},
		"an engine of one's own on the wall clock": {
			mine(),
			campaign.Options{Scenarios: []string{"healthy"}, Repeat: 2, Clock: harness.Wall()},
			"2 cells: at most 4h0m0s",
		},
		"sixty times as fast": {
			mine(),
			campaign.Options{Scenarios: []string{"healthy"}, Clock: harness.Accelerated(60)},
			"1 cell: at most 2m0s",
		},
	} {
		plan, err := campaign.NewPlan(c.variants, c.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Estimate().String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnEngineInAProcessCannotBeAccelerated(t *testing.T) {
	t.Parallel()
	v, _ := crowds(1)
	_, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{Clock: harness.Accelerated(60)})
	if !is[*campaign.UsageError](err) {
		t.Errorf("got %v", err)
	}
}

func TestProgressCountsDown(t *testing.T) {
	t.Parallel()
	v, _ := crowds(1)
	var told []campaign.Progress
	plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
		Scenarios: []string{"healthy"}, Repeat: 3, Progress: func(p campaign.Progress) { told = append(told, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Execute(t.Context(), func(reports.Run) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if len(told) != 4 || told[0].Left != plan.Estimate().AtMost || told[3].Left != 0 {
		t.Fatalf("got %+v", told)
	}
	for i, p := range told {
		if p.Done != i || p.Of != 3 {
			t.Errorf("got %+v after %d runs", p, i)
		}
	}
}
