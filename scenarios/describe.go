package scenarios

import (
	"fmt"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A Description is the documentation of a scenario, fault, protocol or expectation, as lists and
// pages show it.
type Description struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Why   string   `json:"why,omitempty"`
	Issue string   `json:"issue,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	// IDs are the rows of a fault in the taxonomy.
	IDs []string `json:"ids,omitempty"`
	// Kind is "scenario", "fault", "protocol" or "expectation".
	Kind string `json:"-"`
	// More holds further details, in lines.
	More string `json:"-"`
}

// Describe returns the description of the scenario, with the source file as details.
func (s Scenario) Describe() Description {
	return Description{
		Kind: "scenario", Name: s.Name, Title: s.Title, Why: s.Why, Issue: s.Issue, Tags: s.Tags,
		More: strings.TrimRight(s.Source, "\n"),
	}
}

// DescribeFaults returns the description of every fault, in vocabulary order.
func (words *Vocabulary) DescribeFaults() []Description {
	var all []Description
	for _, f := range words.Faults {
		d := Description{Kind: "fault", Name: f.Name, Title: f.Title, Why: f.Why, IDs: f.IDs, More: faultDetails(f)}
		if len(f.Issues) > 0 {
			d.Issue = f.Issues[0]
		}
		all = append(all, d)
	}
	return all
}

// faultDetails returns the details of a fault: the right reaction, the worlds that support it, and
// its parameters.
func faultDetails(f fakeprovider.Info) string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+text)
		}
	}
	add("right:  ", f.Right.Note)
	add("rows:   ", strings.Join(f.IDs, ", "))
	var worlds []string
	for _, w := range fakeprovider.Worlds() {
		if why := f.Cannot[w]; why != "" {
			worlds = append(worlds, fmt.Sprintf("not in %s: %s", w, why))
			continue
		}
		worlds = append(worlds, string(w))
	}
	add("worlds: ", strings.Join(worlds, "; "))
	add("needs:  ", f.Asks())
	if len(f.Issues) > 1 {
		add("see:    ", strings.Join(f.Issues[1:], "\n        "))
	}
	add("\n", describeParameters(FaultParameters(f)))
	return strings.Join(parts, "\n")
}

// DescribeExpectations returns the description of every expectation, in vocabulary order.
func (words *Vocabulary) DescribeExpectations() []Description {
	var all []Description
	for _, e := range words.Expectations {
		all = append(all, Description{
			Kind: "expectation", Name: e.Name(), Title: e.Title(), More: describeParameters(ExpectationParameters(e)),
		})
	}
	return all
}

// DescribeProtocols returns the description of every protocol, in vocabulary order.
func (words *Vocabulary) DescribeProtocols() []Description {
	var all []Description
	for _, p := range words.Protocols {
		all = append(all, Description{Kind: "protocol", Name: p.Name(), Title: p.About().Title})
	}
	return all
}

// describeParameters lists parameters with their defaults and descriptions.
func describeParameters(all []Parameter) string {
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
