package cli

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/scenarios"
)

type listCmd struct {
	What string `arg:"" enum:"scenarios,faults,policies,targets,protocols,expectations" help:"scenarios, faults, policies, targets, protocols or expectations."`
	Tags string `placeholder:"EXPR" help:"Only scenarios whose tags match, as in core or 'stall && !flagship'."`
	JSON bool   `help:"Print an array of objects, each with at least a name."`
}

// Help returns the text below the flags.
func (listCmd) Help() string {
	return `Examples:
  chaosrun list scenarios
  chaosrun list scenarios --tags core
  chaosrun list faults --json`
}

// Run prints the list.
func (l *listCmd) Run(c console) error {
	entries := c.catalogues()[l.What]()
	if l.Tags != "" {
		if l.What != "scenarios" {
			return usage("--tags %s: scenarios have tags, and %s have none", l.Tags, l.What)
		}
		tagged, err := campaign.FilterTags(scenarios.Catalogue(), l.Tags)
		if err != nil {
			return err
		}
		entries = describe(tagged)
	}
	if l.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(entries) //nolint:wrapcheck // standard output
	}
	width := 0
	for _, e := range entries {
		width = max(width, len(e.Name))
	}
	for _, e := range entries {
		c.say("%-*s  %s\n", width, e.Name, e.Title)
	}
	return nil
}

// catalogues returns, by kind, functions that describe what list and explain can show.
func (c console) catalogues() map[string]func() []scenarios.Description {
	return map[string]func() []scenarios.Description{
		"scenarios": describeScenarios, "faults": c.Vocabulary.DescribeFaults, "policies": c.describePolicies,
		"targets": c.describeTargets, "protocols": c.Vocabulary.DescribeProtocols,
		"expectations": c.Vocabulary.DescribeExpectations,
	}
}

func describeScenarios() []scenarios.Description { return describe(scenarios.Catalogue()) }

// describe returns the descriptions of scenarios. A list of none is a list in JSON, too.
func describe(all []scenarios.Scenario) []scenarios.Description {
	described := []scenarios.Description{}
	for _, s := range all {
		described = append(described, s.Describe())
	}
	return described
}

func (c console) describePolicies() []scenarios.Description {
	all := []scenarios.Description{} // a list of none is a list in JSON, too
	for _, t := range c.Targets {
		if t.Policies == nil {
			continue
		}
		for _, v := range t.All() {
			all = append(all, v.Describe())
		}
	}
	return all
}

func (c console) describeTargets() []scenarios.Description {
	all := []scenarios.Description{}
	for _, t := range c.Targets {
		all = append(all, t.Describe())
	}
	shipped, err := c.Outside.All(c.Vocabulary)
	if err != nil {
		panic(err) // the tests of package targets make sure that they can be read
	}
	for _, t := range shipped {
		all = append(all, t.Describe())
	}
	return all
}
