package reports_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// ended returns hang without its fallback: the call ends like that instead, after 300 s.
func ended(kind timeline.Kind, text string) timeline.Timeline {
	t := hang()
	t.Events = t.Events[:t.Find(timeline.ProviderLane("primary", 1, 1), timeline.ClientDisconnected)+1]
	t.Events = append(t.Events, at(300, timeline.ClientLane(1), kind, text))
	t.Events[len(t.Events)-1].Seq = 2
	return t
}

// answeredWith returns hang with another text for the caller.
func answeredWith(text string) timeline.Timeline {
	t := hang()
	for i, e := range t.Events {
		if e.Kind == timeline.TextReceived && e.Text == "you" {
			t.Events[i].Text = text
		}
	}
	return t
}

// with adds events to the end of hang.
func with(events ...timeline.Event) timeline.Timeline {
	t := hang()
	t.Events = append(t.Events, events...)
	return t
}

// TestSentence tells a failure of every expectation that ships, and each verdict. The sentence of
// a run that was read from JSON is the same.
func TestSentence(t *testing.T) {
	const where = "; 5m of it silence behind 30 heartbeats on 1 attempt"
	one, minute := 1, time.Minute
	skipped, panicked := hang(), ended(timeline.CallPanicked, "nil map")
	skipped.Run.Skipped = "no such protocol"
	late := hang()
	late.Events[late.Find(timeline.ProviderLane("primary", 1, 1), timeline.ClientDisconnected)].At += 33 * time.Second
	timeline.Sort(late.Events)
	open := hang()
	closed := open.Find(timeline.ProviderLane("primary", 1, 1), timeline.ClientDisconnected)
	open.Events = append(open.Events[:closed:closed], open.Events[closed+1:]...)
	leaked := at(304, timeline.WorldLane, timeline.ConnectionLeaked, "request 1 of primary is still open")
	goroutine := at(304, timeline.WorldLane, timeline.GoroutineLeaked, "goroutine [select] in f")
	for _, tt := range []struct {
		name string
		of   timeline.Timeline
		by   assertions.Expectation
		want string
	}{
		{
			"it held", hang(),
			assertions.TimeToFallback{Max: 6 * minute},
			"answered by secondary, fell back after 5m3s, limit 6m" + where,
		},
		{"late", hang(), assertions.TimeToFallback{Max: minute}, "fell back after 5m3s, limit 1m" + where},
		{
			"never, and hung", ended(timeline.CallCut, ""),
			assertions.TimeToFallback{Max: minute},
			"never fell back and hung until it was cut after 5m, limit 1m" + where,
		},
		{
			"never, and failed", ended(timeline.CallFailed, "EOF"),
			assertions.TimeToFallback{Max: minute},
			"never fell back and ended in an error after 5m, limit 1m" + where,
		},
		{
			"late content", hang(),
			assertions.TimeToFirstContent{Max: minute},
			"delivered its first content after 5m3s, limit 1m" + where,
		},
		{"late answer", hang(), assertions.TimeToAnswer{Max: minute}, "answered after 5m3s, limit 1m" + where},
		{
			"hung", ended(timeline.CallCut, ""),
			assertions.Answer{From: "secondary"},
			"hung until it was cut after 5m, though secondary could have answered" + where,
		},
		{
			"an error", ended(timeline.CallFailed, "EOF"),
			assertions.Answer{},
			"ended in an error after 5m",
		},
		{
			"empty", ended(timeline.CallAnswered, ""),
			assertions.Answer{},
			"returned success without an answer after 5m",
		},
		{
			"truncated", answeredWith(""),
			assertions.Answer{},
			"passed off a part of an answer as the whole after 5m3s",
		},
		{
			"duplicated", answeredWith("youhello you"),
			assertions.Answer{},
			"delivered parts of an answer more than once after 5m3s",
		},
		{"altered", answeredWith("me"), assertions.Answer{}, "delivered text that no provider sent after 5m3s"},
		{
			"of another provider", hang(),
			assertions.Answer{From: "primary"},
			"was answered by secondary after 5m3s rather than by primary",
		},
		{
			"restarts", hang(), assertions.Answer{Restarts: &one}, "expected 1 restart markers, got 0",
		},
		{
			"too few requests", hang(),
			assertions.Attempts{"primary": {Min: new(2)}, "secondary": {Max: new(0)}},
			"sent 1 request to primary, at least 2 expected and sent 1 request to secondary, limit 0",
		},
		{
			"a false alarm", hang(),
			assertions.NoFallback{},
			"left primary for secondary, though nothing was wrong with it",
		},
		{
			"closed late", late,
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			"closed a request to primary 30s after it had given it up, limit 1s",
		},
		{
			"never closed", open,
			assertions.ConnectionClosed{Provider: "primary", Within: time.Second},
			"never closed a request to primary that it had given up, limit 1s",
		},
		{
			"leaks", with(leaked, goroutine, goroutine),
			assertions.NoLeaks{},
			"left open when its calls were over: request 1 of primary is still open and 2 more",
		},
		{"panic", panicked, assertions.NoLeaks{}, "the engine panicked: nil map"},
		{"skipped", skipped, assertions.NoLeaks{}, "skipped: no such protocol"},
		{
			"the harness", with(at(304, timeline.WorldLane, timeline.HarnessFailed, "no ports")),
			assertions.NoLeaks{},
			"could not be judged: the harness could not look: no ports",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run := reports.NewRun(tt.of, assertions.Judge(tt.of, assertions.Must(tt.by)))
			for i := range run.Expectations { // which has its own tests
				run.Expectations[i].Advice = ""
			}
			if got := reports.Sentence(run); got != tt.want {
				t.Errorf("got  %s\nwant %s\n%+v", got, tt.want, run.Expectations)
			}
			text, err := json.Marshal(run)
			if err != nil {
				t.Fatal(err)
			}
			var read reports.Run
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatal(err)
			}
			if got := reports.Sentence(read); got != tt.want {
				t.Errorf("read from JSON: got %s, want %s", got, tt.want)
			}
			read.Timeline = nil
			if got, _, _ := strings.Cut(reports.Sentence(read), "; "); !strings.HasPrefix(tt.want, got) {
				t.Errorf("without its timeline: got %s, want the beginning of %s", got, tt.want)
			}
		})
	}
}

