package main

import (
	"context"
	"errors"
	"fmt"
	"go/build/constraint"
	"iter"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
)

// A plan is everything that a command line asks for, checked before the first run.
type plan struct {
	jobs     []job
	parallel int
	known    knownFailures
}

// plan checks the whole command line; nothing has run when it returns an error.
func (r *runCmd) plan() (plan, error) {
	var p plan
	selected, err := selectScenarios(r.Scenarios)
	if err != nil {
		return p, err
	}
	if selected, err = filterTags(selected, r.Tags); err != nil {
		return p, err
	}
	policies, err := findPolicies(r.Policy)
	if err != nil {
		return p, err
	}
	if err := checkTargets(r.Target); err != nil {
		return p, err
	}
	clock, err := harness.ParseClock(r.Clock)
	if err != nil {
		return p, &exitError{code: exitUsage, err: err}
	}
	limits, err := parseLimits(r.Limit)
	if err != nil {
		return p, err
	}
	if r.Repeat < 1 {
		return p, usage("--repeat must be 1 or more, not %d", r.Repeat)
	}
	if p.known, err = readKnownFailures(r.KnownFailures); err != nil {
		return p, err
	}
	for _, s := range selected {
		for _, policy := range policies {
			for i := range r.Repeat {
				p.jobs = append(p.jobs, r.job(s, policy, clock, limits, r.Seed+uint64(i)))
			}
		}
	}
	p.parallel = parallelism(r.Parallel, clock)
	p.jobs, err = shard(p.jobs, r.Shard)
	return p, err
}

func parallelism(asked int, clock harness.Clock) int {
	switch {
	case asked > 0:
		return asked
	case clock == harness.Virtual():
		return runtime.GOMAXPROCS(0)
	}
	return 1
}

// namedPolicy is a policy and the word that the command line used for it.
type namedPolicy struct {
	failover.Policy
	arg string
}

func (r *runCmd) job(s scenarios.Scenario, p namedPolicy, clock harness.Clock, limits assertions.Limits, seed uint64) job {
	replay := []string{"chaosrun run", scenarioArg(s), "--policy", p.arg}
	if clock != harness.Virtual() {
		replay = append(replay, "--clock", clock.String())
	}
	for _, l := range r.Limit {
		replay = append(replay, "--limit", l)
	}
	replay = append(replay, "--seed", strconv.FormatUint(seed, 10))
	return job{replay: strings.Join(replay, " "), trial: func() *harness.Trial {
		return harness.Conduct(s, builtin.Factory(p.Policy),
			harness.WithSeed(seed), harness.WithClock(clock), harness.WithLimits(limits), harness.WithNames(builtin.Name, p.Name))
	}}
}

// scenarioArg is what names the scenario on a command line: its file if it is not of the catalogue.
func scenarioArg(s scenarios.Scenario) string {
	if _, err := scenarios.Find(s.Name); err == nil && !isFile(s.File) {
		return s.Name
	}
	return s.File
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// selectScenarios resolves names, globs and files; none is the whole catalogue.
func selectScenarios(args []string) ([]scenarios.Scenario, error) {
	if len(args) == 0 {
		return scenarios.Catalogue(), nil
	}
	var selected []scenarios.Scenario
	var problems strictyaml.Problems
	for _, arg := range args {
		found, err := selectOne(arg)
		if more, ok := err.(strictyaml.Problems); ok { //nolint:errorlint // collected unwrapped, as loaders return it
			problems = append(problems, more...)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if !slices.ContainsFunc(selected, func(have scenarios.Scenario) bool { return have.Name == s.Name && have.File == s.File }) {
				selected = append(selected, s)
			}
		}
	}
	if problems != nil {
		return nil, problems
	}
	return selected, nil
}

func selectOne(arg string) ([]scenarios.Scenario, error) {
	switch {
	case strings.HasSuffix(arg, ".yaml"), strings.HasSuffix(arg, ".yml"), isFile(arg):
		data, err := os.ReadFile(arg)
		if err != nil {
			return nil, usage("%v", err)
		}
		s, err := scenarios.Load(arg, data)
		if err != nil {
			return nil, err //nolint:wrapcheck // its text is for the user
		}
		return []scenarios.Scenario{s}, nil
	case strings.ContainsAny(arg, "*?["):
		found, err := scenarios.Match(arg)
		if err != nil {
			return nil, usage("%v", err)
		}
		if len(found) == 0 {
			return nil, usage("no scenario matches %q; see: chaosrun list scenarios", arg)
		}
		return found, nil
	}
	s, err := scenarios.Find(arg)
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is for the user
	}
	return []scenarios.Scenario{s}, nil
}

