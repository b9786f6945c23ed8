package assertions

import (
	"fmt"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/chaosrun/chaosrun/timeline"
)

// Observed is anything that holds a timeline, a harness.Trial for instance.
type Observed interface{ Observed() timeline.Timeline }

// Matcher returns a Gomega matcher for Expect(run).To(…). The actual value is a
// timeline.Timeline, a *timeline.Timeline or an Observed. What is no verdict about the engine is an
// error, so that it passes neither To nor NotTo: a *SkippedError, a *MistakeError, a *PremiseError
// or an *UnknownError.
func Matcher(e Expectation) types.GomegaMatcher { return &matcher{expectation: e} }

type matcher struct {
	expectation Expectation
	finding     Finding
}

var _ types.GomegaMatcher = (*matcher)(nil)

// An UnknownError reports that an expectation could not be decided.
type UnknownError struct {
	// Name is the expectation's name. Reason says what was missing.
	Name, Reason string
}

// Error returns the name and the reason.
func (e *UnknownError) Error() string { return e.Name + ": unknown: " + e.Reason }

// A SkippedError reports that there is nothing to look at: the run was skipped, or nobody can see
// what the expectation looks at.
type SkippedError struct {
	// Name is the expectation's name. Reason says why.
	Name, Reason string
}

// Error returns the name and the reason.
func (e *SkippedError) Error() string { return e.Name + ": skipped: " + e.Reason }

// A MistakeError reports an expectation that names a provider which the scenario does not have. The
// test is wrong then, not the engine.
type MistakeError struct {
	// Name is the expectation's name. Reason names the provider, and the one that was probably
	// meant.
	Name, Reason string
}

// Error returns the name and the reason.
func (e *MistakeError) Error() string { return e.Name + ": " + e.Reason }

// A PremiseError reports that the run went so wrong that no expectation means anything.
type PremiseError struct {
	// Reason says what the engine or the harness did.
	Reason string
}

// Error returns the reason.
func (e *PremiseError) Error() string { return PremiseName + ": " + e.Reason }

// Match judges the premises and then the expectation.
func (m *matcher) Match(actual any) (bool, error) {
	t, err := observed(actual)
	if err != nil {
		return false, err
	}
	if t.Run.Skipped != "" {
		return false, &SkippedError{Name: m.expectation.Name(), Reason: t.Run.Skipped}
	}
	if why := mistake(m.expectation, t.Run); why != "" {
		return false, &MistakeError{Name: m.expectation.Name(), Reason: why}
	}
	if broken, ok := premise(t); !ok {
		return false, &PremiseError{Reason: broken.Message}
	}
	m.finding = look(m.expectation, t)
	switch m.finding.Verdict {
	case Skipped:
		return false, &SkippedError{Name: m.expectation.Name(), Reason: m.finding.Message}
	case Unknown:
		return false, &UnknownError{Name: m.expectation.Name(), Reason: m.finding.Message}
	case Passed, Partial, Failed:
	}
	return m.finding.Verdict == Passed, nil
}

// FailureMessage returns what was expected and what was seen.
func (m *matcher) FailureMessage(any) string { return m.expectation.Name() + ": " + m.finding.Message }

// NegatedFailureMessage returns what was seen although it should not have been.
func (m *matcher) NegatedFailureMessage(any) string {
	return fmt.Sprintf("%s: expected not to hold, but: %s", m.expectation.Name(), m.finding.Message)
}

func observed(actual any) (timeline.Timeline, error) {
	switch v := actual.(type) {
	case timeline.Timeline:
		return v, nil
	case *timeline.Timeline:
		if v != nil {
			return *v, nil
		}
	case Observed:
		return v.Observed(), nil
	}
	return timeline.Timeline{}, fmt.Errorf("assertions: expected a timeline or a run, got %T", actual)
}

// HaveFallenBackWithin succeeds if the first request at a provider other than the primary arrived
// within d of the call's start.
func HaveFallenBackWithin(d time.Duration) types.GomegaMatcher {
	return Matcher(TimeToFallback{Max: d})
}

// HaveDeliveredWithin succeeds if the first text reached the caller within d of the call's start.
func HaveDeliveredWithin(d time.Duration) types.GomegaMatcher {
	return Matcher(TimeToFirstContent{Max: d})
}

// HaveAnsweredWithin succeeds if the call succeeded within d of its start.
func HaveAnsweredWithin(d time.Duration) types.GomegaMatcher { return Matcher(TimeToAnswer{Max: d}) }

// HaveAnsweredFrom succeeds if the caller got that provider's whole answer, exactly once.
func HaveAnsweredFrom(provider string) types.GomegaMatcher { return Matcher(Answer{From: provider}) }

// HaveFailedClearly succeeds if every call ended with an error of the engine's own.
func HaveFailedClearly() types.GomegaMatcher {
	return Matcher(Answer{Outcome: Outcomes{timeline.FailedClearly.String()}})
}

// HaveAttempted succeeds if the provider received between least and most requests, both included.
func HaveAttempted(provider string, least, most int) types.GomegaMatcher {
	return Matcher(Attempts{provider: Range{Min: &least, Max: &most}})
}

// HaveStayedOnPrimary succeeds if no other provider received a request.
func HaveStayedOnPrimary() types.GomegaMatcher { return Matcher(NoFallback{}) }

// HaveClosedConnections succeeds if every abandoned request of the provider was closed within d.
func HaveClosedConnections(provider string, d time.Duration) types.GomegaMatcher {
	return Matcher(ConnectionClosed{Provider: provider, Within: d})
}

// HaveGivenTheClient succeeds if the client of every call got what the expectation says, over HTTP.
func HaveGivenTheClient(e ClientWire) types.GomegaMatcher { return Matcher(e) }

// HaveLeakedNothing succeeds if no connection and no goroutine outlived the calls.
func HaveLeakedNothing() types.GomegaMatcher { return Matcher(NoLeaks{}) }
