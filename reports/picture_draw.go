package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// Sizes of a picture, in pixels.
const (
	pictureWidth  = 960
	pictureLeft   = 110 // the names of the lanes
	pictureRight  = 24
	pictureLane   = 26
	pictureBar    = 14
	pictureHead   = 30
	pictureAxis   = 44
	pictureMargin = 16
	labelWidth    = 58 // of a time on the axis
	mostBeats     = 60 // ticks of a bar
)

// pictureStyle follows the reader's light or dark colours.
const pictureStyle = `<style>
svg{--paper:#fff;--ink:#1f2328;--quiet:#656d76;--line:#d0d7de;--wait:#c9d1d9;--stall:#f4b8b0;--answer:#4c9a62;--bad:#b3261e;--good:#1a7f37}
@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--quiet:#8d96a0;--line:#30363d;--wait:#484f58;--stall:#7a3b36;--answer:#3f8f57;--bad:#ff7b72;--good:#56d364}}
.paper{fill:var(--paper);stroke:var(--line)}text{font:12px ui-sans-serif,system-ui,sans-serif;fill:var(--ink)}
.head{font-weight:600}.small{font-size:11px;fill:var(--quiet)}.waiting{fill:var(--wait)}.stall{fill:url(#hatch)}.answer{fill:var(--answer)}
.lane{stroke:var(--line)}.beat{stroke:var(--ink);stroke-opacity:.45}.limit{stroke:var(--bad);stroke-dasharray:4 3}.limit-text{fill:var(--bad);font-size:11px}
.failed{fill:var(--bad)}.passed{fill:var(--good)}.killed{fill:var(--bad);font-weight:700}.answered{fill:var(--good);font-weight:700}
</style>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" style="fill:var(--stall)"/><rect width="1.5" height="6" style="fill:var(--bad);fill-opacity:.35"/></pattern></defs>
`

// A fold maps times to pixels. Between two instants at which something happened, the width grows
// with the logarithm of the time, so that 60 ms and 5 minutes can be seen in one picture.
type fold struct {
	at []time.Duration
	x  []float64
}

// foldUnit is the time that a fold shows in proportion; longer ones are squeezed.
const foldUnit = 100 * time.Millisecond

// newFold returns the fold of instants.
func newFold(instants []time.Duration) fold {
	slices.Sort(instants)
	f := fold{at: slices.Compact(append([]time.Duration{0}, instants...))}
	total := 0.0
	for i, at := range f.at {
		if i > 0 {
			total += math.Log2(1 + float64(at-f.at[i-1])/float64(foldUnit))
		}
		f.x = append(f.x, total)
	}
	for i := range f.x {
		f.x[i] = pictureLeft + f.x[i]/max(total, 1)*(pictureWidth-pictureLeft-pictureRight)
	}
	return f
}

// of returns the position of an instant.
func (f fold) of(at time.Duration) float64 {
	i, found := slices.BinarySearch(f.at, at)
	switch {
	case found || i == 0:
		return f.x[min(i, len(f.x)-1)]
	case i == len(f.at):
		return f.x[i-1]
	}
	part := float64(at-f.at[i-1]) / float64(f.at[i]-f.at[i-1])
	return f.x[i-1] + part*(f.x[i]-f.x[i-1])
}

// instants returns when something happened in a run.
func (p picturedRun) instants() (all []time.Duration) {
	for _, lane := range p.lanes {
		for _, bar := range lane.bars {
			all = append(all, bar.from, bar.to)
		}
	}
	if p.limit > 0 {
		all = append(all, p.limit)
	}
	return all
}