// TestSentenceFromMeasures tells where the time went without a timeline, and the advice.
func TestSentenceFromMeasures(t *testing.T) {
	run := reports.NewRun(hang(),
		assertions.Judge(hang(), assertions.Must(assertions.TimeToFallback{Max: time.Minute})))
	run.Timeline, run.Expectations[0].Advice = nil, "count\ncontent"
	want := "fell back after 5m3s, limit 1m; 5m of it silence; count content"
	if got := reports.Sentence(run); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSentenceOfMany tells calls that fared alike together, and names the call that failed.
func TestSentenceOfMany(t *testing.T) {
	many := hang()
	many.Run.Calls = append(many.Run.Calls, many.Run.Calls[0])
	many.Events = append(many.Events, at(400, timeline.ClientLane(2), timeline.CallStarted, "say hello"),
		at(400, timeline.ProviderLane("primary", 2, 2), timeline.RequestReceived, "POST"),
		at(400, timeline.ProviderLane("primary", 2, 2), timeline.HeadersSent, "200"),
		at(400, timeline.ProviderLane("primary", 2, 2), timeline.TextSent, "hi"),
		at(400, timeline.ProviderLane("primary", 2, 2), timeline.FinishSent, "stop"),
		at(400, timeline.ClientLane(2), timeline.TextReceived, "hi"),
		at(400, timeline.ClientLane(2), timeline.CallAnswered, ""))
	for _, tt := range []struct {
		limit time.Duration
		want  string
	}{
		{time.Hour, "call 2 of 2 never fell back and was answered by primary after 0s, limit 1h"},
		{time.Minute, "call 1 of 2 fell back after 5m3s, limit 1m; " +
			"5m of it silence behind 30 heartbeats on 1 attempt"},
	} {
		run := reports.NewRun(many, assertions.Judge(many, assertions.Must(assertions.TimeToFallback{Max: tt.limit})))
		run.Expectations[0].Advice = ""
		if got := reports.Sentence(run); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	run := reports.NewRun(many, assertions.Judge(many, assertions.Must(assertions.Answer{})))
	want := "1 of 2 calls answered by secondary, 1 of 2 calls answered by primary, the slowest fell back after 5m3s; " +
		"5m of it silence behind 30 heartbeats on 1 attempt"
	if got := reports.Sentence(run); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func ExampleSentence() {
	run := reports.NewRun(hang(),
		assertions.Judge(hang(), assertions.Must(assertions.TimeToFallback{Max: time.Minute})))
	run.Expectations[0].Advice = "count content, not bytes, as life"
	for clause := range strings.SplitSeq(reports.Sentence(run), "; ") {
		fmt.Println(clause)
	}
	// Output:
	// fell back after 5m3s, limit 1m
	// 5m of it silence behind 30 heartbeats on 1 attempt
	// count content, not bytes, as life
}
