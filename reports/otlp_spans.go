package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// A tracer makes the spans of a run.
type tracer struct {
	run   Run
	lanes []swimLane
	start time.Time
	// trace is the trace's id, and root that of the run's span.
	trace, root string
}

// newTracer returns the tracer of a run that began at start. The ids are hashes of what makes the
// run another one: scenario, engine, clock, seed and start.
func newTracer(run Run, start time.Time) tracer {
	t := tracer{run: run, lanes: swimlanes(run).Lanes, start: start}
	t.trace = otlpID(16, run.Scenario, run.SHA256, run.Target, run.TargetVersion, run.Policy, run.Clock,
		strconv.FormatUint(run.Seed, 10), strconv.FormatInt(start.UnixNano(), 10))
	t.root = t.id("run")
	return t
}

// id returns the id of a span of the trace.
func (t tracer) id(name string) string { return otlpID(8, t.trace, name) }

// call returns the id of the span of a call, and the run's for a request without a call.
func (t tracer) call(n int) string {
	if n == 0 {
		return t.root
	}
	return t.id(timeline.ClientLane(n))
}

// at returns a time of the run.
func (t tracer) at(s timeline.Seconds) otlpNanos {
	return otlpNanos(t.start.Add(s.Duration()).UnixNano())
}

// spans returns the run's span, those of its calls, and those of its requests.
func (t tracer) spans() []otlpSpan {
	all := []otlpSpan{t.ofRun()}
	for i, c := range t.run.Calls {
		at := slices.IndexFunc(t.lanes, func(l swimLane) bool { return l.Kind == laneOfCaller && l.Call == i+1 })
		lane := swimLane{Kind: laneOfCaller, Call: i + 1}
		if at >= 0 {
			lane = t.lanes[at]
		}
		all = append(all, t.ofCall(lane, c))
	}
	for _, lane := range t.lanes {
		if lane.Kind == laneOfRequest {
			all = append(all, t.ofRequest(lane))
		}
	}
	return all
}

// span returns a span without attributes.
func (t tracer) span(id, parent, name string, kind int, from, to timeline.Seconds) otlpSpan {
	return otlpSpan{
		TraceID: t.trace, SpanID: id, Parent: parent, Name: name, Kind: kind,
		Start: t.at(from), End: t.at(max(from, to)),
	}
}

// event adds an event, unless the span has enough of them.
func (s *otlpSpan) event(at otlpNanos, name string, attributes ...otlpAttribute) {
	if len(s.Events) == mostSpanEvents {
		s.Dropped++
		return
	}
	s.Events = append(s.Events, otlpEvent{Time: at, Name: "chaosrun." + name, Attributes: attributes})
}

// fails sets the status and error.type, a word for the kind of error.
func (s *otlpSpan) fails(kind, message string) {
	s.Status = otlpStatus{Code: otlpError, Message: message}
	s.Attributes = append(s.Attributes, otlpText("error.type", kind))
}

// ofRun returns the span of the run. What the engine said of itself are its events, and behind them
// what does not hold.
func (t tracer) ofRun() otlpSpan {
	r := t.run
	s := t.span(t.root, "", "run "+r.Scenario, otlpInternal, 0, r.Simulated)
	s.Attributes = otlpTextsOf([][2]string{
		{"chaosrun.scenario", r.Scenario},
		{"chaosrun.scenario.title", r.Title},
		{"chaosrun.scenario.sha256", r.SHA256},
		{"chaosrun.scenario.issue", r.Issue},
		{"chaosrun.target", r.Target},
		{"chaosrun.target.version", r.TargetVersion},
		{"chaosrun.policy", r.Policy},
		{"chaosrun.clock", r.Clock},
		{"chaosrun.seed", strconv.FormatUint(r.Seed, 10)},
		{"chaosrun.verdict", r.Verdict.String()},
		{"chaosrun.sentence", Sentence(r)},
		{"chaosrun.skip_reason", r.SkipReason},
		{"chaosrun.advice", r.Advice},
		{"chaosrun.replay", r.Replay},
	}...)
	for _, lane := range t.lanes {
		for _, mark := range lane.Marks {
			if mark.Kind == markDecided {
				s.event(t.at(mark.At), "decision", otlpText("chaosrun.text", mark.Text))
			}
		}
	}
	for _, e := range r.Expectations {
		if e.Verdict != assertions.Passed {
			s.event(t.at(r.Simulated), "expectation", otlpTextsOf([][2]string{
				{"chaosrun.expectation", e.Name},
				{"chaosrun.verdict", e.Verdict.String()},
				{"chaosrun.text", e.Message},
				{"chaosrun.advice", e.Advice},
			}...)...)
		}
	}
	if r.Verdict == assertions.Failed {
		s.fails(r.Verdict.String(), Sentence(r))
	}
	return s
}

