package assertions_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

var (
	client = timeline.ClientLane(1)
	first  = timeline.ProviderLane("primary", 1, 1)
	again  = timeline.ProviderLane("primary", 1, 2)
	second = timeline.ProviderLane("secondary", 1, 1)
)

func at(s float64, lane string, kind timeline.Kind, text string) timeline.Event {
	d := time.Duration(s * float64(time.Second))
	return timeline.Event{At: d, Until: d, Lane: lane, Kind: kind, Text: text, Count: 1}
}

func run(events ...timeline.Event) timeline.Timeline {
	seq := map[string]int{}
	for i := range events {
		seq[events[i].Lane]++
		events[i].Seq = seq[events[i].Lane]
	}
	timeline.Sort(events)
	return timeline.Timeline{Run: timeline.Run{
		Providers: []timeline.Provider{{Name: "primary"}, {Name: "secondary"}}, Calls: []timeline.Call{{}},
	}, Events: events}
}

// fellBack is a run whose primary stalls until kill, and whose secondary answers a second later.
func fellBack(kill float64) timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, "hi"),
		at(0, first, timeline.RequestReceived, ""), at(0, first, timeline.HeadersSent, "200"),
		at(kill, first, timeline.ClientDisconnected, ""),
		at(kill, second, timeline.RequestReceived, ""), at(kill, second, timeline.HeadersSent, "200"),
		at(kill+1, second, timeline.TextSent, "hello"), at(kill+1, client, timeline.TextReceived, "hello"),
		at(kill+1, second, timeline.FinishSent, "stop"), at(kill+1, second, timeline.ResponseEnded, ""),
		at(kill+1, client, timeline.CallAnswered, ""),
	)
}

// without drops the events of one kind in one lane.
func without(t timeline.Timeline, lane string, kind timeline.Kind) timeline.Timeline {
	var kept []timeline.Event
	for _, e := range t.Events {
		if e.Lane != lane || e.Kind != kind {
			kept = append(kept, e)
		}
	}
	t.Events = kept
	return t
}

func with(t timeline.Timeline, events ...timeline.Event) timeline.Timeline {
	return run(append(append([]timeline.Event(nil), t.Events...), events...)...)
}

func cut(after float64) timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(after, client, timeline.CallCut, ""), at(after, first, timeline.ClientDisconnected, ""),
	)
}

