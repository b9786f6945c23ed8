package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A swim is a run as lanes on one time axis. Every report that shows time draws it: a picture, a
// page, text, a trace. Times are seconds since the run began.
type swim struct {
	// Lanes holds the caller of each call, what the engine said of itself, and the requests,
	// grouped by provider in the order of the chain. It is empty if the run has no timeline.
	Lanes []swimLane `json:"lanes"`
	// End is the time of the last event.
	End timeline.Seconds `json:"end_s"`
}

// laneKind says whose lane it is.
type laneKind string

const (
	laneOfCaller  laneKind = "caller"
	laneOfEngine  laneKind = "engine"
	laneOfRequest laneKind = "request"
)

// A swimLane is one row.
type swimLane struct {
	Kind laneKind `json:"kind"`
	// Name is "caller", "caller 2", "engine" or "primary #1".
	Name string `json:"name"`
	// Provider and Attempt, from 1, belong to a lane of a request. Call, from 1, belongs to a
	// caller's too; it is 0 for a request without a call.
	Provider string `json:"provider,omitempty"`
	Call     int    `json:"call,omitempty"`
	Attempt  int    `json:"attempt,omitempty"`
	// Bars do not overlap. Those of a caller say what its call waited for, and those of a request
	// what the request did by itself.
	Bars  []swimBar  `json:"bars"`
	Marks []swimMark `json:"marks"`
	// Limit is when the fallback of a caller's call was due, and Fallback when it came. They are
	// nil if there is no such limit, and without a fallback.
	Limit    *timeline.Seconds `json:"limit_s,omitempty"`
	Fallback *timeline.Seconds `json:"fallback_s,omitempty"`
	// Events lists the lane's events, by their position in the run's timeline.
	Events []int `json:"events"`
}

// A swimBar is a time with one phase.
type swimBar struct {
	From  timeline.Seconds `json:"from_s"`
	To    timeline.Seconds `json:"to_s"`
	Phase timeline.Phase   `json:"phase"`
	// Beats counts the heartbeats in it.
	Beats int `json:"beats,omitempty"`
	// Lane is the position of the lane of the request that a caller's call waited for, -1 for none.
	Lane int `json:"lane"`
}

// markKind says what a mark stands for.
type markKind string

const (
	// markKill is the instant at which the engine gave a request up, and markClose that at which
	// the provider saw it. A late close, or none, costs tokens.
	markKill  markKind = "kill"
	markClose markKind = "close"
	// markCut takes the place of markKill where the harness or the caller ended the call.
	markCut markKind = "cut"
	// markBroken is a request that its provider ended without a whole answer.
	markBroken markKind = "broken"
	// markAnswered is a whole answer, and markFailed any other end of a call.
	markAnswered markKind = "answered"
	markFailed   markKind = "failed"
	markDecided  markKind = "decided"
)

// A swimMark is an instant in a lane.
type swimMark struct {
	At   timeline.Seconds `json:"at_s"`
	Kind markKind         `json:"kind"`
	// Text says more, in the words of the event. Event is its position in the run's timeline, -1
	// for none.
	Text  string `json:"text,omitempty"`
	Event int    `json:"event"`
}

// A swimmer finds the lanes of a run.
type swimmer struct {
	run Run
	t   timeline.Timeline
	// events holds the positions of the events of each lane of the timeline.
	events map[string][]int
	// requests holds the positions of the lanes of requests, by the name of the timeline's lane.
	requests map[string]int
	all      []swimLane
}

// swimlanes returns the lanes of a run.
func swimlanes(run Run) swim {
	w := swimmer{run: run, events: map[string][]int{}, requests: map[string]int{}, all: []swimLane{}}
	if len(run.Timeline) == 0 {
		return swim{Lanes: w.all, End: run.Simulated}
	}
	w.t = timeline.Timeline{Run: run.facts(), Events: run.Timeline}.Indexed()
	for i, e := range run.Timeline {
		w.events[e.Lane] = append(w.events[e.Lane], i)
	}
	for n := range run.Calls {
		if client, ok := w.t.Client(n + 1); ok {
			w.all = append(w.all, w.caller(client))
		}
	}
	if said := w.events[timeline.EngineLane]; said != nil {
		w.all = append(w.all, w.engine(said))
	}
	attempts := w.t.Attempts()
	for _, provider := range run.Providers {
		for _, a := range attempts {
			if a.Provider == provider.Name {
				w.requests[timeline.ProviderLane(a.Provider, a.Call, a.N)] = len(w.all)
				w.all = append(w.all, w.request(a))
			}
		}
	}
	w.own()
	return swim{Lanes: w.all, End: run.Simulated}
}

// facts returns what the timeline needs to know of the run.
func (r Run) facts() timeline.Run {
	facts := timeline.Run{
		Scenario: r.Scenario, Target: r.Target, Policy: r.Policy, Providers: r.Providers, Outside: r.Outside,
		CallerUnseen: r.CallerUnseen, StartUnseen: r.StartUnseen, Contained: r.Contained, NoRestarts: r.NoRestarts,
	}
	for _, c := range r.Calls {
		facts.Calls = append(facts.Calls, c.Call)
	}
	return facts
}

// own finds the lanes of the requests that the callers waited for.
func (w *swimmer) own() {
	for i := range w.all {
		lane := &w.all[i]
		if lane.Kind != laneOfCaller {
			continue
		}
		attempts := w.t.CallAttempts(lane.Call)
		for j, span := range w.t.Spans(lane.Call) {
			if span.Attempt < 0 {
				continue
			}
			a := attempts[span.Attempt]
			if at, ok := w.requests[timeline.ProviderLane(a.Provider, a.Call, a.N)]; ok {
				lane.Bars[j].Lane = at
			}
		}
	}
}

