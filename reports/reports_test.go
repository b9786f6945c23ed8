package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

func at(s float64, lane string, kind timeline.Kind, text string) timeline.Event {
	d := time.Duration(s * float64(time.Second))
	return timeline.Event{At: d, Until: d, Lane: lane, Kind: kind, Text: text, Count: 1}
}

// hang returns a run like the flagship's: a stall, a late fallback, an answer.
func hang() timeline.Timeline {
	client, first, second := timeline.ClientLane(1), timeline.ProviderLane("primary", 1, 1),
		timeline.ProviderLane("secondary", 1, 1)
	beats := at(0, first, timeline.HeartbeatSent, "")
	beats.Count, beats.Until = 30, 290*time.Second
	events := []timeline.Event{
		at(0, client, timeline.CallStarted, "say hello"),
		at(0, first, timeline.RequestReceived, "POST /v1/chat/completions"), at(0, first, timeline.HeadersSent, "200"),
		beats,
		at(300, first, timeline.ClientDisconnected, ""), at(300, timeline.EngineLane, timeline.Decided, "kill primary"),
		at(302.5, second, timeline.RequestReceived, "POST /v1/messages"),
		at(302.5, second, timeline.HeadersSent, "200"),
		at(303, second, timeline.TextSent, "hello "), at(303, client, timeline.TextReceived, "hello "),
		at(303.02, second, timeline.TextSent, "you"), at(303.02, client, timeline.TextReceived, "you"),
		at(303.02, second, timeline.FinishSent, "stop"), at(303.02, second, timeline.ResponseEnded, ""),
		at(303.02, client, timeline.CallAnswered, ""),
	}
	seq := map[string]int{}
	for i := range events {
		seq[events[i].Lane]++
		events[i].Seq = seq[events[i].Lane]
		events[i].Attempt = map[string]int{first: 1, second: 1}[events[i].Lane]
	}
	timeline.Sort(events)
	return timeline.Timeline{Run: timeline.Run{
		Scenario: "hang", Target: "failover", Policy: "p", Clock: "virtual", Seed: 7,
		Deadline: timeline.Seconds(time.Hour),
		Providers: []timeline.Provider{
			{Name: "primary", Protocol: "openai-chat"}, {Name: "secondary", Protocol: "anthropic-messages"},
		},
		Calls: []timeline.Call{{Prompt: "say hello", ContextTokens: 1000, ContextWindow: 2000, Stream: true}},
	}, Events: events}
}

// outside is hang by an engine in another process, whose caller is told about the answer.
func outside() timeline.Timeline {
	t := hang()
	t.Run.Outside, t.Run.Distortion, t.Run.Cadence = true, timeline.Seconds(12*time.Millisecond),
		timeline.Seconds(2500*time.Millisecond)
	answered := t.Find(timeline.ClientLane(1), timeline.CallAnswered)
	end := t.Events[answered].At
	t.Events[answered].Seq = 200 // behind what it is told
	for i, told := range []timeline.Event{
		{Kind: timeline.ModelReceived, Text: "large"},
		{Kind: timeline.UsageReceived, Text: "3 in, 5 out"},
		{Kind: timeline.FinishReceived, Text: "stop"},
	} {
		told.At, told.Until, told.Lane, told.Seq, told.Count = end, end, timeline.ClientLane(1), 100+i, 1
		t.Events = append(t.Events, told)
	}
	timeline.Sort(t.Events)
	return t
}

// nearby is hang in a tree whose processor time decides.
func nearby() timeline.Timeline {
	t := hang()
	t.Run.Outside = true
	s := timeline.Seconds(time.Second)
	t.Run.Evidence = &timeline.ClockEvidence{
		Passed: 600 * s, CPU: 120 * s, CallsCPU: []timeline.Seconds{110 * s}, Jumps: 3000, Looks: 4000, Busy: 900,
		Late: 7, Held: 2,
		CanaryRounds: 60,
	}
	return t
}

