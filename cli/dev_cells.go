package cli

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
)

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