// caller returns the lane of a call.
func (w *swimmer) caller(c timeline.Client) swimLane {
	lane := swimLane{
		Kind: laneOfCaller, Name: "caller", Call: c.Call, Bars: []swimBar{}, Marks: []swimMark{},
		Events: w.events[timeline.ClientLane(c.Call)],
	}
	if len(w.run.Calls) > 1 {
		lane.Name = fmt.Sprintf("caller %d", c.Call)
	}
	for _, span := range w.t.Spans(c.Call) {
		lane.Bars = append(lane.Bars, newSwimBar(span))
	}
	if c.Ended >= 0 {
		end := swimMark{At: timeline.Seconds(c.End), Kind: markFailed, Text: c.EndText, Event: c.Ended}
		if c.Ending == timeline.CallAnswered {
			end.Kind = markAnswered
		}
		lane.Marks = append(lane.Marks, end)
	}
	origin := timeline.Seconds(w.t.Origin(c.Call))
	if limit, ok := w.run.fallbackLimit(); ok {
		lane.Limit = new(origin + limit)
	}
	if took := w.run.Calls[c.Call-1].Measures.TimeToFallback; took != nil {
		lane.Fallback = new(origin + *took)
	}
	return lane
}

// fallbackLimit returns the limit of the time to fallback.
func (r Run) fallbackLimit() (timeline.Seconds, bool) {
	for _, e := range r.Expectations {
		if e.Name == (assertions.TimeToFallback{}).Name() {
			return e.seconds(e.Limit)
		}
	}
	return 0, false
}

// seconds returns a time of an expectation, which is a plain number in a report that was read.
func (Expectation) seconds(v any) (timeline.Seconds, bool) {
	switch v := v.(type) {
	case timeline.Seconds:
		return v, true
	case json.Number: // of a report without units
		var s timeline.Seconds
		return s, json.Unmarshal([]byte(v), &s) == nil
	}
	return 0, false
}

// engine returns the lane of what the engine said.
func (w *swimmer) engine(said []int) swimLane {
	lane := swimLane{Kind: laneOfEngine, Name: "engine", Bars: []swimBar{}, Marks: []swimMark{}, Events: said}
	for _, i := range said {
		e := w.run.Timeline[i]
		lane.Marks = append(lane.Marks, swimMark{At: timeline.Seconds(e.At), Kind: markDecided, Text: e.Text, Event: i})
	}
	return lane
}

// request returns the lane of a request.
func (w *swimmer) request(a timeline.Attempt) swimLane {
	lane := swimLane{
		Kind: laneOfRequest, Name: fmt.Sprintf("%s #%d", a.Provider, a.N), Provider: a.Provider, Call: a.Call,
		Attempt: a.N, Bars: []swimBar{}, Marks: []swimMark{},
		Events: w.events[timeline.ProviderLane(a.Provider, a.Call, a.N)],
	}
	for _, span := range a.Spans() {
		lane.Bars = append(lane.Bars, newSwimBar(span))
	}
	for _, i := range lane.Events {
		if w.run.Timeline[i].Kind == timeline.HeartbeatSent {
			lane.beat(w.run.Timeline[i])
		}
	}
	end := swimMark{At: timeline.Seconds(a.End), Event: a.Ended}
	switch {
	case a.Open || a.Ending == timeline.ClientDisconnected && !a.Finished:
		lane.Marks = append(lane.Marks, w.killed(a)...)
	case a.Finished:
		end.Kind = markAnswered
		lane.Marks = append(lane.Marks, end)
	default:
		end.Kind, end.Text = markBroken, a.Ending.String()
		lane.Marks = append(lane.Marks, end)
	}
	return lane
}

// beat counts heartbeats in the bar in which the first of them was sent.
func (l *swimLane) beat(e timeline.Event) {
	i := slices.IndexFunc(l.Bars, func(b swimBar) bool { return timeline.Seconds(e.At) < b.To })
	if i < 0 { // it was sent at the very end
		i = len(l.Bars) - 1
	}
	if i >= 0 {
		l.Bars[i].Beats += max(1, e.Count)
	}
}

// killed returns the marks of a request that the engine gave up: when it did, as far as it said or
// showed so, and when the provider saw it.
func (w *swimmer) killed(a timeline.Attempt) (marks []swimMark) {
	client, _ := w.t.Client(a.Call)
	all := w.t.CallAttempts(a.Call)
	later := all[1+slices.IndexFunc(all, func(l timeline.Attempt) bool {
		return l.Provider == a.Provider && l.N == a.N
	}):]
	kill := swimMark{At: timeline.Seconds(client.Abandoned(a, later)), Kind: markKill, Event: -1}
	for _, i := range w.events[timeline.EngineLane] {
		e := w.run.Timeline[i]
		if e.At >= a.Start && e.At <= a.End && strings.HasPrefix(e.Text, "kill "+a.Provider+":") {
			kill.At, kill.Text, kill.Event = timeline.Seconds(e.At), e.Text, i
		}
	}
	if kill.Event < 0 && client.CutWith(a, all) {
		kill.Kind = markCut
	}
	if !a.Open {
		kill.At = min(kill.At, timeline.Seconds(a.End))
	}
	if kill.At != timeline.Seconds(timeline.Never) {
		marks = append(marks, kill)
	}
	if !a.Open {
		marks = append(marks, swimMark{
			At: timeline.Seconds(a.End), Kind: markClose, Text: a.Ending.String(), Event: a.Ended,
		})
	}
	return marks
}

func newSwimBar(s timeline.Span) swimBar {
	return swimBar{From: timeline.Seconds(s.From), To: timeline.Seconds(s.To), Phase: s.Phase, Lane: -1}
}
