package campaign

import (
	"context"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// flagshipTag marks the scenario that represents an issue.
const flagshipTag = "flagship"

// falseAlarmTag marks the scenarios in which a fallback is wrong.
const falseAlarmTag = "false-alarm"

// A Comparison compares a reported bug with its fixes. It runs every scenario of the issue and
// every false-alarm scenario under every variant.
type Comparison struct {
	reports.Comparison

	// Reference is the name of the variant to compare the others with, or "".
	Reference string
	// Surprises are the runs with a verdict that their variant does not declare, ordered by
	// variant.
	Surprises []Surprise
}

// A Surprise is a run with an unexpected verdict. Want is the verdict that its variant declares.
type Surprise struct {
	Run  reports.Run
	Want assertions.Verdict
}

// Compare runs the scenarios of an issue and the false-alarm scenarios under every variant. It
// also searches the patience of each variant; see [Patience]. Variants are sorted by name, with
// the reference last. Compare uses Seed, Program and Replay of the Options, and ignores the rest.
func Compare(issue string, variants []Variant, o Options) (*Comparison, error) {
	reproduced, err := ForIssue(issue)
	if err != nil {
		return nil, err
	}
	if len(variants) == 0 {
		return nil, noEngine()
	}
	healthy := slices.DeleteFunc(scenarios.Catalogue(), func(s scenarios.Scenario) bool {
		return !slices.Contains(s.Tags, falseAlarmTag) ||
			slices.ContainsFunc(reproduced, func(x scenarios.Scenario) bool { return x.Name == s.Name })
	})
	flagship := reproduced[max(0,
		slices.IndexFunc(reproduced, func(s scenarios.Scenario) bool { return slices.Contains(s.Tags, flagshipTag) }))]
	variants = inOrder(variants)
	c := &Comparison{Comparison: reports.Comparison{
		Flagship: column(flagship), Issue: flagship.Issue, Title: flagship.Title,
		Speed: columns(reproduced), Healthy: columns(healthy), Patience: map[string]string{},
	}}
	all := slices.Concat(reproduced, healthy)
	plan := newPlan(variants, Options{Seed: o.Seed, Program: o.Program, Replay: o.Replay})
	plan.scenarios = all
	for n, v := range variants {
		c.Variants = append(c.Variants, v.Name)
		c.Patience[v.Name] = patience(v, flagship, o.Seed)
		if v.Reference {
			c.Reference = v.Name
		}
		for _, s := range all {
			c.judge(Job{Scenario: s, Variant: v, Seed: o.Seed, plan: plan, variant: n})
		}
	}
	return c, nil
}

// judge makes one run and records a Surprise if its verdict differs from the declared one.
func (c *Comparison) judge(j Job) {
	run := j.kept(j.report(j.trial(context.Background())))
	c.Set(j.Variant.Name, run)
	want := assertions.Passed
	if slices.Contains(j.Variant.Declared, j.Scenario.Name) {
		want = assertions.Failed
	}
	if run.Verdict != assertions.Skipped && run.Verdict != want && (want != assertions.Passed || !run.Verdict.Holds()) {
		c.Surprises = append(c.Surprises, Surprise{Run: run, Want: want})
	}
}

// inOrder sorts the variants by name, with the reference last.
func inOrder(variants []Variant) []Variant {
	variants = slices.Clone(variants)
	slices.SortStableFunc(variants, func(a, b Variant) int {
		switch {
		case a.Reference == b.Reference:
			return strings.Compare(a.Name, b.Name)
		case a.Reference:
			return 1
		}
		return -1
	})
	return variants
}

func columns(list []scenarios.Scenario) []reports.CompareColumn {
	var all []reports.CompareColumn
	for _, s := range list {
		all = append(all, column(s))
	}
	return all
}

func column(s scenarios.Scenario) reports.CompareColumn {
	return reports.CompareColumn{
		Scenario: s.Name, Primary: s.Providers[0].Name, Tokens: contextTokens(s), Limit: s.Limits["time_to_fallback"],
	}
}
