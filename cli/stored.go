package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
)

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
		c.say("%s\n", line)
	}
	c.say("%d cells compared: %d equal, %d different\n", m.Compared, m.Compared-len(m.Differences),
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
