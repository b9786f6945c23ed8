package reports

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// mostSwimLanes is how many lanes a text draws. Of more it draws the first and the last ones.
const mostSwimLanes = 8

// widestSwim is the width of a drawing on a screen that is wider.
const widestSwim = 100

// longestName is the width of the names of lanes.
const longestName = 14

// A phaseRune is how a phase is drawn.
type phaseRune struct {
	phase timeline.Phase
	draw  rune
}

// A markRune is how a mark at the end of a bar is drawn, and what the legend says of it.
type markRune struct {
	kind  markKind
	draw  rune
	words string
}

// phaseRunes draws each phase. All of them differ in ASCII too.
//
//nolint:gochecknoglobals // an immutable table
var phaseRunes = []phaseRune{
	{timeline.Connect, '~'},
	{timeline.Headers, '-'},
	{timeline.FirstContent, '═'},
	{timeline.Stall, '░'},
	{timeline.Backoff, '·'},
	{timeline.Answering, '█'},
}

// markRunes draws each mark.
//
//nolint:gochecknoglobals // an immutable table
var markRunes = []markRune{
	{markKill, '✕', "killed"},
	{markCut, '|', "cut from outside"},
	{markClose, ')', "closed late"},
	{markBroken, '!', "broken"},
	{markFailed, '!', "failed"},
	{markAnswered, '✓', "answered"},
}

const foldRune = '≈'

// A swimDrawing is a swim as text.
type swimDrawing struct {
	axis swimAxis
	// name is the width of the names, and chart that of the lanes, with a column for the last mark.
	name, chart int
	lines       []string
	// drawn holds what the legend has to say.
	drawn map[rune]string
	// unseen says that nobody saw the caller, and fine that the times are short.
	unseen, fine bool
	beats        bool
}

// swimText draws a run as lanes on one broken time axis: the callers, and the requests by provider.
// It is "" without a request.
func swimText(run Run, on Screen) string {
	s := swimlanes(run)
	s.Lanes = slices.DeleteFunc(s.Lanes, func(l swimLane) bool { return l.Kind == laneOfEngine })
	requests := slices.ContainsFunc(s.Lanes, func(l swimLane) bool { return l.Kind == laneOfRequest })
	if !requests || s.End == 0 {
		return ""
	}
	d := swimDrawing{
		drawn: map[rune]string{}, unseen: run.CallerUnseen, fine: s.End < timeline.Seconds(finely),
	}
	for _, l := range s.Lanes {
		d.name = max(d.name, wide(l.Name))
	}
	d.name = min(d.name, longestName)
	d.chart = min(on.Columns(), widestSwim) - d.name - 1
	d.axis = newSwimAxis(s, d.chart-1)
	d.lines = append(d.lines, d.times())
	more := len(s.Lanes) - mostSwimLanes
	before := ""
	for i, lane := range s.Lanes {
		switch {
		case more > 0 && i == mostSwimLanes/2:
			d.lines = append(d.lines, "… "+strconv.Itoa(more)+" more lanes")
			fallthrough
		case more > 0 && i > mostSwimLanes/2 && i < mostSwimLanes/2+more:
			before = ""
			continue
		}
		d.lane(lane, before)
		before = lane.Provider
	}
	return strings.Join(d.lines, "\n") + "\n" + on.Fold(d.legend()+"\n")
}

// row returns an empty line of the chart.
func (d *swimDrawing) row() []rune { return []rune(strings.Repeat(" ", d.chart)) }

// line joins a name and a line of the chart.
func (d *swimDrawing) line(name string, chart []rune) string {
	runes := []rune(name)
	if len(runes) > d.name {
		runes = append(runes[:d.name-1], '…')
	}
	gap := strings.Repeat(" ", d.name-len(runes)+1)
	return strings.TrimRight(string(runes)+gap+string(chart), " ")
}

// finely is the length of a run below which times have more digits.
const finely = 10 * time.Second

// time formats a time.
func (d *swimDrawing) time(at timeline.Seconds) string {
	if d.fine {
		return short(at)
	}
	return rough(at)
}

// put writes a text into a line of the chart if there is room for it, with a space at each side.
func put(chart []rune, at int, text string) bool {
	runes := []rune(text)
	if at < 0 || at+len(runes) > len(chart) {
		return false
	}
	for i := max(0, at-1); i < min(len(chart), at+len(runes)+1); i++ {
		if chart[i] != ' ' {
			return false
		}
	}
	copy(chart[at:], runes)
	return true
}

