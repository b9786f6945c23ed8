package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets/builtin"
	"github.com/chaosrun/chaosrun/timeline"
)

type reproduceCmd struct {
	Issue string `arg:"" help:"A number, owner/repo#number or the issue's URL."`

	Seed uint64 `default:"1" help:"What all chance is drawn from. Default: 1."`
}

// Help is shown below the flags.
func (reproduceCmd) Help() string {
	return `Example:
  chaosrun reproduce 22277

It runs every scenario of the catalogue that stands for the issue under every shipped policy: the engine with the
bug, the fix that landed, the fixes that were proposed, and what we would run. Beside the time to fallback it shows the
price: which policies abandon a stream that is slow but healthy.

It exits with 1 if a policy's verdict is not the one that it declares, or if recommended fails.`
}

// recommended is the policy that has to pass everything.
const recommended = "recommended"

// flagshipTag marks the scenario that an issue is told by.
const flagshipTag = "flagship"

// falseAlarmTag marks the scenarios in which a fallback is the mistake.
const falseAlarmTag = "false-alarm"

// Run prints the comparison.
func (r *reproduceCmd) Run(c console) error {
	reproduced, err := scenariosOf(r.Issue)
	if err != nil {
		return err
	}
	healthy := slices.DeleteFunc(scenarios.Catalogue(), func(s scenarios.Scenario) bool {
		return !slices.Contains(s.Tags, falseAlarmTag) || slices.ContainsFunc(reproduced, func(x scenarios.Scenario) bool { return x.Name == s.Name })
	})
	g := newGrid(failover.Policies(), r.Seed)
	g.run(reproduced)
	g.run(healthy)
	flagship := reproduced[max(0, slices.IndexFunc(reproduced, func(s scenarios.Scenario) bool { return slices.Contains(s.Tags, flagshipTag) }))]
	fmt.Fprintf(c.out, "%s\n%s\n\n", flagship.Issue, flagship.Title)
	if err := g.speed(c, reproduced); err != nil {
		return err
	}
	if err := g.falseAlarms(c, healthy, flagship); err != nil {
		return err
	}
	g.story(c, flagship)
	return g.verdict(c, append(slices.Clone(reproduced), healthy...))
}

