package assertions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

func advisory(e assertions.Expectation) assertions.Expected {
	return assertions.Expected{Expectation: e, Advisory: true}
}

func TestAdvisory(t *testing.T) {
	slow := assertions.TimeToFallback{Max: time.Second}
	for _, tt := range []struct {
		name     string
		expected []assertions.Expected
		want     assertions.Verdict
		first    assertions.Verdict
	}{
		{
			"fails",
			[]assertions.Expected{advisory(slow), {Expectation: assertions.Answer{}}},
			assertions.Partial,
			assertions.Partial,
		},
		{
			"holds",
			[]assertions.Expected{advisory(assertions.Answer{}), {Expectation: assertions.NoLeaks{}}},
			assertions.Passed, assertions.Passed,
		},
		{
			"fails beside one that must hold",
			[]assertions.Expected{advisory(slow), {Expectation: assertions.NoFallback{}}},
			assertions.Failed,
			assertions.Partial,
		},
		{
			"fails beside one that is unknown",
			[]assertions.Expected{advisory(slow), {Expectation: assertions.Answer{Call: 7}}},
			assertions.Unknown,
			assertions.Partial,
		},
		{
			"is unknown",
			[]assertions.Expected{advisory(assertions.Answer{Call: 7}), {Expectation: assertions.Answer{}}},
			assertions.Unknown, assertions.Unknown,
		},
		{"alone", []assertions.Expected{advisory(slow)}, assertions.Partial, assertions.Partial},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(fellBack(10), tt.expected)
			if j.Verdict != tt.want || j.Results[0].Verdict != tt.first || !j.Results[0].Advisory {
				t.Errorf("got %s, %+v, want %s and %s", j.Verdict, j.Results, tt.want, tt.first)
			}
			if holds := tt.want == assertions.Passed || tt.want == assertions.Partial; j.Verdict.Holds() != holds {
				t.Errorf("%s holds: %v", j.Verdict, j.Verdict.Holds())
			}
		})
	}
}

// outside is a run of an engine in another process.
func outside(tl timeline.Timeline) timeline.Timeline {
	tl.Run.Outside = true
	tl.Run.Providers = []timeline.Provider{
		{Name: "primary", Protocol: "openai-chat", Model: "primary-model"},
		{Name: "secondary", Protocol: "anthropic-messages", Model: "secondary-model"},
	}
	return tl
}

func TestPremisesOutside(t *testing.T) {
	start := at(0, client, timeline.CallStarted, "")
	refusedBy := func(provider, request, said string) timeline.Timeline {
		lane := timeline.ProviderLane(provider, 1, 0)
		return with(fellBack(10), at(11, lane, timeline.RequestReceived, request),
			at(11, lane, timeline.ProblemSent, said))
	}
	failed := at(2, client, timeline.CallFailed, "no route")
	for _, tt := range []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{"not asked", run(start, failed), assertions.Unknown, "the engine never sent a request to primary, the first " +
			"of its chain: is it in rotation?; it returned: no route"},
		{"asked another one first", run(
			start, at(1, second, timeline.RequestReceived, ""), at(2, first, timeline.RequestReceived, ""), failed,
		), assertions.Unknown, "the first request of the run went to secondary, and primary is the first of the chain"},
		{
			"asked another one alone", run(start, at(1, second, timeline.RequestReceived, ""), failed),
			assertions.Unknown, "is it in rotation?",
		},
		{
			"wrong protocol at a fallback",
			refusedBy("secondary", "POST /v1/chat/completions m", "404 unknown_route no"), assertions.Unknown,
			"secondary speaks anthropic-messages, was asked at /v1/chat/completions",
		},
		{
			"no key at a fallback", refusedBy("secondary", "POST /v1/messages m", "401 no key"), assertions.Unknown,
			"secondary refused a request: POST /v1/messages m → 401 no key",
		},
		{
			"a probe that was not known", refusedBy("secondary", "GET /api/tags", "404 no"), assertions.Passed,
			"answered by secondary",
		},
		{
			"a probe that sends something", refusedBy("secondary", "POST /api/show", "404 no"), assertions.Passed,
			"answered by secondary",
		},
		{
			"a root that lacks its version", refusedBy("primary", "POST /chat/completions", "404 no"),
			assertions.Unknown, "primary speaks openai-chat, was asked at /chat/completions",
		},
		{
			"a method that asks for nothing", refusedBy("primary", "GET /v1/chat/completions", "405 no"),
			assertions.Passed, "answered by secondary",
		},
		{
			"another vendor's method", refusedBy("secondary", "POST /v1beta/models/m:generateContent", "404 no"),
			assertions.Unknown, "was asked at /v1beta/models/m:generateContent",
		},
		{"all that the primary got was refused", run(
			start, at(1, timeline.ProviderLane("primary", 1, 0), timeline.RequestReceived,
				"POST /v2/chat/completions m"),
			at(1, timeline.ProviderLane("primary", 1, 0), timeline.ProblemSent, "404 no"), failed,
		), assertions.Unknown, "primary speaks openai-chat, was asked at /v2/chat/completions"},
		{"panic", run(start, at(1, client, timeline.CallPanicked, "nil map")), assertions.Failed, "panicked: nil map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(outside(tt.run), assertions.Must(assertions.Answer{}))
			if j.Verdict != tt.want || len(j.Results) != 1 || !strings.Contains(j.Results[0].Message, tt.says) {
				t.Errorf("got %s, %+v, want %s: %s", j.Verdict, j.Results, tt.want, tt.says)
			}
			for _, i := range j.Results[0].Events {
				if i < 0 || i >= len(tt.run.Events) {
					t.Errorf("the finding rests on event %d of %d", i, len(tt.run.Events))
				}
			}
			inside := assertions.Judge(tt.run, assertions.Must(assertions.Answer{}))
			if tt.want == assertions.Unknown && inside.Verdict == assertions.Unknown {
				t.Errorf("in this process it is unknown too: %+v", inside.Results)
			}
		})
	}
}

