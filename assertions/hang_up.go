package assertions

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// HangUp expects that the engine stops when its caller hangs up: it returns within a bound, what it
// has open is closed within that, and no further request begins for the call. Calls whose caller
// did not hang up are not looked at.
type HangUp struct {
	// Within is the time allowed after the caller hung up.
	Within time.Duration `yaml:"within"`
}

var _ Seeing = HangUp{}

// Name returns "hang_up".
func (HangUp) Name() string { return "hang_up" }

// Title returns what the expectation is, in one line.
func (HangUp) Title() string {
	return "Once its caller has hung up, the engine returns, closes its requests and makes no other"
}

// Args returns within_s.
func (e HangUp) Args() map[string]any { return map[string]any{"within_s": timeline.Seconds(e.Within)} }

// Validate refuses an expectation without a time.
func (e HangUp) Validate() error {
	if e.Within <= 0 {
		return errors.New("hang_up needs a time above zero, as in `within: 2s`")
	}
	return nil
}

// Unseen returns a reason if the caller was not seen.
func (HangUp) Unseen(r timeline.Run) string { return callerUnseen(r) }

// Judge judges every call whose caller hung up; the worst decides. A run without one is unknown.
func (e HangUp) Judge(t timeline.Timeline) Finding {
	worst := Finding{
		Verdict: Unknown, Limit: timeline.Seconds(e.Within), Message: "no caller hung up before its call was over",
	}
	seen := false
	for n := 1; ; n++ {
		client, ok := t.Client(n)
		if !ok {
			return worst
		}
		if client.Ending != timeline.CallHungUp {
			continue
		}
		f := doubt(t, n, e.judgeCall(t, client))
		if !seen || worse(f, worst) {
			worst, seen = f, true
		}
	}
}

// judgeCall looks for what the engine did after its caller had hung up. The longest wait is
// compared with Within.
func (e HangUp) judgeCall(t timeline.Timeline, c timeline.Client) Finding {
	f := Finding{Verdict: Failed, Limit: timeline.Seconds(e.Within), Events: compact(c.Started, c.Ended)}
	longest, what := max(0, c.Returned-c.End), "returned"
	for _, a := range t.CallAttempts(c.Call) {
		request := fmt.Sprintf("request %d of %s", a.N, a.Provider)
		switch {
		case a.Start >= c.End && !inFlight(t, a, c):
			f.Events = append(f.Events, a.Received)
			f.Message = fmt.Sprintf("the caller hung up after %s, and %s later %s began", since(c.Start, c.End),
				since(c.End, a.Start), request)
			return f
		case a.Open:
			f.Events = append(f.Events, a.Received)
			f.Message = fmt.Sprintf("the caller hung up after %s, and %s was never closed", since(c.Start, c.End),
				request)
			return f
		case a.End-c.End > longest:
			longest, what = a.End-c.End, "closed "+request
		}
	}
	f.Got = timeline.Seconds(longest)
	f.Message = fmt.Sprintf("the caller hung up after %s, and the engine %s %s later, limit %s", since(c.Start, c.End),
		what, since(0, longest), e.Within)
	if longest <= e.Within {
		f.Verdict = Passed
	}
	if c.Returned < 0 {
		f.Verdict, f.Got = Unknown, nil
		f.Message = fmt.Sprintf("the caller hung up after %s, and the run was over before the engine returned",
			since(c.Start, c.End))
	}
	return f
}

// onTheWay is the real time that a request may need to reach its provider on a busy machine.
const onTheWay = 100 * time.Millisecond

// inFlight reports whether a request that a provider got after the caller had hung up was sent
// before it, as far as anybody can tell: on a clock of real time it came at once, and the engine
// gave it up.
func inFlight(t timeline.Timeline, a timeline.Attempt, c timeline.Client) bool {
	if t.Run.Clock == virtualClock && !t.Run.Outside || a.Ending != timeline.ClientDisconnected {
		return false
	}
	speed := 1.0
	if strings.HasPrefix(t.Run.Clock, "x") {
		_, _ = fmt.Sscanf(t.Run.Clock, "x%g", &speed) // the name of a clock
	}
	return a.Start-c.End <= time.Duration(float64(onTheWay)*speed)
}

// since formats the time between two instants for people.
func since(from, to time.Duration) time.Duration { return (to - from).Round(time.Millisecond) }

// Advise tells what has to end with the caller's context.
func (HangUp) Advise(timeline.Timeline, Finding) string {
	return "end every request, retry and timer of a call when its caller hangs up"
}