// scenariosOf returns the catalogue's scenarios for an issue, by the size of their context and then by name.
func scenariosOf(issue string) ([]scenarios.Scenario, error) {
	matches, err := issueMatcher(issue)
	if err != nil {
		return nil, err
	}
	var found []scenarios.Scenario
	var numbers []string
	for _, s := range scenarios.Catalogue() {
		if s.Issue == "" {
			continue
		}
		if matches(s.Issue) {
			found = append(found, s)
		}
		_, number, _ := splitIssue(s.Issue)
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	if found == nil {
		return nil, usage("no scenario stands for issue %q%s", issue, didYouMean(issue, numbers))
	}
	slices.SortStableFunc(found, func(a, b scenarios.Scenario) int { return contextTokens(a) - contextTokens(b) })
	return found, nil
}

func contextTokens(s scenarios.Scenario) int {
	if len(s.Calls) == 0 {
		return 0
	}
	return s.Calls[0].ContextTokens
}

var issueURL = regexp.MustCompile(`^https?://[^/]+/([^/]+/[^/]+)/(?:issues|pull)/(\d+)`)

// splitIssue takes an issue's URL apart.
func splitIssue(url string) (repo, number string, ok bool) {
	m := issueURL.FindStringSubmatch(url)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// issueMatcher understands a number, owner/repo#number and a URL.
func issueMatcher(issue string) (func(url string) bool, error) {
	wantRepo, wantNumber, ok := splitIssue(issue)
	if !ok {
		wantRepo, wantNumber, ok = strings.Cut(issue, "#")
		if !ok {
			wantRepo, wantNumber = "", issue
		}
	}
	if wantNumber == "" || strings.Trim(wantNumber, "0123456789") != "" {
		return nil, usage("%q is no issue: write a number, owner/repo#number or its URL", issue)
	}
	return func(url string) bool {
		repo, number, ok := splitIssue(url)
		return ok && number == wantNumber && (wantRepo == "" || strings.EqualFold(repo, wantRepo) || strings.HasSuffix(repo, "/"+wantRepo))
	}, nil
}

// A grid holds one run for each policy and scenario.
type grid struct {
	policies []failover.Policy
	seed     uint64
	runs     map[[2]string]reports.Run
}

func newGrid(policies []failover.Policy, seed uint64) *grid {
	slices.SortStableFunc(policies, func(a, b failover.Policy) int {
		// The reference comes last, below what it is compared with.
		switch {
		case a.Name == recommended:
			return 1
		case b.Name == recommended:
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return &grid{policies: policies, seed: seed, runs: map[[2]string]reports.Run{}}
}

func (g *grid) run(list []scenarios.Scenario) {
	for _, s := range list {
		for _, p := range g.policies {
			trial := harness.Conduct(s, builtin.Factory(p), harness.WithSeed(g.seed), harness.WithNames(builtin.Name, p.Name))
			replay := fmt.Sprintf("chaosrun run %s --policy %s --seed %d", s.Name, p.Name, g.seed)
			g.runs[[2]string{p.Name, s.Name}] = newRun(trial, replay)
		}
	}
}

// speed prints what each policy makes of each scenario.
func (g *grid) speed(c console, list []scenarios.Scenario) error {
	t := newTable()
	head := table.Row{"policy"}
	for _, s := range list {
		title := stacked(s.Name) + "\n"
		if n := contextTokens(s); n > 0 {
			title += fmt.Sprintf("%d tokens", n)
		}
		title += "\n"
		if limit, ok := s.Limits["time_to_fallback"]; ok {
			title += fmt.Sprintf("limit %s", limit)
		}
		head = append(head, title+"\nprimary\nattempts", "time to\nfallback", "verdict")
	}
	t.AppendHeader(head)
	for _, p := range g.policies {
		row := table.Row{p.Name}
		for _, s := range list {
			row = append(row, cells(g.runs[[2]string{p.Name, s.Name}], s)...)
		}
		t.AppendRow(row)
	}
	_, err := fmt.Fprintf(c.out, "Time to fallback\n%s\n\n", t.Render())
	return err //nolint:wrapcheck // standard output
}

// cells are the primary's attempts, the time to fallback and the verdict of one run.
func cells(run reports.Run, s scenarios.Scenario) []any {
	attempts, fallback := "–", "–"
	if len(run.Calls) > 0 {
		m := run.Calls[0].Measures
		attempts = strconv.Itoa(m.Attempts[s.Providers[0].Name])
		switch {
		case m.TimeToFallback != nil:
			fallback = minutes(m.TimeToFallback.Duration())
		case run.Calls[0].Outcome.String() == "hung":
			fallback = "never"
		}
	}
	return []any{attempts, fallback, run.Verdict.String()}
}

// minutes is a time as the bug reports give it: minutes with a decimal from one minute on.
func minutes(d time.Duration) string {
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}

// falseAlarms prints which policies abandon a healthy stream, and how long a first token may take under each.
func (g *grid) falseAlarms(c console, healthy []scenarios.Scenario, like scenarios.Scenario) error {
	t := newTable()
	head := table.Row{"policy"}
	for _, s := range healthy {
		head = append(head, stacked(s.Name))
	}
	t.AppendHeader(append(head, "first token\nmay take"))
	for _, p := range g.policies {
		row := table.Row{p.Name}
		for _, s := range healthy {
			row = append(row, fate(g.runs[[2]string{p.Name, s.Name}]))
		}
		t.AppendRow(append(row, patience(p, like, g.seed)))
	}
	_, err := fmt.Fprintf(c.out, "False alarms: what becomes of a primary that is healthy\n%s\n"+
		"(found by running streams whose first token comes later and later, %d tokens of context)\n\n", t.Render(), contextTokens(like))
	return err //nolint:wrapcheck // standard output
}

// fate says in a word or two what became of a primary that was all right.
func fate(run reports.Run) string {
	switch {
	case len(run.Calls) == 0:
		return "–"
	case run.Calls[0].Measures.TimeToFallback != nil:
		return "abandoned"
	case run.Verdict == assertions.Passed:
		return "left alone"
	case run.Calls[0].Outcome == timeline.Answered:
		return "kept waiting"
	}
	return run.Calls[0].Outcome.String()
}

// stacked breaks a long name at its hyphens, so that no column is much wider than its cells.
func stacked(name string) string {
	const width = 12
	var b strings.Builder
	line := 0
	for i, part := range strings.SplitAfter(name, "-") {
		if i > 0 && line+len(part) > width {
			b.WriteByte('\n')
			line = 0
		}
		b.WriteString(part)
		line += len(part)
	}
	return b.String()
}

func newTable() table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Format.HeaderVAlign = text.VAlignBottom
	t.SetStyle(style)
	return t
}

// story prints what happened in the issue's first scenario under the first policy that fails it.
func (g *grid) story(c console, s scenarios.Scenario) {
	for _, p := range g.policies {
		run := g.runs[[2]string{p.Name, s.Name}]
		if run.Verdict == assertions.Failed {
			fmt.Fprintf(c.out, "Timeline of %s\n%s\nreplay: %s\n\n", run.Label(), reports.Story(run.Timeline), run.Replay)
			return
		}
	}
}

// verdict compares each policy's verdicts with those that it declares.
func (g *grid) verdict(c console, list []scenarios.Scenario) error {
	surprises := 0
	for _, p := range g.policies {
		for _, s := range list {
			run := g.runs[[2]string{p.Name, s.Name}]
			want := assertions.Passed
			if slices.Contains(p.Fails, s.Name) {
				want = assertions.Failed
			}
			if run.Verdict == assertions.Skipped || run.Verdict == want {
				continue
			}
			surprises++
			fmt.Fprintf(c.out, "surprise: %s %s, and its policy declares that it is %s\n  replay: %s\n", run.Label(), run.Verdict, want, run.Replay)
		}
	}
	if surprises > 0 {
		return &exitError{code: exitFailed}
	}
	fmt.Fprintf(c.out, "Every policy behaves as it declares, and %s passes.\n", recommended)
	return nil
}
