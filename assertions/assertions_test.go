package assertions_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

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

// with adds events. At one instant they come before the end of the call.
func with(t timeline.Timeline, events ...timeline.Event) timeline.Timeline {
	var before, after []timeline.Event
	for _, e := range t.Events {
		if e.Lane == client && (e.Kind == timeline.CallAnswered || e.Kind == timeline.CallFailed) {
			after = append(after, e)
		} else {
			before = append(before, e)
		}
	}
	return run(slices.Concat(before, events, after)...)
}

func cut(after float64) timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(after, client, timeline.CallCut, ""), at(after, first, timeline.ClientDisconnected, ""),
	)
}

// answered is fellBack whose primary nobody lets go of, failed a call that says so, and healthy one
// that the primary answered.
func answered() timeline.Timeline {
	return without(fellBack(10), first, timeline.ClientDisconnected)
}

func failed() timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(1, first, timeline.ConnectionCut, ""),
		at(3, client, timeline.CallFailed, "unexpected EOF"),
	)
}

func healthy() timeline.Timeline {
	return run(
		at(0, client, timeline.CallStarted, ""), at(0, first, timeline.RequestReceived, ""),
		at(1, first, timeline.TextSent, "hello"),
		at(1, first, timeline.FinishSent, "stop"), at(1, first, timeline.ResponseEnded, ""),
		at(1, client, timeline.TextReceived, "hello"), at(1, client, timeline.CallAnswered, ""),
	)
}

// A row is a run, an expectation of it, and what has to come of it: the verdict, and a part of the
// message.
type row struct {
	name   string
	run    timeline.Timeline
	expect assertions.Expectation
	want   assertions.Verdict
	says   string
}

// judges holds an expectation against its rows, one of which has to pass it and one to fail it.
func judges(t *testing.T, rows ...row) {
	t.Helper()
	seen := map[assertions.Verdict]bool{}
	for _, tt := range rows {
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
			if wrong := misadvised(f.Verdict, assertions.Advice(tt.expect, tt.run, f)); wrong != "" {
				t.Errorf("%s: %s", f.Message, wrong)
			}
			seen[f.Verdict] = true
		})
		if name := tt.expect.Name(); name != rows[0].expect.Name() {
			t.Errorf("%s has a row of %s", rows[0].expect.Name(), name)
		}
	}
	if !seen[assertions.Passed] || !seen[assertions.Failed] {
		t.Errorf("%s: no run that passes it, or none that fails it", rows[0].expect.Name())
	}
}

// TestEveryExpectationIsTested wants for each expectation a test of its own, in the file beside it.
func TestEveryExpectationIsTested(t *testing.T) {
	for _, e := range assertions.All() {
		if why := untested(e); why != "" {
			t.Errorf("%s: %s", e.Name(), why)
		}
	}
	if untested(nobodys{}) == "" {
		t.Error("an expectation without a test is taken for one that has one")
	}
}

type nobodys struct{ assertions.NoLeaks }

func (nobodys) Name() string { return "nobodys" }

// untested says what is missing of the test of an expectation.
func untested(e assertions.Expectation) string {
	file := e.Name() + "_test.go"
	source, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	typ := reflect.TypeOf(e).Name()
	if test := "func Test" + typ + "(t *testing.T) {"; !bytes.Contains(source, []byte(test)) ||
		!bytes.Contains(source, []byte("judges(t,")) {
		return file + " has no Test" + typ + " that calls judges"
	}
	return ""
}

func TestSlowestCallDecides(t *testing.T) {
	tl := fellBack(10)
	two := timeline.ClientLane(2)
	tl.Run.Calls = append(tl.Run.Calls, timeline.Call{})
	tl.Events = append(tl.Events,
		at(100, two, timeline.CallStarted, ""),
		at(100, timeline.ProviderLane("primary", 2, 2), timeline.RequestReceived, ""),
		at(130, timeline.ProviderLane("secondary", 2, 2), timeline.RequestReceived, ""),
		at(131, two, timeline.CallFailed, "x"))
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
		{
			"panic", run(start, asked, at(1, client, timeline.CallPanicked, "nil map")), assertions.Failed,
			"panicked: nil map",
		},
		{
			"blocked", run(start, asked, at(1, client, timeline.CallBlocked, "mutex")), assertions.Failed,
			"never returned: mutex",
		},
		{
			"harness", run(start, at(1, timeline.WorldLane, timeline.HarnessFailed, "no port")), assertions.Unknown,
			"no port",
		},
		{
			"not asked", run(start, at(1, client, timeline.CallFailed, "no route")), assertions.Failed,
			"never sent a request to primary, the first of its chain; it returned: no route",
		},
		{
			"refused", run(start, at(0, refused, timeline.RequestReceived, "POST /v2"),
				at(0, refused, timeline.ProblemSent, "404 not found")),
			assertions.Failed, "refused every request: POST /v2 → 404 not found",
		},
		{"no providers", timeline.Timeline{}, assertions.Unknown, "names no provider"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := assertions.Judge(tt.run, assertions.Must(assertions.NoLeaks{}))
			if j.Verdict != tt.want || len(j.Results) != 1 || j.Results[0].Name != assertions.PremiseName ||
				!strings.Contains(j.Results[0].Message, tt.says) {
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
	order := []assertions.Verdict{
		assertions.Skipped, assertions.Passed, assertions.Partial, assertions.Unknown, assertions.Failed,
	}
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
	var mistake *assertions.MistakeError
	for _, m := range []types.GomegaMatcher{
		assertions.HaveClosedConnections("primry", time.Second), assertions.HaveAttempted("primry", 1, 1),
		assertions.HaveAnsweredFrom("primry"),
	} {
		if ok, err := m.Match(tl); ok || !errors.As(err, &mistake) ||
			mistake.Reason != `the scenario has no provider "primry"; did you mean "primary"?` {
			t.Errorf("got %v, %v, want a MistakeError", ok, err)
		}
	}
	if _, err := assertions.HaveAnsweredFrom("tertiary").Match(tl); !errors.As(err, &mistake) ||
		mistake.Reason != `the scenario has no provider "tertiary"; it has primary and secondary` {
		t.Errorf("got %v, want a MistakeError", err)
	}
	if j := assertions.Judge(tl, assertions.Must(assertions.Answer{From: "primry"})); j.Verdict != assertions.Unknown ||
		!strings.Contains(j.Results[0].Message, `did you mean "primary"?`) {
		t.Errorf("a mistake of the test was judged %s: %+v", j.Verdict, j.Results)
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
