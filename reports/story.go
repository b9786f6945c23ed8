package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// storyLines is the most lines that a story has; the middle of a longer one is left out.
const storyLines = 60

// Story tells a timeline for people: one line per thing that happened, in order of time, with
// pieces of text in a row told as one.
func Story(events []timeline.Event) string { return story(events) }

func story(events []timeline.Event) string {
	told := fold(events)
	var b strings.Builder
	for i, line := range told {
		if len(told) > storyLines && i == storyLines/2 {
			fmt.Fprintf(&b, "%10s  … %d lines left out …\n", "", len(told)-storyLines)
		}
		if len(told) > storyLines && i >= storyLines/2 && i < len(told)-storyLines/2 {
			continue
		}
		b.WriteString(line.String())
	}
	return b.String()
}

// A telling is one or more events of one lane told as one line.
type telling struct {
	event timeline.Event
	count int
	until time.Duration
	text  string
}

// fold joins pieces of text that follow each other within their lane, so that one told answer is
// one line in each lane although the two sides took turns.
func fold(events []timeline.Event) []*telling {
	var told []*telling
	last := map[string]*telling{}
	for _, e := range events {
		prev := last[e.Lane]
		if prev != nil && prev.event.Kind == e.Kind && isPiece(e.Kind) {
			prev.count += e.Count
			prev.until = e.Until
			prev.text += e.Text
			continue
		}
		line := &telling{event: e, count: e.Count, until: e.Until, text: e.Text}
		last[e.Lane] = line
		told = append(told, line)
	}
	return told
}

func isPiece(k timeline.Kind) bool {
	switch k { //nolint:exhaustive // the pieces only
	case timeline.TextReceived, timeline.TextSent, timeline.ThinkingReceived, timeline.ThinkingSent,
		timeline.ToolCallReceived, timeline.ToolCallSent, timeline.RefusalSent:
		return true
	}
	return false
}

// textWidth is how much of a text one line shows, in runes.
const textWidth = 90

func (t telling) String() string {
	text := t.text
	if runes := []rune(text); len(runes) > textWidth {
		text = string(runes[:textWidth]) + "…"
	}
	if isPiece(t.event.Kind) {
		text = fmt.Sprintf("%q", text)
	}
	more := ""
	if t.count > 1 {
		more = fmt.Sprintf(" (×%d until %s)", t.count, clock(t.until))
	}
	line := fmt.Sprintf("%10s  %-28s %s %s%s", clock(t.event.At), lane(t.event), t.event.Kind, text, more)
	return strings.TrimRight(line, " ") + "\n"
}

// lane is a lane's name for people: "primary #2".
func lane(e timeline.Event) string {
	name, found := strings.CutPrefix(e.Lane, "provider/")
	if !found {
		return strings.TrimPrefix(e.Lane, "client/")
	}
	name, _, _ = strings.Cut(name, "/call-")
	if e.Attempt == 0 {
		return name
	}
	return fmt.Sprintf("%s #%d", name, e.Attempt)
}

// clock is an offset with milliseconds, which keeps lines of one table aligned.
func clock(d time.Duration) string {
	d = d.Round(time.Millisecond)
	if d < time.Minute {
		return fmt.Sprintf("%.3fs", d.Seconds())
	}
	return fmt.Sprintf("%dm%06.3fs", int(d.Minutes()), (d % time.Minute).Seconds())
}
