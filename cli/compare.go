package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/reports"
)

type compareCmd struct {
	A string `arg:"" help:"A JSON report, or a folder of them."`
	B string `arg:"" help:"Another one, usually the newer."`

	Slower string `default:"20%" placeholder:"LIMIT" help:"A time to fallback or to the answer that is longer by more than this is worse: a share, which is 0.3s or more, or a time such as 2s. Default: 20%."`
	Equal  bool   `help:"Every difference in verdict, outcome or requests counts, for better or worse."`
	Times  bool   `help:"With --equal, times count too. Equal means within 2% or 0.3s."`
}

// Help returns the text below the flags.
func (compareCmd) Help() string {
	return `Compares the cells that both reports have, by label and seed: what newly fails, what newly passes, what is
slower, and which outcomes and requests are others.

Examples:
  chaosrun compare before.json after.json --slower 10%
  chaosrun compare docs/conformance again.json --equal

Exit codes: 0 not worse, 1 worse: a cell newly failed or is slower, or differs with --equal, 3 nothing is worse, but a
cell is no longer judged, or no cell is in both, 64 bad usage, 65 a file is not a report.`
}

// Run prints the differences.
func (k *compareCmd) Run(c console) error {
	slower, err := campaign.ParseTolerance(k.Slower)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	if k.Times && !k.Equal {
		return usage("--times goes with --equal: without it, times are compared by --slower")
	}
	a, err := campaign.LoadReports([]string{k.A})
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	b, err := campaign.LoadReports([]string{k.B})
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	changes := campaign.CompareReports(a, b, campaign.CompareOptions{Slower: slower, Equal: k.Equal, Times: k.Times})
	if changes.Compared == 0 {
		return &exitError{code: ExitUnknown, err: errors.New("the reports have no cell in common")}
	}
	k.print(c, changes)
	switch worse := changes.Count(campaign.NewlyFailed) + changes.Count(campaign.Slower); {
	case worse > 0, k.Equal && len(changes.All) > 0:
		return &exitError{code: ExitFailed}
	case changes.Count(campaign.NewlyOpen) > 0:
		return &exitError{code: ExitUnknown}
	}
	return nil
}

// print writes a section for each kind of change, the cells that only one report has, and a line of
// totals.
func (k *compareCmd) print(c console, changes *campaign.Changes) {
	totals := []string{fmt.Sprintf("%d equal", changes.Compared-len(changes.All))}
	var last campaign.ChangeKind
	for _, change := range changes.All {
		if change.Kind != last {
			last = change.Kind
			totals = append(totals, fmt.Sprintf("%d %s", changes.Count(last), last))
			c.say("%s:\n", last)
		}
		c.say("  %s\n", reports.Unbroken(change.Cell))
		for _, how := range change.How {
			c.say("    %s\n", strings.Join(strings.Fields(how), " "))
		}
	}
	if !k.Equal { // what is drawn from many cells has only some
		only(c, k.A, changes.OnlyA)
		only(c, k.B, changes.OnlyB)
	}
	cells := "cells"
	if changes.Compared == 1 {
		cells = "cell"
	}
	c.say("%d %s compared: %s\n", changes.Compared, cells, strings.Join(totals, ", "))
}

// mostOnly is how many cells that only one report has are listed.
const mostOnly = 20

// only lists the cells that only one report has.
func only(c console, name string, cells []string) {
	if len(cells) == 0 {
		return
	}
	c.say("only in %s:\n", name)
	for _, cell := range cells[:min(len(cells), mostOnly)] {
		c.say("  %s\n", reports.Unbroken(cell))
	}
	if more := len(cells) - mostOnly; more > 0 {
		c.say("  and %d more\n", more)
	}
}
