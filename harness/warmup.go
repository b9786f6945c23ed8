package harness

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// warmUpLimit is the longest time of a healthy call, in scenario time.
const warmUpLimit = time.Minute

// serveHealthy starts every provider with a healthy answer. Each answer closes its connection, so
// that the run begins without any.
func (st *stage) serveHealthy() {
	answer := fakeprovider.Script{
		fakeprovider.Wait{For: fakeprovider.DefaultTTFT},
		fakeprovider.Respond{Headers: map[string]string{"Connection": "close"}},
		fakeprovider.Text{ITL: fakeprovider.DefaultITL},
		fakeprovider.Finish{Reason: "stop"},
	}
	st.serve(func(scenarios.Provider) ([]fakeprovider.Fault, []fakeprovider.Outage) {
		return []fakeprovider.Fault{answer}, nil
	})
}

// healthyTime is what the script of serveHealthy takes, by a provider of that name.
func healthyTime(provider string) time.Duration {
	took := fakeprovider.DefaultTTFT
	for _, text := fakeprovider.CutToken(
		fakeprovider.Canary(provider)); text != ""; _, text = fakeprovider.CutToken(text) {
		took += fakeprovider.DefaultITL
	}
	return took
}

// warmUp makes the healthy calls, and then starts the run anew: its time, its timeline and its
// providers. It returns false if there will be no run, because the engine did not answer a healthy
// call; the timeline then holds those calls, as call 0.
func (st *stage) warmUp(target Target) bool {
	if st.options.outside == nil {
		return true
	}
	if reused, ok := target.(Reused); !ok || !reused.Reused() {
		for range st.options.warmUp() {
			if why := st.healthyCall(target); why != "" {
				if !st.checkInterrupt() {
					st.failed(why)
				}
				return false
			}
		}
	}
	if st.options.warmUp() == 0 {
		return true
	}
	st.stopServing()
	st.recorder.Restart()
	st.serveScenario()
	return true
}

// healthyCall makes one healthy call, and measures by how much it took longer than its script. It
// returns the reason why the run cannot be judged, or "".
func (st *stage) healthyCall(target Target) string {
	c := scenarios.Call{Prompt: scenarios.DefaultPrompt, Stream: true, Restarts: true}
	if len(st.scenario.Calls) > 0 {
		c.Stream, c.Restarts = st.scenario.Calls[0].Stream, st.scenario.Calls[0].Restarts
	}
	limit := warmUpLimit
	if own := st.options.callLimit; own > 0 {
		limit = min(limit, own)
	}
	before, begun := len(st.seen().Attempts()), st.recorder.Elapsed()
	e, returned := st.callWithin(target, 0, c, limit, fmt.Sprintf("a healthy call has %s", limit))
	took := st.recorder.Elapsed() - begun
	switch {
	case e.cannot != "":
		return e.cannot
	case !returned && e.kind == 0:
		return "the engine did not answer a healthy call: it never returned"
	}
	seen := st.seen()
	attempts := seen.Attempts()[before:]
	if why := unhealthy(seen, attempts, e, *st.options.outside); why != "" {
		return why + st.handshakes.explain("the target can name as {{ca}}")
	}
	script := healthyTime(seen.Run.Primary())
	for _, a := range attempts {
		script = max(script, a.End-a.Start)
	}
	st.distortion.Store(int64(max(0, took-script)))
	return ""
}

// seen returns the timeline so far.
func (st *stage) seen() timeline.Timeline {
	return timeline.Timeline{Run: describe(st.scenario, st.options), Events: st.recorder.Events()}
}

// unhealthy returns what is wrong with a healthy call, or "". It must have reached the primary, and
// its whole answer the caller.
func unhealthy(t timeline.Timeline, attempts []timeline.Attempt, e ended, o Outside) string {
	refused := ""
	reached := map[string]bool{}
	for _, a := range attempts {
		if a.N > 0 {
			reached[a.Provider] = true
		} else if refused == "" {
			refused = fmt.Sprintf("; %s refused %s", a.Provider, refusal(t, a))
		}
	}
	primary := t.Run.Primary()
	answer := received(t.Events)
	for _, p := range t.Run.Providers {
		if p.Name != primary && !reached[primary] && (o.holds(answer, p.Name) || o.CallerUnseen && reached[p.Name]) {
			return fmt.Sprintf("%s is not in rotation: the healthy call was answered by %s%s", primary, p.Name, refused)
		}
	}
	const did = "the engine did not answer a healthy call: "
	switch {
	case o.CallerUnseen:
	case o.Contained && reached[primary] && o.holds(answer, primary): // whatever its exit code
	case e.kind != timeline.CallAnswered:
		return did + endedText(e) + refused
	case answer == "":
		return did + "it returned nothing" + refused
	case reached[primary] && o.holds(answer, primary):
	case reached[primary]:
		return did + fmt.Sprintf("%s sent %q, and the caller got %q", primary, fakeprovider.Canary(primary),
			shortText(answer)) + refused
	}
	if !reached[primary] {
		return fmt.Sprintf("%s is not in rotation: it received no request of the healthy call%s", primary, refused)
	}
	return ""
}

// holds reports whether the caller got the whole healthy answer of a provider.
func (o Outside) holds(answer, provider string) bool {
	whole := fakeprovider.Canary(provider)
	if o.Contained {
		answer = strings.Join(strings.Fields(answer), " ") // programs break lines
		return strings.Contains(answer, whole)
	}
	return answer == whole
}

// received returns the text that the caller holds of the last healthy call.
func received(events []timeline.Event) string {
	var b strings.Builder
	for _, e := range events {
		switch {
		case e.Lane != timeline.ClientLane(0):
		case e.Kind == timeline.CallStarted, e.Kind == timeline.RestartReceived:
			b.Reset()
		case e.Kind == timeline.TextReceived:
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// refusal describes a refused request and the response to it.
func refusal(t timeline.Timeline, a timeline.Attempt) string {
	text := t.Events[a.Received].Text
	for _, e := range t.Events[a.Received+1:] {
		if e.Lane == t.Events[a.Received].Lane && e.Kind == timeline.ProblemSent {
			return text + ": " + e.Text
		}
	}
	return text
}

// endedText says how a call ended, in a few words.
func endedText(e ended) string {
	switch e.kind { //nolint:exhaustive // the others do not end a call
	case timeline.CallCut:
		return "it was cut: " + e.text
	case timeline.CallPanicked:
		return "it panicked: " + e.text
	}
	return shortText(e.text)
}

// shownBytes is how much of an engine's text a message quotes.
const shownBytes = 300

// shortText returns the beginning of a text.
func shortText(text string) string {
	if len(text) <= shownBytes {
		return text
	}
	end := shownBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimSpace(text[:end]) + "…"
}
