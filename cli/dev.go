package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/chaosrun/chaosrun/internal/scaffold"
)

type devCmd struct {
	New     devNewCmd     `cmd:"" help:"Start a new fault, protocol or expectation: its file, its test and its line in the list."`
	Cells   devCellsCmd   `cmd:"" help:"Draw a sample of the cells of stored reports, to run them again."`
	Overlay devOverlayCmd `cmd:"" help:"Write a build overlay that lets virtual time pass while a goroutine waits for a mutex."`
}

type devNewCmd struct {
	Kind string `arg:"" enum:"fault,protocol,expectation" help:"fault, protocol or expectation."`
	Name string `arg:"" help:"Its name in scenarios: small letters and digits, with hyphens between words."`

	Dir string `default:"." placeholder:"DIR" help:"The checkout to write into. Default: the current folder."`
}

// Help returns the text below the flags.
func (devNewCmd) Help() string {
	return `Example:
  chaosrun dev new fault burping-stream

The new code compiles, and its test fails until you complete it. No existing file is overwritten;
the list gets a new line.`
}

// Run writes the files and prints the next steps.
func (d *devNewCmd) Run(c console) error {
	plan, err := scaffold.New(d.Dir, d.Kind, d.Name)
	if err != nil {
		return err
	}
	if err := plan.Write(d.Dir); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(plan.Files)) {
		c.say("new      %s\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(plan.Changed)) {
		c.say("changed  %s\n", path)
	}
	fmt.Fprintln(c.out, "\nNext:")
	for _, line := range plan.Next {
		c.say("  %s\n", line)
	}
	return nil
}
