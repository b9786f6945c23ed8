package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/scenarios"
)

type explainCmd struct {
	Name string `arg:"" help:"A name, or kind:name if several kinds have it: fault:heartbeat-only."`
}

// Help returns the text below the flags.
func (explainCmd) Help() string {
	return `Examples:
  chaosrun explain heartbeat-only
  chaosrun explain fault:heartbeat-only`
}

// Run prints everything with the given name.
func (e *explainCmd) Run(c console) error {
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
		return usage("nothing is called %q%s", e.Name, campaign.DidYouMean(name, slices.Compact(names)))
	}
	for i, x := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		explain(c, x)
	}
	return nil
}

func explain(c console, x scenarios.Description) {
	fmt.Fprintf(c.out, "%s %s\n%s\n", x.Kind, x.Name, x.Title)
	if x.Why != "" {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimSpace(x.Why))
	}
	if x.Issue != "" {
		fmt.Fprintf(c.out, "\nissue: %s\n", x.Issue)
	}
	if x.Tags != nil {
		fmt.Fprintf(c.out, "tags:  %s\n", strings.Join(x.Tags, ", "))
	}
	if x.More != "" {
		fmt.Fprintf(c.out, "\n%s\n", x.More)
	}
}
