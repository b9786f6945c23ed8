package timeline

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Story renders events for people, with one line per event, in order of time. Consecutive pieces of
// text are joined. A story of more than that many lines, 3 or more, loses its middle, and one of
// them says how much. 0 is no bound.
func Story(events []Event, lines int) string {
	told := fold(events)
	width := 0
	for _, line := range told {
		width = max(width, utf8.RuneCountInString(lane(line.event)))
	}
	head, tail := len(told), 0
	if lines > 0 && len(told) > lines {
		head = lines / 2 //nolint:mnd // a half of them
		tail = lines - 1 - head
	}
	var b strings.Builder
	for _, line := range told[:head] {
		b.WriteString(line.text(width))
	}
	if head < len(told) {
		fmt.Fprintf(&b, "%10s  … %d lines left out …\n", "", len(told)-head-tail)
	}
	for _, line := range told[len(told)-tail:] {
		b.WriteString(line.text(width))
	}
	return b.String()
}

// A storyLine is one line of a story: one or more events of one lane.
type storyLine struct {
	event Event
	count int
	until time.Duration
	said  string
}

// fold joins consecutive pieces of text of each lane. A streamed answer then takes one line per
// lane, although the events of both lanes alternate.
func fold(events []Event) []*storyLine {
	var told []*storyLine
	last := map[string]*storyLine{}
	for _, e := range events {
		prev := last[e.Lane]
		if prev != nil && prev.event.Kind == e.Kind && isPiece(e.Kind) {
			prev.count += e.Count
			prev.until = e.Until
			prev.said += e.Text
			continue
		}
		line := &storyLine{event: e, count: e.Count, until: e.Until, said: e.Text}
		last[e.Lane] = line
		told = append(told, line)
	}
	return told
}

func isPiece(k Kind) bool {
	switch k { //nolint:exhaustive // the pieces only
	case TextReceived, TextSent, ThinkingReceived, ThinkingSent,
		ToolCallReceived, ToolCallSent, RefusalSent:
		return true
	}
	return false
}

// textWidth is the maximum length of a text in a line, in runes.
const textWidth = 90

// text returns the line, with the name of its lane in a column of that width.
func (l storyLine) text(width int) string {
	text := l.said
	if !isPiece(l.event.Kind) {
		text = strings.Join(strings.Fields(text), " ") // what a program prints may have several lines
	}
	if runes := []rune(text); len(runes) > textWidth {
		text = string(runes[:textWidth]) + "…"
	}
	if isPiece(l.event.Kind) {
		text = fmt.Sprintf("%q", text)
	}
	more := ""
	if l.count > 1 {
		more = fmt.Sprintf(" (×%d until %s)", l.count, clock(l.until))
	}
	line := fmt.Sprintf("%10s  %-*s  %s %s%s", clock(l.event.At), width, lane(l.event), l.event.Kind, text, more)
	return strings.TrimRight(line, " ") + "\n"
}

// lane returns the short name of an event's lane, such as "primary #2".
func lane(e Event) string {
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

// clock formats an offset with milliseconds, so that the lines of a table align.
func clock(d time.Duration) string {
	d = d.Round(time.Millisecond)
	if d < time.Minute {
		return fmt.Sprintf("%.3fs", d.Seconds())
	}
	return fmt.Sprintf("%dm%06.3fs", int(d.Minutes()), (d % time.Minute).Seconds())
}