func TestExpectations(t *testing.T) {
	answered := without(fellBack(10), first, timeline.ClientDisconnected)
	failed := run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""), at(1, first, timeline.ConnectionCut, ""),
		at(3, client, timeline.CallFailed, "unexpected EOF"),
	)
	healthy := run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""), at(1, first, timeline.TextSent, "hello"),
		at(1, first, timeline.FinishSent, "stop"), at(1, first, timeline.ResponseEnded, ""),
		at(1, client, timeline.TextReceived, "hello"), at(1, client, timeline.CallAnswered, ""),
	)
	const (
		passed  = assertions.Passed
		unknown = assertions.Unknown
		broken  = assertions.Failed
	)
	tests := []struct {
		name   string
		run    timeline.Timeline
		expect assertions.Expectation
		want   assertions.Verdict
		says   string
	}{
		{"fallback in time", fellBack(10), assertions.TimeToFallback{Max: 10 * time.Second}, passed, "took 10s"},
		{"fallback too late", fellBack(10.5), assertions.TimeToFallback{Max: 10 * time.Second}, broken, "took 10.5s, limit 10s"},
		{"no fallback", healthy, assertions.TimeToFallback{Max: time.Minute}, broken, "never happened"},
		{"hung past the limit", cut(60), assertions.TimeToFallback{Max: time.Minute}, broken, "cut at its deadline after 1m0s"},
		{"cut before the limit", cut(59), assertions.TimeToFallback{Max: time.Minute}, unknown, "before the limit"},
		{"first content in time", fellBack(10), assertions.TimeToFirstContent{Max: 11 * time.Second}, passed, "11s"},
		{"first content too late", fellBack(10), assertions.TimeToFirstContent{Max: 10 * time.Second}, broken, "11s"},
		{"no content", failed, assertions.TimeToFirstContent{Max: time.Minute}, broken, "unexpected EOF"},
		{"answer in time", fellBack(10), assertions.TimeToAnswer{Max: 11 * time.Second}, passed, "11s"},
		{"answer too late", fellBack(10), assertions.TimeToAnswer{Max: 10 * time.Second}, broken, "11s"},

		{"answered from", fellBack(10), assertions.Answer{From: "secondary"}, passed, "answered by secondary"},
		{"answered from another", fellBack(10), assertions.Answer{From: "primary"}, broken, "got that of secondary"},
		{"failed where an answer is expected", failed, assertions.Answer{}, broken, "failed after 3s: unexpected EOF"},
		{"of one call that was made", fellBack(10), assertions.Answer{Call: 1, From: "secondary"}, passed, "answered by secondary"},
		{"of one call that was answered by another", fellBack(10), assertions.Answer{Call: 1, From: "primary"}, broken, "got that of secondary"},
		{"of a call that was never made", fellBack(10), assertions.Answer{Call: 2}, unknown, "call 2 was never made"},
		{"failed as expected", failed, assertions.Answer{Outcome: "failed"}, passed, ""},
		{"failed too late", failed, assertions.Answer{Outcome: "failed", Within: time.Second}, broken, "2s after its last request"},
		{"failed in time", failed, assertions.Answer{Outcome: "failed", Within: 2 * time.Second}, passed, ""},
		{"half a tool call", run(
			at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
			at(1, first, timeline.ToolCallSent, `weather{"city": "Pa`), at(1, client, timeline.ToolCallReceived, `weather{"city": "Pa`),
			at(1, first, timeline.FinishSent, "tool_calls"), at(1, client, timeline.CallAnswered, ""),
		), assertions.Answer{}, broken, "a part of a tool call of primary"},
		{"hung", cut(60), assertions.Answer{Outcome: "failed"}, broken, "hung"},
		{"no restart", fellBack(10), assertions.Answer{Restarts: new(0)}, passed, ""},
		{"a restart too few", fellBack(10), assertions.Answer{Restarts: new(1)}, broken, "expected 1 restart markers, got 0"},
		{"an outcome that does not exist", healthy, assertions.Answer{Outcome: "fine"}, unknown, "no such outcome"},

		{"attempts within", fellBack(10), assertions.Attempts{"primary": {Min: new(1), Max: new(1)}}, passed, "exactly 1"},
		{"too many attempts", with(fellBack(10), at(5, again, timeline.RequestReceived, "")), assertions.Attempts{"primary": {Max: new(1)}}, broken, "received 2 requests"},
		{"too few attempts", healthy, assertions.Attempts{"secondary": {Min: new(1)}}, broken, "received 0 requests"},
		{"attempts of a stranger", healthy, assertions.Attempts{"tertiary": {Max: new(1)}}, unknown, "no provider tertiary"},

		{"stayed", healthy, assertions.NoFallback{}, passed, ""},
		{"abandoned", fellBack(10), assertions.NoFallback{}, broken, "secondary received a request after 10s"},

		{"closed at once", fellBack(10), assertions.ConnectionClosed{Provider: "primary", Within: time.Second}, passed, ""},
		{"never closed", answered, assertions.ConnectionClosed{Provider: "primary", Within: time.Second}, broken, "never closed"},
		{
			"closed late", with(answered, at(12.5, first, timeline.ClientDisconnected, "")),
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			broken, "closed 1.5s after",
		},
		{
			"left open beside a retry", with(failed, at(0.5, again, timeline.RequestReceived, "")),
			assertions.ConnectionClosed{Provider: "primary", Within: 100 * time.Millisecond},
			broken, "",
		},
		{"never asked", healthy, assertions.ConnectionClosed{Provider: "secondary", Within: time.Second}, unknown, "received no request"},

		{"nothing left", healthy, assertions.NoLeaks{}, passed, ""},
		{"a connection left", with(healthy, at(9, timeline.WorldLane, timeline.ConnectionLeaked, "primary:80")), assertions.NoLeaks{}, broken, "primary:80"},
		{"a goroutine left", with(healthy, at(9, timeline.WorldLane, timeline.GoroutineLeaked, "main.go:7")), assertions.NoLeaks{}, broken, "main.go:7"},
	}
	seen := map[string]map[assertions.Verdict]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.expect.Judge(tt.run)
			if f.Verdict != tt.want || !strings.Contains(f.Message, tt.says) || f.Message == "" {
				t.Errorf("got %s: %q, want %s: …%s…", f.Verdict, f.Message, tt.want, tt.says)
			}
			for _, i := range f.Events {
				if i < 0 || i >= len(tt.run.Events) {
					t.Errorf("finding rests on event %d of %d", i, len(tt.run.Events))
				}
			}
			name := tt.expect.Name()
			if seen[name] == nil {
				seen[name] = map[assertions.Verdict]bool{}
			}
			seen[name][f.Verdict] = true
		})
	}
	// Teeth: every expectation was seen to pass one run and to fail another.
	for _, e := range assertions.All() {
		if !seen[e.Name()][passed] || !seen[e.Name()][broken] {
			t.Errorf("%s: no run that passes it, or none that fails it", e.Name())
		}
	}
}

func TestSlowestCallDecides(t *testing.T) {
	tl := fellBack(10)
	two := timeline.ClientLane(2)
	tl.Run.Calls = append(tl.Run.Calls, timeline.Call{})
	tl.Events = append(tl.Events,
		at(100, two, timeline.CallStarted, ""), at(100, timeline.ProviderLane("primary", 2, 2), timeline.RequestReceived, ""),
		at(130, timeline.ProviderLane("secondary", 2, 2), timeline.RequestReceived, ""), at(131, two, timeline.CallFailed, "x"))
	f := assertions.TimeToFallback{Max: 20 * time.Second}.Judge(tl)
	if f.Verdict != assertions.Failed || f.Got != timeline.Seconds(30*time.Second) {
		t.Errorf("got %s with %v, want failed with the second call's 30s", f.Verdict, f.Got)
	}
}

