package cli

import (
	"fmt"

	"github.com/chaosrun/chaosrun/targets"
)

type installCmd struct {
	Targets []string `arg:"" optional:"" name:"target" help:"Names of shipped targets, or target files."`

	List bool `help:"Print which targets are installed, and install nothing. Default: all that ship."`
}

// Help returns the text below the flags.
func (installCmd) Help() string {
	return `Examples:
  chaosrun install litellm-router openai-python
  chaosrun install --list

The packages of a target file go into a folder of their own, in exactly the versions that the file and its lock pin.
$CHAOSRUN_HOME is where these folders are. Default: chaosrun in the user's folder for caches.`
}

// Run installs the targets one after the other.
func (i *installCmd) Run(c console) error {
	names := i.Targets
	if len(names) == 0 {
		if !i.List {
			return usage("install what? Name targets, see: %s install --list", c.Program)
		}
		names = c.Outside.Names()
	}
	var all []*targets.Target
	width := 0
	for _, name := range names {
		t, err := c.target(name)
		if err != nil {
			return err
		}
		all, width = append(all, t), max(width, len(t.Name))
	}
	for _, t := range all {
		if i.List {
			fmt.Fprintf(c.out, "%-*s  %s\n", width, t.Name, t.State())
			continue
		}
		if err := t.Install(c.ctx, c.out); err != nil {
			return &exitError{code: ExitUnknown, err: fmt.Errorf("%s: %w", t.Name, err)}
		}
		fmt.Fprintf(c.out, "%s: %s\n", t.Name, t.State())
	}
	return nil
}
