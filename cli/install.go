package cli

import (
	"fmt"
	"slices"

	"github.com/chaosrun/chaosrun/targets"
)

type installCmd struct {
	Targets []string `arg:"" optional:"" name:"target" help:"Names of shipped targets, or target files."`

	Versions string `placeholder:"A..B" help:"Releases of one target, as in 0.13.0..0.19.0 or 1.2.0,1.3.1. Default: the pinned one."`
	List     bool   `help:"Print which targets are installed, and install nothing. Default: all that ship."`
}

// Help returns the text below the flags.
func (installCmd) Help() string {
	return `Examples:
  chaosrun install litellm-router openai-python
  chaosrun install --list
  chaosrun install hermes-agent --versions 0.13.0..0.19.0

Each target file gets a folder of its own, with its packages in exactly the versions that the file and its lock pin.
The folders are below $CHAOSRUN_HOME. Default: chaosrun in the user's cache folder.`
}

// Run installs the targets one after the other.
func (i *installCmd) Run(c console) error {
	if i.Versions != "" {
		return i.versions(c)
	}
	names := i.Targets
	if len(names) == 0 {
		if !i.List {
			return usage("nothing to install: name targets, see: %s install --list", c.Program)
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
			c.say("%-*s  %s\n", width, t.Name, t.State())
			continue
		}
		if err := t.Install(c.ctx, c.out); err != nil {
			return &exitError{code: ExitUnknown, err: fmt.Errorf("%s: %w", t.Name, err)}
		}
		c.say("%s: %s\n", t.Name, t.State())
	}
	return nil
}

// versions installs releases of one target. One that cannot be installed does not stop the others.
func (i *installCmd) versions(c console) error {
	l, err := c.lineage(i.Targets, i.Versions, c.out)
	if err != nil {
		return err
	}
	for _, t := range l.releases {
		c.say("%s: %s\n", t.Name, t.State())
	}
	if slices.ContainsFunc(l.releases, func(t *targets.Target) bool { return !t.Installed() }) {
		return &exitError{code: ExitUnknown}
	}
	return nil
}