// draw returns the picture.
func (s *pictureStream) draw() string {
	var instants []time.Duration
	height, title := pictureMargin, []string{}
	for _, run := range s.runs {
		instants = append(instants, run.instants()...)
		height += run.height()
		title = append(title, run.heading)
	}
	height += pictureAxis
	if s.more > 0 {
		title = append(title, fmt.Sprintf("and %d runs more", s.more))
	}
	f := newFold(instants)
	var b strings.Builder
	fmt.Fprintf(&b,
		`<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d">`+"\n",
		pictureWidth, height)
	fmt.Fprintf(&b, "<title>%s</title>\n%s", escaped(strings.Join(title, "; ")), pictureStyle)
	fmt.Fprintf(&b, `<rect class="paper" x="0.5" y="0.5" width="%d" height="%d" rx="6"/>`+"\n", pictureWidth-1,
		height-1)
	y := pictureMargin
	for _, run := range s.runs {
		run.draw(&b, f, y)
		y += run.height()
	}
	f.axis(&b, y)
	if s.more > 0 {
		fmt.Fprintf(&b, `<text class="small" x="%d" y="%d">and %d runs more</text>`+"\n", pictureMargin, height-8,
			s.more)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// height returns the pixels that a run needs.
func (p picturedRun) height() int { return pictureHead + max(1, len(p.lanes))*pictureLane }

// draw draws the lanes of a run below y.
func (p picturedRun) draw(b *strings.Builder, f fold, y int) {
	verdict := "failed"
	if p.verdict.Holds() {
		verdict = "passed"
	}
	fmt.Fprintf(b, `<text class="head" x="%d" y="%d"><tspan class="%s">● </tspan>%s</text>`+"\n", pictureMargin, y+14,
		verdict, escaped(p.heading))
	top := y + pictureHead
	if len(p.lanes) == 0 {
		fmt.Fprintf(b, `<text class="small" x="%d" y="%d">its timeline was not kept: --timeline all keeps it</text>`+
			"\n", pictureLeft, top+12)
	}
	for i, lane := range p.lanes {
		middle := top + i*pictureLane + pictureLane/2 - 4 //nolint:mnd // half of it, above the bar's middle
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text><line class="lane" x1="%d" x2="%d" y1="%d" y2="%[6]d"/>`+"\n",
			pictureMargin, middle+4, escaped(lane.name), pictureLeft, middle, pictureWidth-pictureRight)
		for _, bar := range lane.bars {
			bar.draw(b, f, middle-pictureBar/2)
		}
	}
	bottom := top + len(p.lanes)*pictureLane - 8
	if p.limit > 0 {
		x := f.of(p.limit)
		fmt.Fprintf(b,
			`<line class="limit" x1="%.1f" x2="%.1[1]f" y1="%d" y2="%d"/><text class="limit-text" x="%.1f" y="%d">limit %s</text>`+
				"\n",
			x, top-6, bottom, x+4, top-1, short(timeline.Seconds(p.limit)))
	}
	if p.fallback > 0 {
		fmt.Fprintf(b, `<text class="small" text-anchor="end" x="%.1f" y="%d">fallback %s</text>`+"\n",
			f.of(p.fallback)-5, bottom-4, short(timeline.Seconds(p.fallback)))
	}
}

// draw draws a bar whose upper edge is y.
func (r picturedBar) draw(b *strings.Builder, f fold, y int) {
	x, end := f.of(r.from), f.of(r.to)
	if end > x {
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d"/>`+"\n", r.phase, x, y, end-x,
			pictureBar)
	}
	if r.beats > 0 {
		n := min(r.beats, mostBeats, max(1, int((end-x)/3))) //nolint:mnd // pixels between two ticks
		b.WriteString(`<path class="beat" d="`)
		for i := range n {
			fmt.Fprintf(b, "M%.1f %dv%d", x+(float64(i)+0.5)*(end-x)/float64(n), y+3, pictureBar-6)
		}
		fmt.Fprintf(b, `"><title>%d heartbeats</title></path>`+"\n", r.beats)
	}
	marks := map[string]string{"killed": "✕", "failed": "✕", "answered": "✓"}
	if mark := marks[r.end]; mark != "" {
		fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%d">%s</text>`+"\n", r.end, end+2, y+pictureBar-2, mark)
	}
}

// axis draws the times below y.
func (f fold) axis(b *strings.Builder, y int) {
	fmt.Fprintf(b, `<line class="lane" x1="%d" x2="%d" y1="%d" y2="%[3]d"/>`+"\n", pictureLeft,
		pictureWidth-pictureRight, y)
	last := -math.MaxFloat64
	for i := range f.at {
		x := f.x[i]
		if x-last < labelWidth || x > pictureWidth-pictureRight+1 {
			continue
		}
		last = x
		fmt.Fprintf(b,
			`<line class="lane" x1="%.1f" x2="%.1[1]f" y1="%d" y2="%d"/><text class="small" text-anchor="middle" x="%.1[1]f" y="%[4]d">%[5]s</text>`+
				"\n",
			x, y, y+4, y+16, short(timeline.Seconds(f.at[i])))
	}
	fmt.Fprintf(b,
		`<text class="small" x="%d" y="%d">long waits are folded; hatched: the stream is open and no content comes; ticks: heartbeats; ✕ killed or failed</text>`+
			"\n",
		pictureLeft, y+34)
}
