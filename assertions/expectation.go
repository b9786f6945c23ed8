package assertions

import (
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// An Expectation is one thing that must hold of a run. Expectations are plain data, safe for
// concurrent use, and equal for equal arguments.
type Expectation interface {
	// Name returns the expectation's name in scenarios, "time_to_fallback" for instance.
	Name() string
	// Title returns in one line what it looks at.
	Title() string
	// Args returns its arguments as the JSON report shows them: durations in seconds, under names
	// that end in _s.
	Args() map[string]any
	// Judge judges a timeline. It never panics. It returns Unknown, with the reason, if it cannot
	// decide.
	Judge(t timeline.Timeline) Finding
}

// A Seeing expectation looks at something that cannot be seen of every run: what another process
// leaves behind, or what an unseen caller got. It is Skipped then, with the reason.
type Seeing interface {
	Expectation
	// Unseen returns the reason why nobody can see what the expectation looks at, or "".
	Unseen(r timeline.Run) string
}

// callerUnseen is Unseen of an expectation about what the caller got.
func callerUnseen(r timeline.Run) string {
	if r.CallerUnseen {
		return "what the caller got cannot be seen, only what reached the providers"
	}
	return ""
}

// A Mentioning expectation names providers or calls of the scenario. A scenario that has no such
// provider or call is refused before anything runs.
type Mentioning interface {
	Expectation
	// Mentions returns everything that it names, in the order of its arguments.
	Mentions() []Mention
}

// A Mention is a provider or a call that an expectation names.
type Mention struct {
	// Argument is the argument that names it, "" if the argument's own name is the provider.
	Argument string
	// Provider is the provider's name, "" for none.
	Provider string
	// Call is the call's number, from 1; 0 for none.
	Call int
}

// A Finding is the result of one expectation.
type Finding struct {
	Verdict Verdict
	// Message says in one sentence what was expected and what was seen. It is set for every
	// verdict.
	Message string
	// Limit and Got are the numbers compared, in the unit of the expectation (seconds for times).
	// They are nil if there is no number, or if what was measured never happened.
	Limit, Got any
	// Clock says that the verdict is Unknown because of the run's clock. A run on the wall clock
	// decides.
	Clock bool
	// Events are the indices in Timeline.Events of the evidence.
	Events []int
}

// Limits maps a measure's name ("time_to_fallback") to the longest time allowed.
type Limits map[string]time.Duration