func TestWhatCannotBeSeenIsSkipped(t *testing.T) {
	far, unseen := outside(fellBack(10)), outside(fellBack(10))
	unseen.Run.CallerUnseen = true
	leak := with(far, at(20, timeline.WorldLane, timeline.ConnectionLeaked, "primary:80"))
	leak.Run = far.Run
	fallback := assertions.TimeToFallback{Max: time.Minute}
	caller := []assertions.Expectation{
		assertions.Answer{From: "primary"}, assertions.TimeToFirstContent{Max: 1}, assertions.TimeToAnswer{Max: 1},
	}
	for _, tt := range []struct {
		name    string
		run     timeline.Timeline
		expect  []assertions.Expectation
		want    assertions.Verdict
		skipped []string
	}{
		{
			"leaks of another process", leak,
			[]assertions.Expectation{assertions.NoLeaks{}, assertions.Answer{}},
			assertions.Passed,
			[]string{"no_leaks"},
		},
		{
			"and a failure beside", leak,
			[]assertions.Expectation{assertions.NoLeaks{}, assertions.NoFallback{}},
			assertions.Failed,
			[]string{"no_leaks"},
		},
		{
			"nothing else", leak,
			[]assertions.Expectation{assertions.NoLeaks{}},
			assertions.Unknown,
			[]string{"no_leaks"},
		},
		{
			"what the caller got", unseen, append(slices.Clone(caller), fallback), assertions.Passed,
			[]string{"answer", "time_to_first_content", "time_to_answer"},
		},
		{
			"that alone", unseen, caller, assertions.Unknown,
			[]string{"answer", "time_to_first_content", "time_to_answer"},
		},
		{
			"connections", far,
			[]assertions.Expectation{assertions.ConnectionClosed{Provider: "primary", Within: time.Second}},
			assertions.Passed, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.run, assertions.Must(tt.expect...))
			var skipped []string
			for _, r := range j.Results {
				if r.Verdict == assertions.Skipped {
					skipped = append(skipped, r.Name)
					if !strings.Contains(r.Message, "cannot be seen") {
						t.Errorf("%s says %q", r.Name, r.Message)
					}
				}
			}
			if j.Verdict != tt.want || !slices.Equal(skipped, tt.skipped) {
				t.Errorf("got %s with %v skipped, want %s with %v", j.Verdict, skipped, tt.want, tt.skipped)
			}
		})
	}
	var skipped *assertions.SkippedError
	if _, err := assertions.HaveLeakedNothing().Match(far); !errors.As(err, &skipped) {
		t.Errorf("the matcher returns %v, want a SkippedError", err)
	}
}

func TestWithoutACallerTimeCountsFromTheFirstRequest(t *testing.T) {
	tl := run(at(0, client, timeline.CallStarted, ""), at(50, first, timeline.RequestReceived, ""),
		at(60, second, timeline.RequestReceived, ""),
		at(61, client, timeline.CallAnswered, ""))
	expect := assertions.TimeToFallback{Max: 10 * time.Second}
	if f := expect.Judge(tl); f.Verdict != assertions.Failed {
		t.Errorf("with a caller: %s: %s", f.Verdict, f.Message)
	}
	tl.Run.CallerUnseen = true
	if f := expect.Judge(tl); f.Verdict != assertions.Passed || f.Got != timeline.Seconds(10*time.Second) {
		t.Errorf("without a caller: %s: %s", f.Verdict, f.Message)
	}
}

