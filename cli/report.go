package cli

import (
	"fmt"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/readfile"
)

type reportCmd struct {
	Files []string `arg:"" name:"report.json" help:"JSON reports, or folders of them: all shards of a plan, or whole reports."`

	Report   []string `placeholder:"KIND=PATH" help:"${kinds}; repeatable. PATH - is standard output, a folder gets the usual name. Default: text=-."`
	Partial  bool     `help:"Join what is there, even if shards or runs are missing. The exit code is then 3, or 1 if a run failed."`
	ExitZero bool     `help:"Exit with 0 whatever the verdict of the runs is."`
	Store    string   `placeholder:"FOLDER" help:"Write NAME/VERSION/report.json below FOLDER for each engine."`

	otlpFlags
	baselineFlags
}

// Help returns the text below the flags.
func (reportCmd) Help() string {
	return `Joins the shards of one plan in its order, so that the result is that of a run without --shard. Missing and
double runs, and shards of another seed, version, scenario or plan, are refused. Runs that kept their timeline
are judged again.

Examples:
  chaosrun report shard-1.json shard-2.json --report junit=all.xml --report json=all.json
  chaosrun report report.json --exit-zero --report scorecard=-
  chaosrun report docs/conformance --report scorecard=docs

Exit codes: the verdict of the runs as with run: 0 passed, 1 failed, 3 unknown; 0 for reports that are of no plan, such
as those of --store. 1 a scorecard differs from the one it replaces, 3 the reports cannot be joined, 4 passed but a
report could not be written, 64 bad usage, 65 a file is not a report.`
}

// Run joins the reports and writes them again.
func (r *reportCmd) Run(c console) error { return r.pushing(c, false, r.join) }

func (r *reportCmd) join(c console) error {
	if r.Store != "" {
		if err := r.store(c); err != nil || len(r.Report) == 0 {
			return err
		}
	}
	if len(r.Report) == 0 {
		r.Report = []string{"text=" + campaign.StandardOutput}
	}
	kinds := c.reports()
	sinks, err := campaign.ParseSinks(r.Report, kinds)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	if r.WriteBaseline != "" {
		if err := campaign.CheckBaseline(r.WriteBaseline); err != nil {
			return err //nolint:wrapcheck // its text is for the user
		}
	}
	merge, err := campaign.OpenMerge(r.Files, campaign.MergeOptions{
		Partial: r.Partial, Baseline: r.Baseline, Vocabulary: c.Vocabulary,
		Note: func(sentence string) { fmt.Fprintf(c.err, "%s: %s\n", c.Program, sentence) },
	})
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	for _, missing := range merge.Missing() {
		fmt.Fprintf(c.err, "%s: %s\n", c.Program, missing)
	}
	sinks, kinds = c.traces.sink(sinks, kinds)
	before := committed(sinks)
	header := merge.Header()
	header.Screen = c.screen
	joined, err := campaign.OpenReport(sinks, kinds, header, c.out)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	result, err := merge.Runs(joined.Add)
	if err != nil {
		return joined.Discard(err) //nolint:wrapcheck // its text is for the user
	}
	unwritten := joined.Close(result.Summary)
	if err := c.beside(r.verdict(c, merge, result), unwritten); err != nil {
		return err
	}
	return changed(before)
}

// store writes the reports by engine.
func (r *reportCmd) store(c console) error {
	all, err := campaign.LoadReports(r.Files)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	files, err := campaign.Store(r.Store, all)
	for _, file := range files {
		fmt.Fprintln(c.err, file)
	}
	return err //nolint:wrapcheck // its text is for the user
}

// verdict returns the error for the verdict of the runs.
func (r *reportCmd) verdict(c console, merge *campaign.Merge, result *campaign.Result) error {
	var verdict error
	if merge.OfPlan() || r.Baseline != "" || r.WriteBaseline != "" {
		verdict = r.verdictOf(c, result, !r.Partial)
	}
	if r.ExitZero && verdict != nil && codeOf(verdict) <= ExitUnknown {
		verdict = nil
	}
	if verdict == nil && len(merge.Missing()) > 0 {
		return &exitError{code: ExitUnknown}
	}
	return verdict
}

// mostScorecard is the size of the largest scorecard that is compared.
const mostScorecard = 64 << 20

// scorecardKind is the kind of report that is compared with the file it replaces.
const scorecardKind = "scorecard"

// committed returns, by path, the scorecards before they are written.
func committed(sinks []campaign.Sink) map[string]string {
	before := map[string]string{}
	for _, s := range sinks {
		if data, err := readfile.Whole(s.Path, mostScorecard); s.Kind == scorecardKind && err == nil {
			before[s.Path] = string(data)
		}
	}
	return before
}

// changed returns an error if a scorecard differs from the one before.
func changed(before map[string]string) error {
	for path, was := range before {
		if data, err := readfile.Whole(path, mostScorecard); err == nil && string(data) != was {
			return &exitError{code: ExitFailed, err: fmt.Errorf("%s differs from the one before", path)}
		}
	}
	return nil
}
