package assertions

import (
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// An Expectation is one thing that must hold of a run. Expectations are plain data, safe for
// concurrent use, and equal for equal arguments.
type Expectation interface {
	// Name is the expectation's name in scenarios, "time_to_fallback" for instance.
	Name() string
	// Title says in one line what it looks at.
	Title() string
	// Args are its arguments as the JSON report shows them: durations in seconds under names that end in _s.
	Args() map[string]any
	// Judge looks at a timeline. It never panics; what it cannot decide is Unknown, with the reason.
	Judge(t timeline.Timeline) Finding
}

// A Mentioning expectation speaks of providers or calls of the scenario. One that the scenario does not have is refused before
// anything runs.
type Mentioning interface {
	Expectation
	// Mentions returns all that it speaks of, in the order of its arguments.
	Mentions() []Mention
}

// A Mention is a provider or a call that an expectation speaks of.
type Mention struct {
	// Argument is the argument that names it; "" where the provider is the argument's own name.
	Argument string
	// Provider is the provider's name; "" for none.
	Provider string
	// Call is the call's number, from 1; 0 for none.
	Call int
}

// A Finding is what came of one expectation.
type Finding struct {
	Verdict Verdict
	// Message says in one sentence what was expected and what was seen. It is set for every verdict.
	Message string
	// Limit and Got are the numbers compared, in the unit of the expectation (seconds for times); nil where
	// there is none, or where what was measured never happened.
	Limit, Got any
	// Events are the indices, in Timeline.Events, that the finding rests on.
	Events []int
}

// Limits maps a measure's name ("time_to_fallback") to the longest time allowed.
type Limits map[string]time.Duration
