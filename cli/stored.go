package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/reports"
)

type reportCmd struct {
	Files []string `arg:"" name:"report.json" help:"JSON reports, or folders of them."`

	Report []string `placeholder:"KIND=PATH" help:"${kinds}; repeatable. PATH - is standard output, a folder gets the usual name. Default: text=-."`
	otlpFlags
	Store string `placeholder:"FOLDER" help:"Write NAME/VERSION/report.json below FOLDER for each engine."`
}

// Help returns the text below the flags.
func (reportCmd) Help() string {
	return `Examples:
  chaosrun report shard-1.json shard-2.json --report junit=all.xml
  chaosrun report docs/conformance --report scorecard=docs

Exit codes: 0 written, 1 a scorecard differs from the one it replaces, 64 bad usage, 65 a file is not a report.`
}

// Run merges the reports and writes them again.
func (r *reportCmd) Run(c console) error { return r.pushing(c, false, r.merge) }

func (r *reportCmd) merge(c console) error {
	all, err := campaign.LoadReports(r.Files)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	if r.Store != "" {
		files, err := campaign.Store(r.Store, all)
		for _, file := range files {
			fmt.Fprintln(c.err, file)
		}
		if err != nil || len(r.Report) == 0 {
			return err //nolint:wrapcheck // its text is for the user
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
	sinks, kinds = c.traces.sink(sinks, kinds)
	before := committed(sinks)
	merged, err := campaign.OpenReport(sinks, kinds, reports.HeaderOf(all), c.out)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	var total reports.Summary
	for _, one := range all {
		for _, run := range one.Runs {
			total.Add(run)
			_ = merged.Add(run) // Close says what could not be written
		}
		total.Wall += one.Summary.Wall
	}
	if err := merged.Close(total); err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	return changed(before)
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

type compareCmd struct {
	A string `arg:"" help:"A JSON report, or a folder of them."`
	B string `arg:"" help:"Another one."`

	Times bool `help:"Also compare the times to fallback and to the answer. Equal means within 2% or 0.3 s."`
}

// Help returns the text below the flags.
func (compareCmd) Help() string {
	return `Compares the cells that both reports have: verdict, outcome and the requests at each provider.

Example:
  chaosrun compare docs/conformance again.json

Exit codes: 0 equal, 1 different, 3 no cell in common, 64 bad usage, 65 a file is not a report.`
}

// Run prints the differences.
func (k *compareCmd) Run(c console) error {
	a, err := campaign.LoadReports([]string{k.A})
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	b, err := campaign.LoadReports([]string{k.B})
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	m := campaign.Agree(a, b, k.Times)
	if m.Compared == 0 {
		return &exitError{code: ExitUnknown, err: errors.New("the reports have no cell in common")}
	}
	for _, line := range m.Differences {
		fmt.Fprintln(c.out, line)
	}
	fmt.Fprintf(c.out, "%d cells compared: %d equal, %d different\n", m.Compared, m.Compared-len(m.Differences),
		len(m.Differences))
	if len(m.Differences) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

type devCellsCmd struct {
	Files []string `arg:"" name:"report.json" help:"JSON reports, or folders of them."`

	OneIn  int           `default:"1" placeholder:"N" help:"Draw one cell of every N. Default: 1, all cells."`
	Seed   uint64        `default:"1" help:"Seed of the draw. Default: 1."`
	Below  time.Duration `placeholder:"TIME" help:"Only cells that took less than this on the engine's clock. Default: all."`
	Target []string      `placeholder:"NAME" help:"Only cells of this target, repeatable. Default: all in other processes."`
}

// Help returns the text below the flags.
func (devCellsCmd) Help() string {
	return `Example:
  chaosrun dev cells docs/conformance --one-in 5 --target portkey > cells.txt
  chaosrun run --cells cells.txt --target portkey --report json=again.json`
}

// Run prints the drawn cells.
func (d *devCellsCmd) Run(c console) error {
	all, err := campaign.LoadReports(d.Files)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	for _, label := range (campaign.Sample{OneIn: d.OneIn, Seed: d.Seed, Below: d.Below, Targets: d.Target}).Draw(all) {
		fmt.Fprintln(c.out, label)
	}
	return nil
}
