package campaign_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// standings runs an engine through the scorecard's scenarios, and returns the levels that it does
// not have, with the scenarios that decided.
func standings(t *testing.T, f harness.Factory, limits assertions.Limits, names ...string) map[string]string {
	t.Helper()
	if names == nil {
		names = reports.Conformance()
	}
	plan, err := campaign.NewPlan([]campaign.Variant{{Name: "engine", Factory: f}}, campaign.Options{
		Scenarios: names, Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string][]reports.Run{}
	_, err = plan.Execute(t.Context(), func(run reports.Run) error {
		runs[run.Scenario] = append(runs[run.Scenario], run)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]string{}
	for _, l := range reports.Levels() {
		if s := l.Stand(runs); s.Verdict != assertions.Passed {
			missing[l.Name] = fmt.Sprintf("%s: %s", s.Verdict, strings.Join(append(s.Lost, s.Open...), " "))
		}
	}
	return missing
}

// TestScenariosOfTheScorecard checks that they are there, and that there are enough faults among
// them.
func TestScenariosOfTheScorecard(t *testing.T) {
	t.Parallel()
	all, err := campaign.Select(scenarios.Shipped(), reports.Conformance())
	if err != nil {
		t.Fatal(err)
	}
	groups := reports.Groups()
	if healthy := len(groups[len(groups)-1].Scenarios); len(all)-healthy < 24 ||
		len(all) != len(reports.Conformance()) {
		t.Errorf("%d scenarios, of which %d are no faults", len(all), healthy)
	}
	for _, s := range all {
		if s.Deadline > 20*time.Minute && strings.HasPrefix(s.Name, "fault:") {
			t.Errorf("%s is cut after %s, which is later than a cell", s.Name, s.Deadline)
		}
	}
	if _, err := campaign.Select(scenarios.Shipped(), []string{"fault:refusd"}); err == nil ||
		!strings.Contains(err.Error(), `did you mean "refused"?`) {
		t.Errorf("got %v", err)
	}
}

// A flaw is what is wrong with an engine that is plain otherwise.
type flaw struct {
	// options are those of the plain engine.
	options harnesstest.Options
	// ended returns what the engine returns if the plain one returned err.
	ended func(ctx context.Context, err error) error
	// send sends a request to the provider with that position in place of next.
	send func(position int, r *http.Request, next http.RoundTripper) (*http.Response, error)
	// meddles says that the fallback is asked after each answer of the primary, as if to keep it
	// warm.
	meddles bool
}

// honest is the deadline of an engine that ends a call before a cell does.
const honest = 10 * time.Minute

// factory returns the factory of such engines.
func (f flaw) factory() harness.Factory {
	f.options.Deadline = honest
	return func(lab harness.Lab) harness.Target {
		all := lab.Upstreams()
		var mu sync.Mutex
		asked := map[int]bool{}
		for _, u := range all {
			if _, done := u.HTTPClient.Transport.(sender); done {
				continue
			}
			next := u.HTTPClient.Transport
			u.HTTPClient.Transport = sender(func(r *http.Request) (*http.Response, error) {
				position := 0
				for i, u := range all {
					if strings.HasSuffix(u.URL, "//"+r.URL.Host) {
						position = i
					}
				}
				mu.Lock()
				asked[position] = true
				mu.Unlock()
				if f.send == nil {
					return next.RoundTrip(r)
				}
				return f.send(position, r, next)
			})
		}
		plain := harnesstest.NewPlain(f.options)(lab)
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			clear(asked)
			err := plain.Call(ctx, req, emit)
			if f.meddles && err == nil && !asked[1] {
				return warm(ctx, all[1])
			}
			if f.ended != nil {
				return f.ended(ctx, err)
			}
			return err
		})
	}
}

// A sender is a RoundTripper.
type sender func(*http.Request) (*http.Response, error)

// RoundTrip calls s.
func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

// warm asks a provider for an answer, and throws it away.
func warm(ctx context.Context, u harness.Upstream) error {
	body := `{"model":"` + u.Model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.BaseURL+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+u.Key)
	r.Header.Set("Content-Type", "application/json")
	res, err := u.HTTPClient.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return errors.Join(err, res.Body.Close())
}

// TestLevelsHaveTeeth: an engine that is wrong in one thing loses the level that is about it and no
// other, and the one that is right in all of them has every level.
func TestLevelsHaveTeeth(t *testing.T) {
	t.Parallel()
	for level, f := range map[string]flaw{
		"": {},
		"never hangs": {ended: func(ctx context.Context, err error) error {
			if err != nil {
				<-ctx.Done()
			}
			return err
		}},
		"never lies": {ended: func(context.Context, error) error { return nil }},
		"falls back in time": {send: func(position int, r *http.Request,
			next http.RoundTripper,
		) (*http.Response, error) {
			if position > 0 {
				time.Sleep(6 * time.Second) // the scenarios of errors allow five
			}
			return next.RoundTrip(r)
		}},
		"leaves the healthy alone": {meddles: true},
		"returns":                  {options: harnesstest.Options{Rest: time.Hour}},
		"bills right": {send: func(position int, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			res, err := next.RoundTrip(r)
			if err != nil || position > 0 || res.StatusCode < http.StatusBadRequest {
				return res, err
			}
			again := r.Clone(r.Context())
			if again.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
			return next.RoundTrip(again)
		}},
	} {
		t.Run(cmp.Or(level, "right"), func(t *testing.T) {
			t.Parallel()
			missing := standings(t, f.factory(), nil)
			if level != "" && !strings.HasPrefix(missing[level], "failed: ") {
				t.Errorf("it has %q", level)
			}
			delete(missing, level)
			if len(missing) > 0 {
				t.Errorf("it does not have %v", missing)
			}
		})
	}
}

// TestLevelsThatNobodyCanTell: what was not run, and what was cut early, is unknown and not lost.
func TestLevelsThatNobodyCanTell(t *testing.T) {
	t.Parallel()
	some := standings(t, flaw{}.factory(), nil, "healthy", "slow-but-healthy", "one-blip", "finish-then-heartbeats")
	for _, level := range []string{"never hangs", "never lies", "falls back in time", "returns", "bills right"} {
		if !strings.HasPrefix(some[level], "unknown: ") {
			t.Errorf("%s is %q", level, some[level])
		}
	}
	if got := some["leaves the healthy alone"]; got != "" {
		t.Errorf("what was run is %q", got)
	}
	early := standings(t, newPlain, assertions.Limits{campaign.CallLimit: time.Minute})
	if !strings.HasPrefix(early["never hangs"], "unknown: heartbeat-only ") {
		t.Errorf("it never hangs: %q", early["never hangs"])
	}
	late := standings(t, newPlain, nil)
	if !strings.HasPrefix(late["never hangs"], "failed: heartbeat-only ") {
		t.Errorf("it never hangs: %q", late["never hangs"])
	}
}
