package reports

import (
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
	if len(run.Timeline) == 0 {
		return p
	}
	lanes := swimlanes(run).Lanes
	for _, lane := range lanes {
		if lane.Kind == laneOfCaller {
			p.lanes = append(p.lanes, callerRow(lane))
			if p.limit == 0 && lane.Limit != nil {
				p.limit = lane.Limit.Duration()
			}
			if p.fallback == 0 && lane.Fallback != nil {
				p.fallback = lane.Fallback.Duration()
			}
		}
	}
	for _, provider := range run.Providers {
		p.lanes = append(p.lanes, providerRows(provider.Name, lanes)...)
	}
	return p
}

// callerRow returns the row of a call: its wait and its answer.
func callerRow(lane swimLane) picturedLane {
	row := picturedLane{name: lane.Name}
	for _, bar := range lane.Bars {
		class := "waiting"
		if bar.Phase == timeline.Answering {
			class = "answer"
		}
		if last := len(row.bars) - 1; last >= 0 && row.bars[last].phase == class {
			row.bars[last].to = bar.To.Duration()
			continue
		}
		row.bars = append(row.bars, picturedBar{from: bar.From.Duration(), to: bar.To.Duration(), phase: class})
	}
	row.end(lane)
	return row
}

// providerRows returns the rows of a provider's requests. Requests that overlap have a row each.
func providerRows(provider string, lanes []swimLane) (rows []picturedLane) {
	var free []time.Duration
	for _, lane := range lanes {
		if lane.Provider != provider || len(lane.Bars) == 0 {
			continue
		}
		from, to := lane.Bars[0].From.Duration(), lane.Bars[len(lane.Bars)-1].To.Duration()
		i := slices.IndexFunc(free, func(at time.Duration) bool { return at <= from })
		if i < 0 {
			name := provider
			if len(rows) > 0 {
				name = ""
			}
			i, rows, free = len(rows), append(rows, picturedLane{name: name}), append(free, 0)
		}
		free[i] = to
		for _, bar := range lane.Bars {
			rows[i].bars = append(rows[i].bars, picturedBar{
				from: bar.From.Duration(), to: bar.To.Duration(), phase: pictured(bar.Phase), beats: bar.Beats,
			})
		}
		rows[i].end(lane)
	}
	if rows == nil {
		rows = []picturedLane{{name: provider}}
	}
	return rows
}

// pictured returns the class of a request's phase.
func pictured(phase timeline.Phase) string {
	switch phase {
	case timeline.Connect, timeline.Headers, timeline.Backoff:
		return "waiting"
	case timeline.Answering:
		return "answer"
	case timeline.FirstContent, timeline.Stall:
	}
	return "stall"
}

// end marks how a lane ended, at the end of the row's last bar.
func (l *picturedLane) end(lane swimLane) {
	if len(l.bars) == 0 {
		return
	}
	last := &l.bars[len(l.bars)-1]
	for _, mark := range lane.Marks {
		switch mark.Kind {
		case markKill, markClose:
			last.end = "killed"
		case markBroken, markFailed, markCut:
			last.end = "failed"
		case markAnswered:
			if lane.Kind == laneOfCaller {
				last.end = "answered"
			}
		case markDecided:
		}
	}
}

// escaped makes a text safe in SVG.
func escaped(text string) string { return html.EscapeString(strings.ToValidUTF8(text, "\uFFFD")) }