// filterTags keeps the scenarios whose tags satisfy a boolean expression, in the syntax of Go's build constraints. They have
// no hyphens, so underscores stand for them on both sides.
func filterTags(all []scenarios.Scenario, expr string) ([]scenarios.Scenario, error) {
	if expr == "" {
		return all, nil
	}
	parsed, err := constraint.Parse("//go:build " + strings.ReplaceAll(expr, "-", "_"))
	if err != nil {
		return nil, usage("--tags %q: %v; write for instance --tags 'stall && !flagship'", expr, err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s scenarios.Scenario) bool {
		return !parsed.Eval(func(tag string) bool {
			return slices.ContainsFunc(s.Tags, func(have string) bool { return strings.ReplaceAll(have, "-", "_") == tag })
		})
	}), nil
}

func findPolicies(args []string) ([]namedPolicy, error) {
	var policies []namedPolicy
	for _, arg := range args {
		p, err := findPolicy(arg)
		if err != nil {
			return nil, err
		}
		policies = append(policies, namedPolicy{Policy: p, arg: arg})
	}
	return policies, nil
}

func findPolicy(arg string) (failover.Policy, error) {
	if strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") || isFile(arg) {
		data, err := os.ReadFile(arg)
		if err != nil {
			return failover.Policy{}, usage("%v", err)
		}
		return failover.LoadPolicy(arg, data) //nolint:wrapcheck // its text is for the user
	}
	p, err := failover.FindPolicy(arg)
	if errors.Is(err, failover.ErrNoPolicy) {
		return failover.Policy{}, usage("no such policy: %q%s", arg, didYouMean(arg, failover.PolicyNames()))
	}
	return p, err //nolint:wrapcheck // a file of ours that is wrong says so itself
}

func checkTargets(args []string) error {
	for _, arg := range args {
		if arg != builtin.Name {
			return usage("no such target: %q%s", arg, didYouMean(arg, []string{builtin.Name}))
		}
	}
	return nil
}

// didYouMean suggests the nearest of some words, or lists them.
func didYouMean(word string, known []string) string {
	if s := strictyaml.Nearest(word, known); s != "" {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	return "; one of " + strings.Join(known, ", ")
}

// parseLimits reads MEASURE=TIME.
func parseLimits(args []string) (assertions.Limits, error) {
	limits := assertions.Limits{}
	var known []string
	for _, e := range assertions.All() {
		if l, ok := e.(assertions.Limited); ok {
			known = append(known, l.Measure())
		}
	}
	for _, arg := range args {
		measure, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usage("--limit %q: write MEASURE=TIME, as in --limit time_to_fallback=30s", arg)
		}
		if !slices.Contains(known, measure) {
			return nil, usage("--limit %q: no such measure%s", arg, didYouMean(measure, known))
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return nil, usage("--limit %q: %q is no time above zero; write for instance 30s or 5m1s", arg, text)
		}
		limits[measure] = d
	}
	return limits, nil
}

// shard keeps the Ith of N parts; every part takes each Nth job, so that parts are alike.
func shard(jobs []job, spec string) ([]job, error) {
	if spec == "" {
		return jobs, nil
	}
	first, second, ok := strings.Cut(spec, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if !ok || err1 != nil || err2 != nil || n < 1 || i < 1 || i > n {
		return nil, usage("--shard %q: write I/N with I from 1 to N, as in --shard 2/4", spec)
	}
	var kept []job
	for k, j := range jobs {
		if k%n == i-1 {
			kept = append(kept, j)
		}
	}
	return kept, nil
}

// all runs the jobs, p.parallel at a time, and yields what came of them in their order. It stops early when ctx ends or
// stop says so; jobs under way are waited for.
func (p plan) all(ctx context.Context, stop func(reports.Run) bool) iter.Seq[reports.Run] {
	return func(yield func(reports.Run) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		results := make([]chan reports.Run, len(p.jobs))
		for i := range results {
			results[i] = make(chan reports.Run, 1)
		}
		slots := make(chan struct{}, p.parallel)
		go func() {
			for i, j := range p.jobs {
				select {
				case <-ctx.Done():
				case slots <- struct{}{}:
				}
				if ctx.Err() != nil {
					close(results[i])
					continue
				}
				go func() {
					results[i] <- j.run()
					<-slots
				}()
			}
		}()
		for i := range results {
			run, ok := <-results[i]
			if !ok || !yield(run) || stop(run) {
				return
			}
		}
	}
}