func TestUnreachedFaults(t *testing.T) {
	unreached := func(tl timeline.Timeline, ok bool) timeline.Timeline {
		tl.Run.Providers = []timeline.Provider{
			{Name: "primary"}, {Name: "secondary", Unreached: []string{"heartbeat-only", "reset"}},
		}
		tl.Run.UnreachedOK = ok
		return tl
	}
	const says = "secondary's heartbeat-only and secondary's reset were never reached"
	for _, tt := range []struct {
		name     string
		run      timeline.Timeline
		expected []assertions.Expected
		want     assertions.Verdict
		says     bool
	}{
		{"would pass", unreached(healthy(), false), assertions.Must(assertions.Answer{}), assertions.Unknown, true},
		{
			"would be partial", unreached(fellBack(10), false),
			[]assertions.Expected{advisory(assertions.NoFallback{})},
			assertions.Unknown, true,
		},
		{"fails", unreached(fellBack(10), false), assertions.Must(assertions.NoFallback{}), assertions.Failed, false},
		{
			"is unknown", unreached(healthy(), false), assertions.Must(assertions.Answer{Call: 9}), assertions.Unknown,
			false,
		},
		{"is allowed to", unreached(healthy(), true), assertions.Must(assertions.Answer{}), assertions.Passed, false},
		{"is never judged", unreached(healthy(), true), nil, assertions.Unknown, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.run, tt.expected)
			i := slices.IndexFunc(j.Results, func(r assertions.Result) bool { return r.Name == assertions.ReachedName })
			if j.Verdict != tt.want || (i >= 0) != tt.says || i >= 0 && !strings.Contains(j.Results[i].Message, says) {
				t.Errorf("got %s, %+v", j.Verdict, j.Results)
			}
		})
	}
}

func TestModelSeen(t *testing.T) {
	told := func(model string) timeline.Timeline {
		tl := outside(fellBack(10))
		if model != "" {
			tl = with(tl, at(11, client, timeline.ModelReceived, model))
		}
		tl.Run = outside(fellBack(10)).Run
		tl.Run.ModelSeen = "secondary"
		return tl
	}
	other := told("primary-model")
	other.Run.ModelSeen = "primary"
	for _, tt := range []struct {
		name   string
		run    timeline.Timeline
		want   assertions.Verdict
		result assertions.Verdict
	}{
		{"the right one", told("secondary-model"), assertions.Passed, assertions.Passed},
		{"another one", told("primary-model"), assertions.Partial, assertions.Partial},
		{"none", told(""), assertions.Passed, 0},
		{"of a provider that did not answer", other, assertions.Passed, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.run, assertions.Must(assertions.Answer{}))
			var got assertions.Verdict
			for _, r := range j.Results {
				if r.Name == assertions.ModelSeenName {
					got = r.Verdict
					if !strings.Contains(r.Message, "secondary") {
						t.Errorf("it says %q", r.Message)
					}
				}
			}
			if j.Verdict != tt.want || got != tt.result {
				t.Errorf("got %s with %s, want %s with %s", j.Verdict, got, tt.want, tt.result)
			}
		})
	}
}

func TestWords(t *testing.T) {
	either := assertions.Answer{Outcome: assertions.Outcomes{"answered", "failed"}}
	hidden := healthy()
	hidden.Run.CallerUnseen = true
	late := assertions.Answer{Outcome: assertions.Outcomes{"failed"}, Within: time.Second}
	for _, tt := range []struct {
		name   string
		run    timeline.Timeline
		expect []assertions.Expectation
		want   string
	}{
		{"an error that is allowed", failed(), []assertions.Expectation{either}, "safe"},
		{
			"an error that is wanted", failed(),
			[]assertions.Expectation{assertions.Answer{Outcome: assertions.Outcomes{"failed"}}},
			"safe",
		},
		{"an error that is not", failed(), []assertions.Expectation{assertions.Answer{}}, "failed"},
		{"an error too late", failed(), []assertions.Expectation{late}, "failed"},
		{
			"an error of another call", failed(),
			[]assertions.Expectation{assertions.Answer{Call: 2, Outcome: assertions.Outcomes{"failed"}}},
			"failed",
		},
		{"nothing about the answer", failed(), nil, "failed"},
		{"an answer", healthy(), []assertions.Expectation{either}, "answered"},
		{
			"an error when nothing better was left", stranded(),
			[]assertions.Expectation{assertions.Answer{From: "secondary"}},
			"safe",
		},
		{
			"an error when something better was", restartable(),
			[]assertions.Expectation{assertions.Answer{From: "secondary"}},
			"failed",
		},
		{"a hang", cut(60), []assertions.Expectation{either}, "hung"},
		{"another order", shuffled(), []assertions.Expectation{either}, "reordered"},
		{"no caller", hidden, []assertions.Expectation{either}, "unseen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := assertions.Judge(tt.run, assertions.Must(tt.expect...)).Words
			if !slices.Equal(got, []string{tt.want}) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