func TestPremises(t *testing.T) {
	start := at(0, client, timeline.CallStarted, "")
	asked := at(0, first, timeline.RequestReceived, "")
	refused := timeline.ProviderLane("primary", 1, 0)
	tests := []struct {
		name string
		run  timeline.Timeline
		want assertions.Verdict
		says string
	}{
		{"panic", run(start, asked, at(1, client, timeline.CallPanicked, "nil map")), assertions.Failed, "panicked: nil map"},
		{"blocked", run(start, asked, at(1, client, timeline.CallBlocked, "mutex")), assertions.Failed, "never returned: mutex"},
		{"harness", run(start, at(1, timeline.WorldLane, timeline.HarnessFailed, "no port")), assertions.Unknown, "no port"},
		{"not asked", run(start, at(1, client, timeline.CallFailed, "no route")), assertions.Failed, "never sent a request to primary, the first of its chain; it returned: no route"},
		{
			"refused", run(start, at(0, refused, timeline.RequestReceived, "POST /v2"), at(0, refused, timeline.ProblemSent, "404 not found")),
			assertions.Failed, "refused every request: POST /v2 → 404 not found",
		},
		{"no providers", timeline.Timeline{}, assertions.Unknown, "names no provider"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.run, []assertions.Expectation{assertions.NoLeaks{}})
			if j.Verdict != tt.want || len(j.Results) != 1 || j.Results[0].Name != assertions.PremiseName || !strings.Contains(j.Results[0].Message, tt.says) {
				t.Errorf("got %+v, want a broken premise, %s: %s", j, tt.want, tt.says)
			}
			ok, err := assertions.HaveLeakedNothing().Match(tt.run)
			var premise *assertions.PremiseError
			if ok || !errors.As(err, &premise) {
				t.Errorf("matcher says %v, %v; want a PremiseError", ok, err)
			}
		})
	}
}

func TestNothingExpectedIsUnknown(t *testing.T) {
	if j := assertions.Judge(fellBack(1), nil); j.Verdict != assertions.Unknown {
		t.Errorf("got %s, want unknown", j.Verdict)
	}
}

func TestWorst(t *testing.T) {
	order := []assertions.Verdict{assertions.Skipped, assertions.Passed, assertions.Unknown, assertions.Failed}
	for i, a := range order {
		for k, b := range order {
			if got := assertions.Worst(a, b); got != order[max(i, k)] {
				t.Errorf("worst of %s and %s is %s", a, b, got)
			}
		}
	}
}

func TestMatchers(t *testing.T) {
	g := gomega.NewWithT(t)
	tl := fellBack(10)
	g.Expect(tl).To(assertions.HaveFallenBackWithin(10 * time.Second))
	g.Expect(&tl).NotTo(assertions.HaveFallenBackWithin(9 * time.Second))
	g.Expect(tl).To(assertions.HaveAnsweredFrom("secondary"))
	g.Expect(tl).NotTo(assertions.HaveAnsweredFrom("primary"))
	g.Expect(tl).To(gomega.And(assertions.HaveDeliveredWithin(time.Minute), assertions.HaveAnsweredWithin(time.Minute)))
	g.Expect(tl).To(assertions.HaveAttempted("primary", 1, 1))
	g.Expect(tl).NotTo(assertions.HaveAttempted("primary", 2, 3))
	g.Expect(tl).NotTo(assertions.HaveStayedOnPrimary())
	g.Expect(tl).NotTo(assertions.HaveFailedClearly())
	g.Expect(tl).To(assertions.HaveClosedConnections("primary", time.Second))
	g.Expect(tl).To(assertions.HaveLeakedNothing())

	m := assertions.HaveFallenBackWithin(time.Second)
	if ok, err := m.Match(tl); ok || err != nil {
		t.Fatalf("got %v, %v", ok, err)
	}
	if got, want := m.FailureMessage(tl), "time_to_fallback: fallback took 10s, limit 1s"; got != want {
		t.Errorf("failure message %q, want %q", got, want)
	}
	var unknown *assertions.UnknownError
	if _, err := assertions.HaveClosedConnections("tertiary", time.Second).Match(tl); !errors.As(err, &unknown) {
		t.Errorf("got %v, want an UnknownError", err)
	}
	if _, err := m.Match(42); err == nil {
		t.Error("a number was taken for a run")
	}
}

func ExampleHaveFallenBackWithin() {
	m := assertions.HaveFallenBackWithin(5 * time.Minute)
	ok, err := m.Match(fellBack(907.5))
	fmt.Println(ok, err)
	fmt.Println(m.FailureMessage(nil))
	// Output:
	// false <nil>
	// time_to_fallback: fallback took 15m7.5s, limit 5m0s
}

// What stands in lists says what it is.
func TestEveryExpectationHasATitle(t *testing.T) {
	for _, e := range assertions.All() {
		if title := e.Title(); title == "" || strings.HasSuffix(title, ".") || strings.Contains(title, "\n") {
			t.Errorf("%s: the title %q has to be one line without a full stop", e.Name(), title)
		}
	}
}
