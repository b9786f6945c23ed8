package assertions

import (
	"errors"
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// ConnectionClosed expects that every request of a provider that the engine abandoned ends soon,
// as the provider sees it. A request is abandoned when the same call sends another one to the
// same provider, when text of a later request reaches the caller, or when the call ends,
// whichever is first. So a hedge may run beside its primary, and a forgotten stream may not.
type ConnectionClosed struct {
	// Provider is the provider whose requests are judged.
	Provider string `yaml:"provider"`
	// Within is the time allowed after a request is abandoned.
	Within time.Duration `yaml:"within"`
}

var _ Expectation = ConnectionClosed{}

// Name returns "connection_closed".
func (ConnectionClosed) Name() string { return "connection_closed" }

// Title returns what the expectation is, in one line.
func (ConnectionClosed) Title() string {
	return "Every request that was given up is closed in time"
}

// Args returns provider and within_s.
func (e ConnectionClosed) Args() map[string]any {
	return map[string]any{"provider": e.Provider, "within_s": timeline.Seconds(e.Within)}
}

// Validate refuses an expectation without a provider or a time.
func (e ConnectionClosed) Validate() error {
	switch {
	case e.Provider == "":
		return errors.New("connection_closed names no provider")
	case e.Within <= 0:
		return errors.New("connection_closed needs a time above zero, as in `within: 1s`")
	}
	return nil
}

// Judge judges each request of the provider; the worst decides. A provider without requests is
// unknown, because nothing was seen.
func (e ConnectionClosed) Judge(t timeline.Timeline) Finding {
	if _, known := t.Run.Provider(e.Provider); !known {
		return Finding{Verdict: Unknown, Message: "the run has no provider " + e.Provider}
	}
	worst := Finding{Verdict: Unknown, Limit: timeline.Seconds(e.Within), Message: e.Provider + " received no request"}
	calls := map[int]*callRequests{}
	for _, a := range t.Attempts() {
		if a.N == 0 {
			continue
		}
		c := calls[a.Call]
		if c == nil {
			client, _ := t.Client(a.Call)
			c = &callRequests{client, t.CallAttempts(a.Call)}
			calls[a.Call] = c
		}
		c.later = c.later[1:]
		if a.Provider != e.Provider {
			continue
		}
		f := doubt(t, a.Call, e.judgeAttempt(a, c.client.Abandoned(a, c.later)))
		if t.Run.StartUnseen && c.client.Ending == timeline.CallCut && f.Verdict == Failed &&
			(a.Open || a.End > c.client.End) {
			f.Verdict, f.Message = Unknown, fmt.Sprintf(
				"request %d of %s was still open when the call was cut, which its caller could not be told", a.N,
				a.Provider)
		}
		if worst.Events == nil || worse(f, worst) {
			worst = f
		}
	}
	return worst
}

func (e ConnectionClosed) judgeAttempt(a timeline.Attempt, at time.Duration) Finding {
	took := timeline.Seconds(max(0, a.End-at))
	f := Finding{Verdict: Passed, Limit: timeline.Seconds(e.Within), Got: took, Events: compact(a.Received, a.Ended)}
	switch {
	case a.Open:
		f.Verdict, f.Got = Failed, nil
		f.Message = fmt.Sprintf("request %d of %s, abandoned at %s, was never closed", a.N, a.Provider,
			at.Round(time.Millisecond))
	case took.Duration() > e.Within:
		f.Verdict = Failed
		f.Message = fmt.Sprintf("request %d of %s was closed %s after it was abandoned, limit %s", a.N, a.Provider,
			round(took), e.Within)
	default:
		f.Message = fmt.Sprintf("every request of %s was over within %s of being abandoned", a.Provider, e.Within)
	}
	return f
}

// callRequests is a call while its requests are judged one after the other.
type callRequests struct {
	client timeline.Client
	later  []timeline.Attempt // behind the one that is judged
}

// Mentions returns Provider.
func (e ConnectionClosed) Mentions() []Mention {
	return []Mention{{Argument: "provider", Provider: e.Provider}}
}

// Advise tells when to close a request.
func (ConnectionClosed) Advise(timeline.Timeline, Finding) string {
	return "cancel a request when you give it up, so that its connection closes at once"
}
