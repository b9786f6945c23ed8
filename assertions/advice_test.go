package assertions_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// adviceRunes is the maximum length of an advice.
const adviceRunes = 100

// imperatives are the verbs that an advice of a shipped expectation begins with.
const imperatives = " accept answer ask bound cancel check count deliver do end fix make remember return say send " +
	"set shorten stay tell treat wait "

// misadvised says what is wrong with an advice beside its verdict, or returns "".
func misadvised(v assertions.Verdict, advice string) string {
	failed := v == assertions.Failed || v == assertions.Partial
	verb, _, _ := strings.Cut(advice, " ")
	switch {
	case !failed && advice != "":
		return fmt.Sprintf("%s, and the advice is %q", v, advice)
	case !failed:
		return ""
	case advice == "":
		return "failed without an advice"
	case !strings.Contains(imperatives, " "+verb+" ") || unicode.IsUpper([]rune(advice)[0]):
		return fmt.Sprintf("%q is no verb that tells what to do", verb)
	case utf8.RuneCountInString(advice) > adviceRunes || strings.Contains(advice, "\n"):
		return fmt.Sprintf("%q is longer than a line of %d characters", advice, adviceRunes)
	case strings.HasSuffix(advice, ".") || strings.Contains(advice, "%!"):
		return fmt.Sprintf("%q is no line of a report", advice)
	}
	return ""
}

func TestMisadvised(t *testing.T) {
	for _, tt := range []struct {
		verdict assertions.Verdict
		advice  string
		wrong   bool
	}{
		{assertions.Failed, "wait longer", false},
		{assertions.Partial, "wait longer", false},
		{assertions.Passed, "", false},
		{assertions.Failed, "", true},
		{assertions.Partial, "", true},
		{assertions.Passed, "wait longer", true},
		{assertions.Unknown, "wait longer", true},
		{assertions.Skipped, "wait longer", true},
		{assertions.Failed, "Wait longer", true},
		{assertions.Failed, "the next provider", true},
		{assertions.Failed, "wait longer.", true},
		{assertions.Failed, "wait " + strings.Repeat("x", adviceRunes), true},
		{assertions.Failed, "wait\nlonger", true},
	} {
		if got := misadvised(tt.verdict, tt.advice); (got != "") != tt.wrong {
			t.Errorf("%s, %q: got %q", tt.verdict, tt.advice, got)
		}
	}
}

// met returns the run with a fault that the first request of the primary met.
func met(t timeline.Timeline, right string) timeline.Timeline {
	t.Run.Providers = []timeline.Provider{
		{Name: "primary", Met: []timeline.MetFault{{Fault: "f", Right: right, Requests: []int{1}}}},
		{Name: "secondary"},
	}
	return t
}

// killed returns a run of one provider or two, whose primary is given up n times after 100 s each,
// and then the call fails.
func killed(n int, providers ...string) timeline.Timeline {
	events := []timeline.Event{at(0, client, timeline.CallStarted, "hi")}
	now := 0.0
	for i := range n {
		lane := timeline.ProviderLane("primary", 1, i+1)
		events = append(events, at(now, lane, timeline.RequestReceived, ""), at(now, lane, timeline.HeadersSent, "200"),
			at(now+100, lane, timeline.ClientDisconnected, ""))
		now += 101
	}
	t := run(append(events, at(now, client, timeline.CallFailed, "no more"))...)
	t.Run.Providers = nil
	for _, name := range providers {
		t.Run.Providers = append(t.Run.Providers, timeline.Provider{Name: name})
	}
	return t
}

// fellBackAfter returns a run whose primary is given up n times after 100 s each, and whose
// secondary is asked then.
func fellBackAfter(n int) timeline.Timeline {
	t := killed(n, "primary", "secondary")
	end := t.Events[len(t.Events)-1].At.Seconds()
	return run(append(t.Events[:len(t.Events)-1],
		at(end, second, timeline.RequestReceived, ""), at(end, second, timeline.HeadersSent, "200"),
		at(end, second, timeline.TextSent, "x"), at(end, second, timeline.FinishSent, "stop"),
		at(end, second, timeline.ResponseEnded, ""), at(end, client, timeline.TextReceived, "x"),
		at(end, client, timeline.CallAnswered, ""))...)
}

