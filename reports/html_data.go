package reports

import (
	"encoding/json"
	"fmt"

	"github.com/chaosrun/chaosrun/timeline"
)

// mostEvents bounds the events of a run in a page. Of more, the middle is left out. mostEventRunes
// bounds the text of each.
const (
	mostEvents     = 4000
	mostEventRunes = 4000
)

// A pageRun is what the script of a page gets of a run.
type pageRun struct {
	Swim swim `json:"swim"`
	// Lanes names the lanes of the timeline, and each event has its time in seconds, the position
	// of its lane, its kind, its text, its count and when it last happened. What is usual is left
	// out at the end.
	Lanes  []string `json:"lanes"`
	Events [][]any  `json:"events"`
	// SkipAt is the position of the first event that is left out, and Skipped their number.
	SkipAt  int `json:"skip_at,omitempty"`
	Skipped int `json:"skipped,omitempty"`
}

// pageData returns the lanes and events of a run as JSON that may stand in a script element: it
// has no "<".
func pageData(run Run) ([]byte, error) {
	p := pageRun{Swim: swimlanes(run), Events: [][]any{}}
	events := run.Timeline
	if more := len(events) - mostEvents; more > 0 {
		p.SkipAt, p.Skipped = mostEvents/2, more
	}
	lanes := map[string]int{}
	for i, e := range events {
		if i >= p.SkipAt && i < p.SkipAt+p.Skipped {
			continue
		}
		at, known := lanes[e.Lane]
		if !known {
			at = len(p.Lanes)
			lanes[e.Lane] = at
			p.Lanes = append(p.Lanes, e.Lane)
		}
		p.Events = append(p.Events, pageEvent(e, at))
	}
	return json.Marshal(p)
}

// beginning returns a text as it is, or its beginning if it is too long for a page.
func beginning(text string) string {
	n := 0
	for i := range text {
		if n == mostEventRunes {
			return fmt.Sprintf("%s … (%d bytes)", text[:i], len(text))
		}
		n++
	}
	return text
}

// pageEvent returns an event as a row.
func pageEvent(e timeline.Event, lane int) []any {
	row := []any{timeline.Seconds(e.At), lane, e.Kind, beginning(e.Text)}
	if e.Count > 1 {
		return append(row, e.Count, timeline.Seconds(e.Until))
	}
	if e.Text == "" {
		return row[:3]
	}
	return row
}
