package campaign

import "github.com/chaosrun/chaosrun/harness"

// A Variant is one engine as it is put under test: a target, and if it has several ways to behave,
// one of them.
type Variant struct {
	// Name is what labels say after the scenario: "heartbeat-only / NAME". Known failures are listed
	// by it.
	Name string
	// Target is the target's name. Default: Name.
	Target string
	// Factory builds the engine, once for each run. It is called from several goroutines.
	Factory harness.Factory
	// Declared are the names of the scenarios that the variant declares that it fails.
	Declared []string
	// Reference says that the others are compared with this variant, which has to pass everything.
	Reference bool
	// Arguments choose the variant on the command line: --policy NAME.
	Arguments []string
	// Title, Why and Issue document it: one line, the story, and a link.
	Title, Why, Issue string
}

// names returns what the timeline says of the variant: the target, and the policy if there is a
// choice.
func (v Variant) names() (target, policy string) {
	if v.Target == "" || v.Target == v.Name {
		return v.Name, ""
	}
	return v.Target, v.Name
}