// TestAdvice checks that an advice fits what happened, and not only what failed.
func TestAdvice(t *testing.T) {
	const count, minute = "count content as life", time.Minute
	fallback := assertions.TimeToFallback{Max: minute}
	backedOff := run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(1, first, timeline.ConnectionCut, ""), at(90, second, timeline.RequestReceived, ""),
		at(91, client, timeline.CallFailed, "no"),
	)
	heldBack := run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(1, first, timeline.TextSent, "x"), at(1, client, timeline.TextReceived, "x"),
		at(1, first, timeline.FinishSent, "stop"), at(200, first, timeline.ResponseEnded, ""),
		at(200, client, timeline.CallAnswered, ""),
	)
	rejected := fellBack(0.001)
	for _, tt := range []struct {
		name string
		of   timeline.Timeline
		by   assertions.Expectation
		want string
	}{
		{"a fault that nothing ended", met(cut(100), count), fallback, count},
		{"no fault is known", cut(100), fallback, "set a deadline for headers, then ask the next provider"},
		{
			"given up once, too late", met(fellBackAfter(1), count), fallback,
			"shorten the deadline for content: it fired, but too late",
		},
		{
			"given up more than once", met(fellBackAfter(3), count),
			assertions.TimeToFallback{Max: 2 * minute},
			"ask the next provider after the first attempt without content, not the same one again",
		},
		{
			"given up more than once, and each time too late", fellBackAfter(3), fallback,
			"shorten the deadline for content, and ask the next provider when it first fires",
		},
		{
			"nobody else is there", killed(3, "primary"),
			assertions.TimeToAnswer{Max: minute},
			"do not give up the only provider: it only makes the same wait begin again",
		},
		{
			"the wait between", met(backedOff, count), fallback,
			"wait less before an attempt, or ask the next provider instead of waiting",
		},
		{
			"an error too soon", met(failed(), count), fallback, "ask secondary instead of returning the error",
		},
		{
			"an error after content", with(failed(), at(0.5, client, timeline.TextReceived, "x")), fallback,
			"ask secondary behind a restart marker instead of returning the error",
		},
		{
			"an answer that was there", heldBack,
			assertions.TimeToAnswer{Max: minute},
			"end the call at the finish reason, and do not wait for the end of the stream",
		},
		{
			"an answer held back", heldBack,
			assertions.Answer{},
			"end the call at the finish reason, and do not wait for the end of the stream",
		},
		{
			"a healthy primary was left", fellBack(10),
			assertions.NoFallback{},
			"wait longer for primary before you give it up: it is slow, and not broken",
		},
		{
			"a healthy primary was not understood", rejected,
			assertions.NoFallback{},
			"accept what primary sends: it is odd, and not broken",
		},
		{"a fault to live with", met(rejected, "take it as it is"), assertions.NoFallback{}, "take it as it is"},
		{
			"the wrong provider", fellBack(10),
			assertions.Answer{From: "primary"},
			"wait longer for primary before you give it up: it is slow, and not broken",
		},
		{
			"too many requests", killed(3, "primary", "secondary"),
			assertions.Attempts{"primary": {Max: new(1)}},
			"send primary at most 1 request, those of every layer that retries included",
		},
		{
			"nobody asked the secondary", killed(3, "primary", "secondary"),
			assertions.Attempts{"secondary": {Min: new(1)}},
			"ask secondary when the provider before it fails",
		},
		{
			"a part as the whole", got("one", []string{"one", "two"}, nil),
			assertions.Answer{},
			"deliver all that a provider has sent before the call returns",
		},
		{
			"two answers as one", got("oneall", []string{"one"}, []string{"all"}),
			assertions.Answer{},
			"tell the caller to start over before another answer begins",
		},
		{
			"no text", without(healthy(), client, timeline.TextReceived),
			assertions.Answer{},
			"deliver the answer that a provider has given",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.of, assertions.Must(tt.by))
			if got := j.Results[0]; got.Verdict != assertions.Failed || got.Advice != tt.want {
				t.Errorf("%s: %s\ngot  %s\nwant %s", got.Verdict, got.Message, got.Advice, tt.want)
			}
			passing := assertions.Must(assertions.Answer{}, assertions.TimeToAnswer{Max: minute})
			for _, r := range assertions.Judge(healthy(), passing).Results {
				if r.Advice != "" {
					t.Errorf("%s %s has the advice %q", r.Name, r.Verdict, r.Advice)
				}
			}
		})
	}
}

// A silent expectation has no advice of its own.
type silent struct{ assertions.Expectation }

// TestAdviceOfOthers checks that an expectation without advice of its own leaves it to the fault,
// and that what the run itself asks for has some.
func TestAdviceOfOthers(t *testing.T) {
	f := assertions.Finding{Verdict: assertions.Failed}
	if got := assertions.Advice(silent{assertions.NoLeaks{}}, met(healthy(), "wait longer"), f); got != "wait longer" {
		t.Errorf("got %q, want what is right about the fault", got)
	}
	if got := assertions.Advice(silent{assertions.NoLeaks{}}, healthy(), f); got != "" {
		t.Errorf("got %q, and nobody knows", got)
	}
	began := at(0, client, timeline.CallStarted, "")
	for name, of := range map[string]timeline.Timeline{
		"panic":         run(began, at(1, client, timeline.CallPanicked, "nil map")),
		"blocked":       run(began, at(1, client, timeline.CallBlocked, "mutex")),
		"never asked":   run(began, at(1, client, timeline.CallFailed, "no route")),
		"another key":   asking(&timeline.Asked{KeyOf: "primary"}),
		"another model": asking(&timeline.Asked{ModelOf: "primary"}),
		"another task":  asking(&timeline.Asked{Lacks: []string{"prompt"}}),
	} {
		failed := 0
		for _, r := range assertions.Judge(of, assertions.Must(assertions.NoLeaks{})).Results {
			if wrong := misadvised(r.Verdict, r.Advice); wrong != "" {
				t.Errorf("%s: %s", name, wrong)
			}
			if r.Verdict == assertions.Failed {
				failed++
			}
		}
		if failed == 0 {
			t.Errorf("%s: nothing failed", name)
		}
	}
}
