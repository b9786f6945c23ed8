package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/scenarios"
)

type explainCmd struct {
	Name string `arg:"" help:"A name, or kind:name where two share it: fault:heartbeat-only."`
}

// Help is shown below the flags.
func (explainCmd) Help() string {
	return `Examples:
  chaosrun explain heartbeat-only
  chaosrun explain fault:heartbeat-only`
}

// Run prints everything that bears the name.
func (e *explainCmd) Run(c console) error {
	kind, name, qualified := strings.Cut(e.Name, ":")
	if !qualified {
		kind, name = "", e.Name
	}
	var found []entry
	var names, kinds []string
	for _, list := range []string{"scenarios", "faults", "policies", "targets", "expectations", "protocols"} {
		for _, x := range catalogues()[list]() {
			if !slices.Contains(kinds, x.kind) {
				kinds = append(kinds, x.kind)
			}
			names = append(names, x.Name)
			if x.Name == name && (kind == "" || kind == x.kind) {
				found = append(found, x)
			}
		}
	}
	if kind != "" && !slices.Contains(kinds, kind) {
		return usage("no such kind: %q%s", kind, didYouMean(kind, kinds))
	}
	if found == nil {
		slices.Sort(names)
		return usage("nothing is called %q%s", e.Name, didYouMean(name, slices.Compact(names)))
	}
	for i, x := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		x.explain(c)
	}
	return nil
}

func (x entry) explain(c console) {
	fmt.Fprintf(c.out, "%s %s\n%s\n", x.kind, x.Name, x.Title)
	if x.Why != "" {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimSpace(x.Why))
	}
	if x.Issue != "" {
		fmt.Fprintf(c.out, "\nissue: %s\n", x.Issue)
	}
	if x.Tags != nil {
		fmt.Fprintf(c.out, "tags:  %s\n", strings.Join(x.Tags, ", "))
	}
	if x.more != "" {
		fmt.Fprintf(c.out, "\n%s\n", x.more)
	}
}

// parameters lists what scenario files can set, with descriptions and defaults.
func parameters(all []scenarios.Parameter) string {
	if all == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("parameters:")
	for _, p := range all {
		fmt.Fprintf(&b, "\n  %s", p.Name)
		if p.Default != "" {
			fmt.Fprintf(&b, " = %s", p.Default)
		}
		if p.Description != "" {
			fmt.Fprintf(&b, "\n      %s", p.Description)
		}
	}
	return b.String()
}
