package failover

import (
	"fmt"
	"strings"
	"time"
)

// What is the sort of a Decision.
type Action string

const (
	// Ask sends a request.
	ActionAsk Action = "ask"
	// Kill ends an attempt that a watchdog has given up.
	ActionKill Action = "kill"
	// KillMissed is a watchdog's kill that does not reach the stream, see Watch.KillReaches.
	ActionKillMissed Action = "kill missed"
	// Repeat is the inner loop's retry, without a wait.
	ActionRepeat Action = "repeat"
	// Retry is the outer loop's retry, after a wait.
	ActionRetry Action = "retry"
	// Recover gives the primary its whole budget once more.
	ActionRecover Action = "recover"
	// Compress shortens the conversation and asks the same provider again.
	ActionCompress Action = "compress"
	// Rotate asks the same provider again, with its next key.
	ActionRotate Action = "rotate"
	// HedgeStarted asks the next provider beside a slow one, see Hedge.
	ActionHedge Action = "hedge"
	// FallBack goes on to the next provider of the chain.
	ActionFallBack Action = "fall back"
	// Rest lets a provider rest that was left, for all calls, see Cooldown.
	ActionRest Action = "rest"
	// PassOver does not ask a provider in its place: it rests, or would fail as another one has, or has had its requests.
	ActionPassOver Action = "pass over"
	// Probe finds out, for all calls, whether a provider is back whose rest is over, or whose breaker has been open for its time.
	ActionProbe Action = "probe"
	// Open opens a provider's breaker, or keeps it open, see Breaker.
	ActionOpen Action = "open the breaker of"
	// Accept passes a part off as the answer, see AfterContent.
	ActionAccept Action = "accept"
	// Continue asks the same provider for the rest, see AfterContent.
	ActionContinue Action = "continue"
	// GiveUp ends the call with an error.
	ActionGiveUp Action = "give up"
	// Answered ends the call with an answer.
	ActionAnswered Action = "answered"
)

// A Decision is one thing that the engine decided, for people to read.
type Decision struct {
	// At is the time since the call began.
	At time.Duration
	// Call numbers the engine's calls, from 1.
	Call int
	// What was decided, and the Reason; empty where nothing had failed.
	Action Action
	Reason Reason
	// Provider is the one concerned, and Attempt its request within the call, from 1.
	Provider string
	Attempt  int
	// Wait is the time that the engine will now wait.
	Wait time.Duration
	// Remaining is what is left of the call's deadline; 0 where the policy has none or nothing is left.
	Remaining time.Duration
	// Detail is the rest of the story; it may be empty.
	Detail string
}

// String tells the decision in one line: `retry primary in 2.5s: timeout (attempt 1; read_error)`.
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