// times returns the line of the times: those of the beginning and of the end, and between them as
// many as there is room for.
func (d *swimDrawing) times() string {
	chart := d.row()
	end := d.time(d.axis.at[len(d.axis.at)-1])
	put(chart, 0, "0s")
	put(chart, d.chart-len(end), end)
	for i, folded := range d.axis.folded[:len(d.axis.at)-1] {
		if middle := (d.axis.column[i] + d.axis.column[i+1]) / 2; folded && chart[middle] == ' ' { //nolint:mnd // half
			chart[middle] = foldRune
			d.drawn[foldRune] = "time left out"
		}
	}
	last := "0s"
	for i, at := range d.axis.at {
		if text := d.time(at); text != last && put(chart, d.axis.column[i], text) {
			last = text
		}
	}
	return d.line("", chart)
}

// lane draws a lane. before is the provider of the lane above.
func (d *swimDrawing) lane(l swimLane, before string) {
	chart := d.row()
	for _, b := range l.Bars {
		d.bar(chart, b)
	}
	if l.Kind == laneOfCaller && d.unseen {
		l.Marks = nil // what the caller got is not known
	}
	for _, m := range l.Marks {
		i := slices.IndexFunc(markRunes, func(r markRune) bool { return r.kind == m.Kind })
		at := d.axis.of(m.At)
		if i < 0 || m.Kind == markClose && (chart[at] == markRunes[0].draw || chart[at] == markRunes[1].draw) {
			continue
		}
		chart[at] = markRunes[i].draw
		d.drawn[markRunes[i].draw] = markRunes[i].words
	}
	name := l.Name
	if before != "" && l.Provider == before {
		name = strings.Repeat(" ", len([]rune(before))) + strings.TrimPrefix(name, before)
	}
	d.lines = append(d.lines, d.line(name, chart))
	if below := d.below(l); below != nil {
		d.lines = append(d.lines, below...)
	}
}

// bar draws a bar, the heartbeats in it, and where its time is folded.
func (d *swimDrawing) bar(chart []rune, b swimBar) {
	from, to := d.axis.of(b.From), max(d.axis.of(b.To), d.axis.of(b.From)+1)
	i := slices.IndexFunc(phaseRunes, func(r phaseRune) bool { return r.phase == b.Phase })
	draw := phaseRunes[i].draw
	d.drawn[draw] = string(b.Phase)
	for at := from; at < to; at++ {
		chart[at] = draw
	}
	for i, folded := range d.axis.folded[:len(d.axis.at)-1] {
		left, right := d.axis.column[i], d.axis.column[i+1]
		if folded && right-left > 2 && left >= from && right <= to {
			chart[(left+right)/2] = foldRune
		}
	}
	if beats := []rune("×" + strconv.Itoa(b.Beats)); b.Beats > 0 && to-from > len(beats)+1 {
		copy(chart[from+1:], beats)
		d.beats = true
	}
}

// below returns the lines below a caller: when the fallback was due, and when it came.
func (d *swimDrawing) below(l swimLane) (lines []string) {
	var charts [][]rune
	for _, m := range []struct {
		at   *timeline.Seconds
		what string
	}{{l.Limit, "limit "}, {l.Fallback, "fallback "}} {
		if m.at == nil || *m.at > d.axis.at[len(d.axis.at)-1] {
			continue
		}
		at, words := d.axis.of(*m.at), m.what+d.time(*m.at)
		fits := func(chart []rune) bool {
			return put(chart, at, "▲ "+words) || put(chart, at-len(words)-1, words+" ▲")
		}
		if fresh := d.row(); !slices.ContainsFunc(charts, fits) && fits(fresh) {
			charts = append(charts, fresh)
		}
	}
	for _, chart := range charts {
		lines = append(lines, d.line("", chart))
	}
	return lines
}

// legend says what the characters stand for, in one line.
func (d *swimDrawing) legend() string {
	var words []string
	add := func(draw rune) {
		if said, ok := d.drawn[draw]; ok {
			words = append(words, Unbroken(string(draw)+" "+said))
			delete(d.drawn, draw)
		}
	}
	for _, r := range phaseRunes {
		add(r.draw)
	}
	for _, r := range markRunes {
		add(r.draw)
	}
	add(foldRune)
	if d.beats {
		words = append(words, Unbroken("×N heartbeats"))
	}
	return strings.Join(words, " ")
}
