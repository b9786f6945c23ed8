package docs_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// A bugReport is a public bug report, with what reproduces it here.
type bugReport struct {
	issue, name, shows, command string
}

// TestTrackRecord writes TRACK_RECORD.md from the links of the catalogue and of the faults, and
// from the reports in conformance. -update rewrites it.
func TestTrackRecord(t *testing.T) {
	failed, versions := failures(t)
	var all []bugReport
	for _, s := range scenarios.Catalogue() {
		if s.Issue != "" {
			all = append(all, bugReport{s.Issue, s.Name, s.Title, "chaosrun run " + s.Name})
		}
	}
	listed := map[string]bool{}
	for _, r := range all {
		listed[r.issue] = true
	}
	var faults []bugReport
	for _, f := range fault.All() {
		for _, issue := range f.Issues {
			if !listed[issue] {
				faults = append(faults, bugReport{issue, "fault:" + f.Name, f.Title, "chaosrun run fault:" + f.Name})
			}
		}
	}
	var b strings.Builder
	b.WriteString(`# Track record

Bug reports from public trackers, each with the scenario that plays what it describes. ` + "`go test ./docs -update`" + ` writes this page from the links of the
[catalogue](../scenarios/catalog), of the [faults](FAULTS.md) and from the reports behind [CONFORMANCE.md](CONFORMANCE.md); do not edit it.

- **reported to**: where somebody met it. The link has the versions and the story.
- **fails today**: the engines of CONFORMANCE.md that fail the scenario in the version that was measured, and what their caller gets, or the expectation that fails if that is the whole answer. It says nothing of engines that were not measured.
- The command runs it against the built-in engine; ` + "`--target NAME`" + ` against another one, ` + "`chaosrun reproduce 22277`" + ` the reported engine of the first report beside its fixes.

`)
	fmt.Fprintf(&b, "%d scenarios of the catalogue play such a report, with limits and expectations of their own. %d "+
		"more reports are behind the faults.\n\n", len(all), len(faults))
	b.WriteString("## Scenarios\n\n| reported to | what it shows | fails today | command |\n" +
		"| --- | --- | --- | --- |\n")
	for _, r := range sorted(all) {
		fmt.Fprintf(&b, "| [%s](%s) | %s | %s | `%s` |\n", tracker(r.issue), r.issue, r.shows, cellOf(failed[r.name]),
			r.command)
	}
	b.WriteString("\n## Faults\n\n| reported to | what it shows | fails today | command |\n| --- | --- | --- | --- |\n")
	for _, r := range sorted(faults) {
		fmt.Fprintf(&b, "| [%s](%s) | %s | %s | `%s` |\n", tracker(r.issue), r.issue, r.shows, cellOf(failed[r.name]),
			r.command)
	}
	b.WriteString("\n## Versions\n\n")
	for _, target := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(&b, "- %s: %s\n", target, versions[target])
	}
	generated(t, "TRACK_RECORD.md", b.String())
}

// failures returns what each engine that fails a scenario does, by scenario, and the version that
// was measured, by engine. Policies of the built-in engine are no engines of others.
func failures(t *testing.T) (failed map[string][]string, versions map[string]string) {
	t.Helper()
	stored, err := campaign.LoadReports([]string{"conformance"})
	if err != nil {
		t.Fatal(err)
	}
	failed, versions = map[string][]string{}, map[string]string{}
	for _, report := range stored {
		for _, run := range report.Runs {
			if run.Policy != "" {
				continue
			}
			name, variant, _ := strings.Cut(run.Target, "@")
			versions[name] = run.TargetVersion
			if run.Verdict == assertions.Failed && variant == "defaults" && len(run.Calls) > 0 {
				failed[run.Scenario] = append(failed[run.Scenario], name+" ("+how(run)+")")
			}
		}
	}
	return failed, versions
}

// how returns what a caller got, or which expectation fails if that is the whole answer.
func how(run reports.Run) string {
	for _, c := range run.Calls {
		if c.Outcome != timeline.Answered {
			return c.Outcome.String()
		}
	}
	for _, e := range run.Expectations {
		if e.Verdict == assertions.Failed {
			return e.Name
		}
	}
	return run.Verdict.String()
}

// cellOf returns the engines of a cell.
func cellOf(engines []string) string {
	if len(engines) == 0 {
		return "–"
	}
	slices.Sort(engines)
	return strings.Join(slices.Compact(engines), ", ")
}

// tracker returns the short name of a report: owner/repository#number.
func tracker(issue string) string {
	short := strings.TrimPrefix(issue, "https://github.com/")
	return strings.NewReplacer("/issues/", "#", "/pull/", "#", "/discussions/", "#").Replace(short)
}

// sorted sorts reports by their tracker, the flagship first.
func sorted(all []bugReport) []bugReport {
	const flagship = "https://github.com/NousResearch/hermes-agent/issues/22277"
	slices.SortStableFunc(all, func(a, b bugReport) int {
		if (a.issue == flagship) != (b.issue == flagship) {
			if a.issue == flagship {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(tracker(a.issue)+a.name), strings.ToLower(tracker(b.issue)+b.name))
	})
	return all
}
