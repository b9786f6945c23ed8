package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/proctime"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

// realCadence is the pause between heartbeats. An engine may notice a kill only at the next
// heartbeat, so a longer pause would distort its times.
const realCadence = time.Second

// realLimit is when a call is cut, in the engine's time: well after the longest reported fallback,
// 54 minutes (https://github.com/NousResearch/hermes-agent/issues/22277).
const realLimit = 90 * time.Minute

// real runs the reported software, as the targets of the issue install it, beside the policies.
func (r *reproduceCmd) real(c console) error {
	found, err := campaign.ForIssue(r.Issue)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	scenario := found[0] // the smallest conversation: an engine that is a command has a short prompt
	engines, err := c.Outside.OfIssue(c.Vocabulary, scenario.Issue)
	if err != nil {
		return err //nolint:wrapcheck // it says what it is
	}
	if len(engines) == 0 {
		return usage("--real: no target that ships reproduces %s", scenario.Issue)
	}
	if err := r.installed(c, engines); err != nil {
		return err
	}
	var names []string
	for _, t := range engines {
		names = append(names, t.Name)
	}
	if code, done := c.onLoopback(names); done {
		return &exitError{code: code}
	}
	if why := c.virtualTime(); why != nil {
		return &exitError{
			code: ExitUnknown, err: fmt.Errorf("--real would take hours: virtual time does not work here: %w", why),
		}
	}
	if !proctime.Inside() {
		return c.virtually(treeOptions("", "", r.Seed), false)
	}
	return r.beside(c, scenario, engines)
}

// installed installs the engines, with --install, or says how to.
func (r *reproduceCmd) installed(c console, engines []*targets.Target) error {
	var missing []string
	for _, t := range engines {
		switch {
		case t.Installed():
		case !r.Install:
			missing = append(missing, t.Name)
		default:
			if err := t.Install(c.ctx, commandLines{c.err}); err != nil {
				return &exitError{code: ExitUnknown, err: fmt.Errorf("%s: %w", t.Name, err)}
			}
		}
	}
	if missing != nil {
		return &exitError{code: ExitUnknown, err: fmt.Errorf("not installed: run `%s install %s`, or add --install",
			c.Program, strings.Join(missing, " "))}
	}
	return nil
}

// A besidePair is a variant of an engine and the policy that models it.
type besidePair struct{ engine, policy *campaign.Variant }

// beside makes the runs and prints the table.
func (r *reproduceCmd) beside(c console, scenario scenarios.Scenario, engines []*targets.Target) error {
	pairs, err := c.pairs(engines)
	if err != nil {
		return err
	}
	table := &reports.Beside{Issue: scenario.Issue, Title: scenario.Title, Cadence: realCadence}
	policies := map[string]*reports.Run{}
	failed, unknown := false, false
	for i, pair := range pairs {
		row := reports.BesideRow{}
		if pair.engine != nil {
			fmt.Fprintf(c.err, "%d of %d: %s\n", i+1, len(pairs), pair.engine.Name)
			if row.Engine, err = r.one(c, scenario, *pair.engine, harness.Tree()); err != nil {
				return err
			}
		}
		if p := pair.policy; p != nil {
			if policies[p.Name] == nil {
				if policies[p.Name], err = r.one(c, scenario, *p, harness.Virtual()); err != nil {
					return err
				}
			}
			row.Policy = policies[p.Name]
			failed = failed || p.Reference && row.Policy.Verdict == assertions.Failed
		}
		failed, unknown = failed || row.Differs() != "", unknown || row.Unknown()
		table.Rows = append(table.Rows, row)
	}
	if err := table.Text(c.out, c.screen); err != nil {
		return err //nolint:wrapcheck // it says what it is
	}
	switch {
	case failed:
		return exitOf(assertions.Failed)
	case unknown:
		return exitOf(assertions.Unknown)
	}
	return nil
}

// pairs returns the variants of the engines that have a policy, and then the reference.
func (c console) pairs(engines []*targets.Target) ([]besidePair, error) {
	var all []besidePair
	for _, t := range engines {
		variants, err := t.Variants(targets.Options{Words: c.Vocabulary, Warn: c.warn})
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		for _, v := range variants {
			_, name, _ := strings.Cut(v.Name, "@")
			policy, ok := t.Policies[name]
			if !ok {
				continue
			}
			if campaign.IsFile(policy) {
				policy = filepath.Join(t.Dir, filepath.FromSlash(policy))
			}
			chosen, err := c.Targets.Choose(nil, []string{policy})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.Name, err)
			}
			all = append(all, besidePair{engine: &v, policy: &chosen[0]})
		}
	}
	for _, v := range c.Targets.All() {
		if v.Reference {
			all = append(all, besidePair{policy: &v})
		}
	}
	return all, nil
}

// one makes one run.
func (r *reproduceCmd) one(c console, scenario scenarios.Scenario, v campaign.Variant,
	clock harness.Clock,
) (*reports.Run, error) {
	cadence, err := campaign.ParseCadence(realCadence.String())
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it is
	}
	plan, err := campaign.NewPlan([]campaign.Variant{v}, campaign.Options{
		Scenarios: []string{scenario.Name}, Limits: assertions.Limits{campaign.CallLimit: realLimit}, Seed: r.Seed,
		Clock: clock, Cadence: cadence,
		Parallel: 1, Timeline: campaign.KeepNone, Vocabulary: c.Vocabulary, Program: c.Program,
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is for the user
	}
	var made []reports.Run
	result, err := plan.Execute(c.ctx, func(run reports.Run) error {
		made = append(made, run)
		return nil
	})
	switch {
	case err != nil:
		return nil, err //nolint:wrapcheck // it says what it is
	case result.Interrupted:
		return nil, &exitError{code: ExitInterrupted, err: errors.New("interrupted")}
	case len(made) != 1:
		return nil, &exitError{code: ExitInternal, err: fmt.Errorf("%d runs of %s", len(made), v.Name)}
	}
	return &slices.Clone(made)[0], nil
}
