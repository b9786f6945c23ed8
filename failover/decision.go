package failover

import (
	"fmt"
	"strings"
	"time"
)

// An Action names what the engine decided in a Decision.
type Action string

const (
	// ActionAsk sends a request.
	ActionAsk Action = "ask"
	// ActionKill ends an attempt because a watchdog fired.
	ActionKill Action = "kill"
	// ActionKillMissed reports a watchdog's kill that does not reach the stream, see
	// [Watch.KillReaches].
	ActionKillMissed Action = "kill missed"
	// ActionRepeat repeats a stream in the inner loop, without a wait.
	ActionRepeat Action = "repeat"
	// ActionRetry asks the provider again in the outer loop, after a wait.
	ActionRetry Action = "retry"
	// ActionRecover gives the primary all of its attempts once more.
	ActionRecover Action = "recover"
	// ActionCompress shortens the conversation and asks the same provider again.
	ActionCompress Action = "compress"
	// ActionRotate asks the same provider again, with its next key.
	ActionRotate Action = "rotate"
	// ActionHedge asks the next provider beside a slow one, see Hedge.
	ActionHedge Action = "hedge"
	// ActionFallBack goes on to the next provider of the chain.
	ActionFallBack Action = "fall back"
	// ActionRest lets a provider rest after a call has left it, for all calls, see Cooldown.
	ActionRest Action = "rest"
	// ActionPassOver skips a provider: it rests, would fail as another one has, or has had its
	// requests.
	ActionPassOver Action = "pass over"
	// ActionProbe finds out, for all calls, whether a provider is back after its cooldown or an
	// open breaker.
	ActionProbe Action = "probe"
	// ActionOpen opens a provider's breaker, or keeps it open, see Breaker.
	ActionOpen Action = "open the breaker of"
	// ActionAccept accepts a part as the answer, see [AfterContent].
	ActionAccept Action = "accept"
	// ActionContinue asks the same provider for the rest, see [AfterContent].
	ActionContinue Action = "continue"
	// ActionGiveUp ends the call with an error.
	ActionGiveUp Action = "give up"
	// ActionAnswered ends the call with an answer.
	ActionAnswered Action = "answered"
)

// A Decision is one thing that the engine decided, for people to read.
type Decision struct {
	// At is the time since the call began.
	At time.Duration
	// Call numbers the engine's calls, from 1.
	Call int
	// Action is what was decided. Reason is why; it is empty if nothing had failed.
	Action Action
	Reason Reason
	// Provider is the one concerned, and Attempt its request within the call, from 1.
	Provider string
	Attempt  int
	// Wait is how long the engine waits now.
	Wait time.Duration
	// Remaining is the time left until the call's deadline; 0 if there is no deadline or it has
	// passed.
	Remaining time.Duration
	// Detail says more about the decision; it may be empty.
	Detail string
}

// String returns the decision in one line: `retry primary in 2.5s: timeout (attempt 1;
// read_error)`.
func (d Decision) String() string {
	var b strings.Builder
	b.WriteString(string(d.Action))
	if d.Provider != "" {
		switch d.Action { //nolint:exhaustive // the others go without
		case ActionFallBack:
			b.WriteString(" from")
		case ActionGiveUp:
			b.WriteString(" on")
		}
		b.WriteString(" " + d.Provider)
	}
	if d.Wait > 0 {
		fmt.Fprintf(&b, " in %s", d.Wait.Round(time.Millisecond))
	}
	if d.Reason != "" {
		fmt.Fprintf(&b, ": %s", d.Reason)
	}
	var notes []string
	if d.Attempt > 0 {
		notes = append(notes, fmt.Sprintf("attempt %d", d.Attempt))
	}
	if d.Detail != "" {
		notes = append(notes, d.Detail)
	}
	if d.Remaining > 0 {
		notes = append(notes, fmt.Sprintf("%s left", d.Remaining.Round(time.Millisecond)))
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, "; ") + ")")
	}
	return b.String()
}
