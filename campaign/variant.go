package campaign

import "github.com/chaosrun/chaosrun/harness"

// A Variant is an engine under test: a target, with one of its policies if it has several.
type Variant struct {
	// Name follows the scenario in labels: "heartbeat-only / NAME". Known failures are listed by
	// label.
	Name string
	// Target is the name of the target. Default: Name.
	Target string
	// Factory builds the engine, once per run. It must be safe for concurrent use.
	Factory harness.Factory
	// Declared lists the names of the scenarios that the variant is expected to fail.
	Declared []string
	// Reference marks the variant to compare the others with. It must pass every scenario.
	Reference bool
	// Arguments select the variant on the command line: --policy NAME.
	Arguments []string
	// Title, Why and Issue document the variant: one line, the reasons, and a link.
	Title, Why, Issue string
}

// names returns the target and the policy for the timeline. policy is "" if there is no choice.
func (v Variant) names() (target, policy string) {
	if v.Target == "" || v.Target == v.Name {
		return v.Name, ""
	}
	return v.Target, v.Name
}
