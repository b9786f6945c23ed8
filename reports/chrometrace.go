package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// NewChromeTrace starts a trace in the Trace Event Format, which ui.perfetto.dev and
// chrome://tracing open: a process for each run, and in it a thread for each lane. Phases are
// slices, and kills, closes and decisions are instants. An arrow leads from a kill to its close. It
// writes each run as soon as it is added.
//
// A run without a timeline has a slice for each call only.
func NewChromeTrace(w io.Writer, _ Header) Stream { return &chromeStream{w: w} }

type chromeStream struct {
	w io.Writer
	// runs counts the runs, and flows the arrows. Their numbers are the ids.
	runs, flows int
	some        bool
}

// A chromeEvent is an event of the Trace Event Format.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
type chromeEvent struct {
	Name     string `json:"name"`
	Category string `json:"cat,omitempty"`
	// Phase is M for a name, X for a slice, i for an instant, and s and f for the ends of an arrow.
	Phase    string       `json:"ph"`
	Time     chromeMicros `json:"ts"`
	Duration chromeMicros `json:"dur,omitempty"`
	Process  int          `json:"pid"`
	Thread   int          `json:"tid"`
	// Scope of an instant is t, its thread.
	Scope string `json:"s,omitempty"`
	ID    int    `json:"id,omitempty"`
	// Binding is e for an arrow that ends in the slice around it.
	Binding string         `json:"bp,omitempty"`
	Args    map[string]any `json:"args,omitempty"`
}

// chromeMicros is a time in microseconds, exact to the nanosecond in JSON.
type chromeMicros timeline.Seconds

// MarshalJSON writes a decimal number without an exponent.
func (m chromeMicros) MarshalJSON() ([]byte, error) {
	text := strconv.FormatInt(int64(m)/int64(time.Microsecond), 10)
	if rest := int64(m) % int64(time.Microsecond); rest > 0 {
		text += fmt.Sprintf(".%03d", rest)
	}
	return []byte(text), nil
}

var _ json.Marshaler = chromeMicros(0)

// Add writes the events of the run.
func (s *chromeStream) Add(run Run) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	for _, e := range s.events(run) {
		text.WriteString(s.before())
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("reports: chrome-trace: %w", err)
		}
		text.Truncate(text.Len() - 1) // the line's end
	}
	if err := writeAll(s.w, text.Bytes()); err != nil {
		return fmt.Errorf("reports: chrome-trace: %w", err)
	}
	return nil
}

// before returns what stands before the next event.
func (s *chromeStream) before() string {
	if s.some {
		return ",\n"
	}
	s.some = true
	return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
}

// Close ends the list.
func (s *chromeStream) Close(Summary) error {
	end := "\n]}\n"
	if !s.some {
		end = s.before() + "]}\n"
	}
	if err := writeAll(s.w, []byte(end)); err != nil {
		return fmt.Errorf("reports: chrome-trace: %w", err)
	}
	return nil
}

// events returns the events of the next run.
func (s *chromeStream) events(run Run) []chromeEvent {
	s.runs++
	p := chromeProcess{stream: s, pid: s.runs}
	p.name("process_name", 0, run.Label()+": "+run.Verdict.String())
	p.order("process_sort_index", 0, s.runs)
	lanes := swimlanes(run).Lanes
	if len(lanes) == 0 {
		p.calls(run)
	}
	for i, lane := range lanes {
		p.name("thread_name", i+1, lane.Name)
		p.order("thread_sort_index", i+1, i+1)
		p.lane(lanes, i)
	}
	p.all[0].Args["sentence"] = Sentence(run)
	return p.all
}

// A chromeProcess makes the events of a run.
type chromeProcess struct {
	stream *chromeStream
	pid    int
	all    []chromeEvent
}

func (p *chromeProcess) add(e chromeEvent) {
	e.Process = p.pid
	p.all = append(p.all, e)
}

// name names the process or a thread.
func (p *chromeProcess) name(what string, thread int, name string) {
	p.add(chromeEvent{Name: what, Phase: "M", Thread: thread, Args: map[string]any{"name": name}})
}

// order says where the process or a thread stands among the others.
func (p *chromeProcess) order(what string, thread, at int) {
	p.add(chromeEvent{Name: what, Phase: "M", Thread: thread, Args: map[string]any{"sort_index": at}})
}

// calls adds a slice for each call of a run without a timeline, by its measures.
func (p *chromeProcess) calls(run Run) {
	for i, c := range run.Calls {
		name := "caller"
		if len(run.Calls) > 1 {
			name = fmt.Sprintf("caller %d", i+1)
		}
		p.name("thread_name", i+1, name)
		p.add(chromeEvent{
			Name: "call", Category: "call", Phase: "X", Thread: i + 1,
			Duration: chromeMicros(total(c.Measures.WhereTimeWent)),
			Args:     map[string]any{"outcome": c.Word, "answered_by": c.AnsweredBy, "attempts": c.Measures.Attempts},
		})
	}
}

// lane adds the slices and instants of a lane.
func (p *chromeProcess) lane(lanes []swimLane, at int) {
	lane := lanes[at]
	for _, bar := range lane.Bars {
		e := chromeEvent{
			Name: string(bar.Phase), Category: "phase", Phase: "X", Time: chromeMicros(bar.From),
			Duration: chromeMicros(bar.To - bar.From), Thread: at + 1,
		}
		e.Args = map[string]any{}
		if bar.Beats > 0 {
			e.Args["heartbeats"] = bar.Beats
		}
		if bar.Lane >= 0 {
			e.Args["waits_for"] = lanes[bar.Lane].Name
		}
		p.add(e)
	}
	for _, mark := range lane.Marks {
		p.instant(at, string(mark.Kind), mark.At, mark.Text)
	}
	if _, end := lane.extent(); lane.Limit != nil && *lane.Limit < end {
		p.instant(at, "limit", *lane.Limit, "fallback was due")
	}
	if lane.Fallback != nil {
		p.instant(at, "fallback", *lane.Fallback, "")
	}
	p.arrow(lanes, at)
}

// instant adds an instant of a lane.
func (p *chromeProcess) instant(lane int, name string, at timeline.Seconds, text string) {
	e := chromeEvent{Name: name, Category: "mark", Phase: "i", Time: chromeMicros(at), Thread: lane + 1, Scope: "t"}
	if text != "" {
		e.Args = map[string]any{"text": text}
	}
	p.add(e)
}

// arrow leads from the caller at the kill of its request to the close that the provider saw.
func (p *chromeProcess) arrow(lanes []swimLane, at int) {
	var kill, closed *swimMark
	for i, mark := range lanes[at].Marks {
		switch mark.Kind { //nolint:exhaustive // only these two
		case markKill, markCut:
			kill = &lanes[at].Marks[i]
		case markClose:
			closed = &lanes[at].Marks[i]
		}
	}
	if kill == nil || closed == nil {
		return
	}
	from := at
	for i, lane := range lanes {
		if lane.Kind == laneOfCaller && lane.Call == lanes[at].Call {
			from = i
		}
	}
	p.stream.flows++
	end := chromeEvent{Name: "kill to close", Category: "kill", ID: p.stream.flows}
	begin := end
	begin.Phase, begin.Time, begin.Thread = "s", chromeMicros(kill.At), from+1
	end.Phase, end.Time, end.Thread, end.Binding = "f", chromeMicros(closed.At), at+1, "e"
	p.add(begin)
	p.add(end)
}
