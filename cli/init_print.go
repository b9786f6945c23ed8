package cli

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/chaosrun/chaosrun/internal/scaffold"
	"github.com/chaosrun/chaosrun/targets"
)

// print says what was written and what comes next.
func (i *initCmd) print(c console, plan scaffold.Plan) {
	for _, list := range []struct {
		word  string
		files map[string][]byte
	}{{"new", plan.Files}, {"changed", plan.Changed}} {
		for _, file := range slices.Sorted(maps.Keys(list.files)) {
			c.say("%-8s %s\n", list.word, path.Join(filepath.ToSlash(i.Dir), file))
		}
	}
	for _, note := range plan.Notes {
		c.say("\n%s\n", note)
	}
	if plan.Paste != "" {
		fmt.Fprintf(c.out, "\nFor your gateway's configuration:\n\n%s", plan.Paste)
	}
	fmt.Fprintln(c.out, "\nNext:")
	if filepath.Clean(i.Dir) != "." {
		fmt.Fprintf(c.out, "  cd %s\n", i.Dir)
	}
	for _, line := range plan.Next {
		fmt.Fprintf(c.out, "  %s\n", line)
	}
}

// gateways returns the names of the gateways that ship and can be configured.
func (c console) gateways() []string {
	all, err := c.Outside.All(c.Vocabulary)
	if err != nil {
		panic(err) // the tests of package targets make sure that they can be read
	}
	var names []string
	for _, t := range all {
		if t.Kind == targets.Gateway && t.Start != nil {
			names = append(names, t.Name)
		}
	}
	return names
}
