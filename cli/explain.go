package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

type explainCmd struct {
	Name string `arg:"" help:"A name, kind:name if several kinds have it, as in fault:heartbeat-only, or a scenario or target file."`
}

// Help returns the text below the flags.
func (explainCmd) Help() string {
	return `Examples:
  chaosrun explain heartbeat-only
  chaosrun explain fault:heartbeat-only`
}

// Run prints everything with the given name, or what a file holds.
func (e *explainCmd) Run(c console) error {
	if campaign.IsFile(e.Name) {
		x, err := c.describeFile(e.Name)
		if err == nil {
			explain(c, x)
		}
		return err
	}
	kind, name, qualified := strings.Cut(e.Name, ":")
	if !qualified {
		kind, name = "", e.Name
	}
	var found []scenarios.Description
	var names, kinds []string
	for _, list := range []string{"scenarios", "faults", "policies", "targets", "expectations", "protocols"} {
		for _, x := range c.catalogues()[list]() {
			if !slices.Contains(kinds, x.Kind) {
				kinds = append(kinds, x.Kind)
			}
			names = append(names, x.Name)
			if x.Name == name && (kind == "" || kind == x.Kind) {
				found = append(found, x)
			}
		}
	}
	if kind != "" && !slices.Contains(kinds, kind) {
		return usage("no such kind: %q%s", kind, campaign.DidYouMean(kind, kinds))
	}
	if found == nil {
		slices.Sort(names)
		return usage("nothing has the name %q%s; see: %s list --help", e.Name,
			campaign.DidYouMean(name, slices.Compact(names)), c.Program)
	}
	return c.explainAll(found)
}

// explainAll prints descriptions. For targets in other processes they say what is installed.
func (c console) explainAll(found []scenarios.Description) error {
	for i, x := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		if x.Kind == "target" && !c.isEngine(x.Name) {
			t, err := c.target(x.Name)
			if err != nil {
				return err
			}
			x = t.Describe()
		}
		explain(c, x)
	}
	return nil
}

// describeFile describes the scenario or the target in a file.
func (c console) describeFile(file string) (x scenarios.Description, err error) {
	data, err := readfile.Head(file, strictyaml.MaxSize+1)
	if err != nil {
		return x, usage("%v", err)
	}
	if what, _, err := checkFile(c, file, data); err != nil {
		return x, err
	} else if strings.HasPrefix(what, "scenario ") {
		s, err := c.Vocabulary.Load(file, data)
		return s.Describe(), err //nolint:wrapcheck // Problems
	} else if !strings.HasPrefix(what, "target ") {
		return x, usage("%s holds a %s: explain reads files of scenarios and targets only", file, what)
	}
	t, err := targets.Load(c.Vocabulary, file, data)
	if err != nil {
		return x, err //nolint:wrapcheck // Problems
	}
	return t.Describe(), nil
}

func explain(c console, x scenarios.Description) {
	c.say("%s %s\n%s\n", x.Kind, x.Name, x.Title)
	if x.Why != "" {
		fmt.Fprint(c.out, "\n"+c.screen.Prose(strings.TrimSpace(x.Why)))
	}
	if x.Issue != "" {
		c.say("\nissue: %s\n", x.Issue)
	}
	if x.Tags != nil {
		c.say("tags:  %s\n", strings.Join(x.Tags, ", "))
	}
	if x.More != "" {
		c.say("\n%s\n", x.More)
	}
}