// report returns a report with a run of each verdict.
func report() reports.Report {
	r := reports.Report{Version: "v0", Seed: 7, SDKVersions: map[string]string{"openai-go": "v3"}}
	judged := func(t timeline.Timeline, scenario string, expected []assertions.Expected) {
		t.Run.Scenario = scenario
		run := reports.NewRun(t, assertions.Judge(t, expected))
		run.Title, run.Issue, run.Replay = "Heartbeats & <no> token", "https://github.com/o/r/issues/1",
			"chaosrun run "+scenario+" --seed 7"
		if run.NeedsReferee() {
			run.Referee = "chaosrun run " + scenario + " --clock wall --seed 7"
		}
		r.Add(run)
	}
	add := func(scenario string, expect ...assertions.Expectation) {
		judged(hang(), scenario, assertions.Must(expect...))
	}
	add("good", assertions.TimeToFallback{Max: 10 * time.Minute}, assertions.Answer{From: "secondary"})
	add("late", assertions.TimeToFallback{Max: time.Minute}, assertions.Answer{From: "secondary"})
	judged(outside(), "slow", []assertions.Expected{
		{Expectation: assertions.TimeToFallback{Max: time.Minute}, Advisory: true},
		{Expectation: assertions.Answer{From: "secondary"}},
		{Expectation: assertions.NoLeaks{}},
	})
	add("blind", assertions.ConnectionClosed{Provider: "tertiary", Within: time.Second})
	judged(nearby(), "near", assertions.Must(assertions.TimeToFallback{Max: 6 * time.Minute}))
	other := timeline.Timeline{Run: timeline.Run{
		Scenario: "other", Target: "failover", Policy: "p", Clock: "virtual", Skipped: "does not speak gemini",
	}}
	r.Add(reports.NewRun(other, assertions.Judge(other, assertions.Must(assertions.NoLeaks{}))))
	r.Summary.Unequal = []reports.Unequal{
		{Label: "late / p", Saw: []reports.Saw{
			{What: "answered primary 3 secondary 1", Runs: 2}, {What: "answered primary 2 secondary 1", Runs: 1},
		}},
	}
	r.Summary.Wall = timeline.Seconds(5 * time.Millisecond)
	return r
}

func TestGoldens(t *testing.T) {
	for _, kind := range reports.Kinds() {
		t.Run(kind, func(t *testing.T) {
			write, err := reports.ForKind(kind)
			if err != nil {
				t.Fatal(err)
			}
			var first, second bytes.Buffer
			if err := errors.Join(write(&first, report()), write(&second, report())); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first.String(), second.String()); diff != "" {
				t.Errorf("one report, two texts:\n%s", diff)
			}
			golden, got := filepath.Join("testdata", "report."+kind), first.String()
			if kind == "html" {
				got = withoutScript(t, got)
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, string(want)); diff != "" {
				t.Errorf("%s (-got +want), rewrite with -update:\n%s", golden, diff)
			}
		})
	}
}

// TestJSONIsEnoughToJudgeAgain rebuilds the timeline from a report and checks that its judgement
// is the same.
func TestJSONIsEnoughToJudgeAgain(t *testing.T) {
	var buf bytes.Buffer
	if err := reports.JSON(&buf, report()); err != nil {
		t.Fatal(err)
	}
	var read reports.Report
	if err := json.Unmarshal(buf.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	run := read.Runs[1]
	again := timeline.Timeline{
		Run:    timeline.Run{Scenario: run.Scenario, Deadline: run.Deadline, Providers: run.Providers},
		Events: run.Timeline,
	}
	for _, c := range run.Calls {
		again.Run.Calls = append(again.Run.Calls, c.Call)
	}
	want := hang()
	if diff := cmp.Diff(again.Events, want.Events); diff != "" {
		t.Errorf("events (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(again.Measures(1), want.Measures(1)); diff != "" {
		t.Errorf("measures (-got +want):\n%s", diff)
	}
	if f := (assertions.TimeToFallback{Max: time.Minute}).Judge(again); f.Verdict != assertions.Failed {
		t.Errorf("judged again it is %s", f.Verdict)
	}
}

func TestUnknownKindIsRefused(t *testing.T) {
	if _, err := reports.ForKind("yaml"); err == nil ||
		!strings.Contains(err.Error(), strings.Join(reports.Kinds(), ", ")) {
		t.Errorf("got %v, want an error that lists the kinds", err)
	}
}

// TestAnyTextIsWellFormed uses arbitrary text wherever text comes from outside. The reports must
// stay machine-readable.
func TestAnyTextIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tl := hang()
		text := rapid.String().Draw(t, "text")
		for i := range tl.Events {
			tl.Events[i].Text += text
		}
		run := reports.NewRun(tl, assertions.Judge(tl, assertions.Must(assertions.Answer{From: "primary"})))
		run.Title, run.Replay = text, text
		var r reports.Report
		r.Add(run)
		var x, j bytes.Buffer
		if err := errors.Join(reports.JUnit(&x, r), reports.JSON(&j, r)); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(j.Bytes()) {
			t.Fatalf("no JSON: %s", j.String())
		}
		for dec := xml.NewDecoder(&x); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("no XML: %v", err)
			}
		}
	})
}

// TestALongStoryIsShortened checks that a run with many events does not flood a CI log.
func TestALongStoryIsShortened(t *testing.T) {
	var events []timeline.Event
	for i := range 1000 {
		events = append(events, at(float64(i), timeline.ProviderLane("p", 1, i+1), timeline.RequestReceived, "POST"))
	}
	story := reports.Story(events)
	if n := strings.Count(story, "\n"); n != 61 || !strings.Contains(story, "… 940 lines left out …") {
		t.Errorf("the story has %d lines:\n%s", n, story)
	}
}

// broken is a writer that always fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrorsAreReported(t *testing.T) {
	for _, kind := range reports.Kinds() {
		write, err := reports.ForKind(kind)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(broken{}, report()); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: got %v, want the writer's error", kind, err)
		}
	}
}