// ofCall returns the span of a call. lane has no bars if the run has no timeline; then the call
// lasts as long as its measures say.
func (t tracer) ofCall(lane swimLane, c Call) otlpSpan {
	from, to := lane.extent()
	if len(lane.Events) == 0 {
		to = total(c.Measures.WhereTimeWent)
	}
	asked := t.asked(lane.Call)
	s := t.span(t.call(lane.Call), t.root, asked.name(), otlpClient, from, to)
	s.Attributes = append(asked.attributes(), otlpBool("gen_ai.request.stream", c.Stream))
	s.Attributes = append(s.Attributes, otlpTextsOf([2]string{"gen_ai.response.model", c.Model})...)
	if c.Finish != "" {
		s.Attributes = append(s.Attributes, otlpTexts("gen_ai.response.finish_reasons", c.Finish))
	}
	var in, out int
	if n, err := fmt.Sscanf(c.Usage, "%d in, %d out", &in, &out); n == 2 && err == nil {
		s.Attributes = append(s.Attributes, otlpInt("gen_ai.usage.input_tokens", in),
			otlpInt("gen_ai.usage.output_tokens", out))
	}
	first := c.Measures.TimeToFirstContent
	if first != nil && c.Stream {
		s.Attributes = append(s.Attributes, otlpSeconds("gen_ai.response.time_to_first_chunk", first.Duration()))
	}
	s.Attributes = append(s.Attributes, otlpInt("chaosrun.call", lane.Call))
	s.Attributes = append(s.Attributes, otlpTextsOf([][2]string{
		{"chaosrun.scenario", t.run.Scenario},
		{"chaosrun.verdict", t.run.Verdict.String()},
		{"chaosrun.outcome", c.Word},
		{"chaosrun.answered_by", c.AnsweredBy},
	}...)...)
	s.Attributes = append(s.Attributes, otlpPhases(c.Measures.WhereTimeWent)...)
	t.callEvents(&s, lane, first)
	if seen := c.Outcome != 0; seen && c.Outcome != timeline.Answered {
		message := ""
		for _, mark := range lane.Marks {
			message = mark.Text
		}
		s.fails(c.Outcome.String(), message)
	}
	return s
}

// callEvents adds what happened in a call, in the order of time. A limit that was met is left out.
func (t tracer) callEvents(s *otlpSpan, lane swimLane, first *timeline.Seconds) {
	if len(lane.Events) == 0 {
		return
	}
	from, to := lane.extent()
	if lane.Limit != nil && *lane.Limit < to {
		s.event(t.at(*lane.Limit), "limit")
	}
	if lane.Fallback != nil {
		s.event(t.at(*lane.Fallback), "fallback")
	}
	if first != nil {
		s.event(t.at(from+*first), "first_content")
	}
	slices.SortStableFunc(s.Events, func(a, b otlpEvent) int { return int(a.Time - b.Time) })
}

// ofRequest returns the span of a request.
func (t tracer) ofRequest(lane swimLane) otlpSpan {
	from, to := lane.extent()
	asked := t.askedBy(lane)
	s := t.span(t.id(timeline.ProviderLane(lane.Provider, lane.Call, lane.Attempt)), t.call(lane.Call), asked.name(),
		otlpClient, from, to)
	s.Attributes = append(asked.attributes(), otlpText("chaosrun.provider", lane.Provider),
		otlpInt("chaosrun.attempt", lane.Attempt))
	if faults := t.faults(lane); faults != nil {
		s.Attributes = append(s.Attributes, otlpTexts("chaosrun.fault", faults...))
	}
	s.Attributes = append(s.Attributes, otlpPhases(lane.phases())...)
	told := t.told(&s, lane)
	kind, message := "", ""
	for _, mark := range lane.Marks {
		switch mark.Kind {
		case markKill, markCut:
			s.event(t.at(mark.At), string(mark.Kind), otlpTextsOf([2]string{"chaosrun.text", mark.Text})...)
			if kind, message = "killed", mark.Text; mark.Kind == markCut {
				kind = "cut"
			}
		case markClose:
			s.event(t.at(mark.At), "close")
			kind = cmp.Or(kind, "killed")
		case markBroken:
			kind = mark.Text
			if kind == timeline.ResponseEnded.String() {
				kind = "unfinished"
			}
		case markAnswered, markFailed, markDecided:
		}
	}
	slices.SortStableFunc(s.Events, func(a, b otlpEvent) int { return int(a.Time - b.Time) })
	if len(lane.Marks) == 0 {
		kind = "left-open"
	}
	if kind = cmp.Or(told, kind); kind != "" {
		s.fails(kind, message)
	}
	return s
}

// faults returns the names of the faults that a request met.
func (t tracer) faults(lane swimLane) (names []string) {
	for _, met := range t.run.facts().MetBy(timeline.Attempt{Provider: lane.Provider, N: lane.Attempt}) {
		names = append(names, met.Fault)
	}
	return names
}

// told adds what the provider did, and returns the status of its error, "" for none.
func (t tracer) told(s *otlpSpan, lane swimLane) (status string) {
	first := true
	for _, bar := range lane.Bars {
		if bar.Beats > 0 {
			s.event(t.at(bar.From), "heartbeats", otlpInt("chaosrun.count", bar.Beats))
		}
	}
	for _, i := range lane.Events {
		e := t.run.Timeline[i]
		at := t.at(timeline.Seconds(e.At))
		switch e.Kind { //nolint:exhaustive // the others are in the bars and marks
		case timeline.HeadersSent:
			if code, err := strconv.Atoi(firstWord(e.Text)); err == nil {
				s.Attributes = append(s.Attributes, otlpInt("http.response.status_code", code))
				status = failing(code, status)
			}
		case timeline.TextSent, timeline.ThinkingSent, timeline.ToolCallSent, timeline.RefusalSent:
			if first {
				s.event(at, "first_content")
			}
			first = false
		case timeline.ProblemSent:
			s.event(at, "problem", otlpText("chaosrun.text", e.Text))
			if code, err := strconv.Atoi(firstWord(e.Text)); err == nil {
				status = failing(code, status)
			}
		case timeline.FaultInjected:
			s.event(at, "fault", otlpText("chaosrun.fault", e.Text))
		}
	}
	return status
}

// failing returns the status as error.type if it is one of an error.
func failing(code int, before string) string {
	if code >= 400 && before == "" {
		return strconv.Itoa(code)
	}
	return before
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
