package reports

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// mostPictured bounds the runs of a picture.
const mostPictured = 24

// NewSVG starts a picture of lanes: for each run a lane for the caller and one for each provider,
// on one time axis that folds long waits. Runs behind the first 24 are counted and not drawn. It
// holds those in memory until Close.
func NewSVG(w io.Writer, _ Header) Stream { return &pictureStream{w: w} }

type pictureStream struct {
	w    io.Writer
	runs []picturedRun
	more int
}

// Add keeps the run.
func (s *pictureStream) Add(run Run) error {
	if len(s.runs) == mostPictured {
		s.more++
		return nil
	}
	s.runs = append(s.runs, picture(run))
	return nil
}

// Close draws the runs.
func (s *pictureStream) Close(Summary) error {
	if _, err := io.WriteString(s.w, s.draw()); err != nil {
		return fmt.Errorf("reports: svg: %w", err)
	}
	return nil
}

// A picturedRun is what a picture shows of a run.
type picturedRun struct {
	heading string
	verdict assertions.Verdict
	// lanes is empty if the run has no timeline.
	lanes []picturedLane
	// limit is when the fallback was due, 0 for no such limit, and fallback when it came, 0 if
	// never.
	limit, fallback time.Duration
}

// A picturedLane is a row: the caller, or some requests of a provider that do not overlap.
type picturedLane struct {
	name string
	bars []picturedBar
}

// A picturedBar is a time in a lane.
type picturedBar struct {
	from, to time.Duration
	// phase is the class of its colour: waiting, stall, answer.
	phase string
	// beats are the heartbeats in it.
	beats int
	// end is the class of a mark at its end: killed, failed, answered, or "".
	end string
}

// picture returns what a picture shows of a run.
func picture(run Run) picturedRun {
	p := picturedRun{heading: run.Label() + ": " + run.Verdict.String() + ", " + headline(run), verdict: run.Verdict}
	t := timeline.Timeline{Run: timeline.Run{Providers: run.Providers}, Events: run.Timeline}.Indexed()
	if len(run.Timeline) == 0 {
		return p
	}
	attempts := t.Attempts()
	for n := range run.Calls {
		if client, ok := t.Client(n + 1); ok {
			p.lanes = append(p.lanes, callerLane(client))
		}
	}
	for _, provider := range run.Providers {
		p.lanes = append(p.lanes, providerLanes(t, provider.Name, attempts)...)
	}
	for _, a := range attempts {
		if len(run.Providers) > 0 && a.N > 0 && a.Provider != run.Providers[0].Name {
			p.fallback = a.Start
			break
		}
	}
	for _, e := range run.Expectations {
		if limit, ok := e.Limit.(timeline.Seconds); ok && e.Name == (assertions.TimeToFallback{}).Name() {
			p.limit = limit.Duration()
		}
	}
	return p
}

// callerLane returns the lane of a call: its wait and its answer.
func callerLane(c timeline.Client) picturedLane {
	lane := picturedLane{name: fmt.Sprintf("caller %d", c.Call)}
	if c.Call == 1 {
		lane.name = "caller"
	}
	ends := map[timeline.Kind]string{timeline.CallAnswered: "answered"}
	first := slices.IndexFunc(c.Deliveries, func(d timeline.Delivery) bool { return d.Text != "" })
	if first < 0 {
		lane.bars = []picturedBar{{from: c.Start, to: c.End, phase: "waiting", end: cmp.Or(ends[c.Ending], "failed")}}
		return lane
	}
	at := c.Deliveries[first].At
	lane.bars = []picturedBar{
		{from: c.Start, to: at, phase: "waiting"},
		{from: at, to: c.End, phase: "answer", end: cmp.Or(ends[c.Ending], "failed")},
	}
	return lane
}

// providerLanes returns the lanes of a provider's requests. Requests that overlap have a lane each.
func providerLanes(t timeline.Timeline, provider string, attempts []timeline.Attempt) (lanes []picturedLane) {
	var free []time.Duration
	for _, a := range attempts {
		if a.Provider != provider {
			continue
		}
		i := slices.IndexFunc(free, func(at time.Duration) bool { return at <= a.Start })
		if i < 0 {
			name := provider
			if len(lanes) > 0 {
				name = ""
			}
			i, lanes, free = len(lanes), append(lanes, picturedLane{name: name}), append(free, 0)
		}
		free[i] = a.End
		lanes[i].bars = append(lanes[i].bars, attemptBars(t, a)...)
	}
	if lanes == nil {
		lanes = []picturedLane{{name: provider}}
	}
	return lanes
}

// attemptBars cuts a request into its phases: until the headers, without content, with content.
func attemptBars(t timeline.Timeline, a timeline.Attempt) []picturedBar {
	headers, content := a.Headers, a.FirstContent
	if headers < 0 {
		headers = a.End
	}
	if content < 0 {
		content = a.End
	}
	all := []picturedBar{{from: a.Start, to: headers, phase: "waiting"}, {from: headers, to: content, phase: "stall"}}
	switch {
	case a.FirstContent < 0:
	case a.Finished:
		all = append(all, picturedBar{from: content, to: a.End, phase: "answer"})
	default:
		all = append(all, picturedBar{from: content, to: a.LastContent, phase: "answer"}, picturedBar{
			from: a.LastContent, to: a.End, phase: "stall",
		})
	}
	for _, e := range t.Events {
		if e.Lane == timeline.ProviderLane(a.Provider, a.Call, a.N) && e.Kind == timeline.HeartbeatSent {
			i := slices.IndexFunc(all, func(b picturedBar) bool { return e.At < b.to })
			if i >= 0 {
				all[i].beats += max(1, e.Count)
			}
		}
	}
	last := &all[len(all)-1]
	switch {
	case a.Ending == timeline.ClientDisconnected:
		last.end = "killed"
	case !a.Open && !a.Finished:
		last.end = "failed"
	}
	return all
}

// escaped makes a text safe in SVG.
func escaped(text string) string { return html.EscapeString(strings.ToValidUTF8(text, "\uFFFD")) }
